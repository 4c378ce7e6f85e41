//! A store whose disk is synced by hand, and may fail.

#![allow(dead_code, reason = "every test binary uses a part of it")]

use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll, Waker},
};
use klaw::{
    checkpoint::{Header, Record},
    workflow::{Entry, History, Log, Store},
};
use std::sync::{Arc, Mutex};

/// The disk of one workflow; clones are the same disk.
#[derive(Clone, Default)]
pub(crate) struct Disk(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    records: Vec<Entry>,
    /// How many of them a crash leaves.
    durable: usize,
    by_hand: bool,
    failed: bool,
    wakers: Vec<Waker>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DiskFailed;

impl fmt::Display for DiskFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the disk failed")
    }
}

impl core::error::Error for DiskFailed {}

impl Disk {
    /// A disk that syncs at once.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// A disk that holds these records.
    pub(crate) fn holding(records: &[Entry]) -> Self {
        let disk = Self::new();
        {
            let mut state = disk.0.lock().unwrap();
            state.records = records.to_vec();
            state.durable = records.len();
        }
        disk
    }

    /// From now on a record is durable when [`sync`](Self::sync) is called.
    pub(crate) fn sync_by_hand(&self) {
        self.0.lock().unwrap().by_hand = true;
    }

    pub(crate) fn sync(&self) {
        let wakers = {
            let mut state = self.0.lock().unwrap();
            state.durable = state.records.len();
            core::mem::take(&mut state.wakers)
        };
        wakers.into_iter().for_each(Waker::wake);
    }

    /// What waits for a sync, and all that comes later, fails until the disk is opened again.
    pub(crate) fn fail(&self) {
        let wakers = {
            let mut state = self.0.lock().unwrap();
            state.failed = true;
            core::mem::take(&mut state.wakers)
        };
        wakers.into_iter().for_each(Waker::wake);
    }

    /// The records that a crash would leave.
    pub(crate) fn durable(&self) -> Vec<Entry> {
        let state = self.0.lock().unwrap();
        state.records[..state.durable].to_vec()
    }

    pub(crate) fn history(&self) -> History {
        let mut history = History::new();
        show(&self.durable(), |record| history.push(record));
        history
    }
}

fn show(entries: &[Entry], mut visit: impl FnMut(Record<'_>)) {
    for (seq, entry) in (1..).zip(entries) {
        let Entry { kind, schema, key, ref payload } = *entry;
        let header = Header { epoch: 1, seq, synced_upto: 0, kind, schema, key };
        visit(Record { header, payload });
    }
}

impl Store for Disk {
    type Error = DiskFailed;
    type Log = Self;

    async fn open(&self, _: &str, visit: impl FnMut(Record<'_>)) -> Result<Self, DiskFailed> {
        let records = {
            let mut state = self.0.lock().unwrap();
            // What was not durable is gone, and what is, is sound again.
            state.failed = false;
            let durable = state.durable;
            state.records.truncate(durable);
            state.records.clone()
        };
        show(&records, visit);
        Ok(self.clone())
    }
}

impl Log for Disk {
    type Error = DiskFailed;
    type Append = Append;

    fn append(&self, entry: Entry) -> Append {
        let mut state = self.0.lock().unwrap();
        if !state.failed {
            state.records.push(entry);
        }
        let upto = state.records.len();
        if !state.by_hand && !state.failed {
            state.durable = upto;
        }
        Append { disk: self.clone(), upto }
    }
}

pub(crate) struct Append {
    disk: Disk,
    upto: usize,
}

impl Future for Append {
    type Output = Result<(), DiskFailed>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.disk.0.lock().unwrap();
        if state.failed {
            return Poll::Ready(Err(DiskFailed));
        }
        if state.durable >= self.upto {
            return Poll::Ready(Ok(()));
        }
        state.wakers.push(cx.waker().clone());
        Poll::Pending
    }
}
