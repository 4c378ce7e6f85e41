//! All of a watch channel but the value: which version it is, who is there, who waits.

use super::super::error::RecvError;
use crate::{
    sync::{AtomicBool, AtomicUsize, Lock, Ordering, const_fn},
    wait::{Batch, List},
};
use core::fmt;

/// The first version: shortly before the count wraps round, so that this is nothing special.
const FIRST: usize = usize::MAX - 1;

/// Does not know the type of the value, so it exists once in a program.
pub(super) struct State {
    // Compared for equality only. Wrapping goes unnoticed by who looks again after exactly as many
    // versions as a `usize` can count.
    version: AtomicUsize,
    closed: AtomicBool,
    receivers: AtomicUsize, // written under the lock
    ends: Lock<Ends>,
}

struct Ends {
    senders: usize,
    /// Receivers that wait for a version.
    awaiting_change: List,
    /// Senders that wait for the receivers to leave.
    awaiting_close: List,
}

impl State {
    const_fn! {
        pub(super) const fn new() -> Self {
            Self {
                version: AtomicUsize::new(FIRST),
                closed: AtomicBool::new(false),
                receivers: AtomicUsize::new(0),
                ends: Lock::new(Ends {
                    senders: 0,
                    awaiting_change: List::new(),
                    awaiting_close: List::new(),
                }),
            }
        }
    }

    /// The version of the value; exact under the value's lock (V1).
    pub(super) fn version(&self) -> usize {
        self.version.load(Ordering::Acquire)
    }

    /// The value is another one now. The caller holds the value's lock (V1).
    pub(super) fn next_version(&self) {
        let version = self.version.load(Ordering::Relaxed);
        self.version.store(version.wrapping_add(1), Ordering::Release);
    }

    /// The version that is news to who saw `seen` last, or the end, or nothing yet.
    #[inline]
    pub(super) fn news(&self, seen: Option<usize>) -> Option<Result<usize, RecvError>> {
        let unseen = || Some(self.version()).filter(|version| seen != Some(*version));
        if let Some(version) = unseen() {
            return Some(Ok(version));
        }
        if !self.closed.load(Ordering::Acquire) {
            return None;
        }
        Some(unseen().ok_or(RecvError)) // looked at again, since `closed` came after it (V3)
    }

    /// The list of who waits for news, and whether there is any for who saw `seen` last.
    pub(super) fn with_awaiting_change<R>(
        &self,
        seen: Option<usize>,
        f: impl FnOnce(&mut List, bool) -> R,
    ) -> R {
        self.ends.with(|ends| f(&mut ends.awaiting_change, self.news(seen).is_some()))
    }

    /// The list of who waits for the receivers to leave, and whether they have.
    pub(super) fn with_awaiting_close<R>(&self, f: impl FnOnce(&mut List, bool) -> R) -> R {
        self.ends.with(|ends| f(&mut ends.awaiting_close, self.receivers() == 0))
    }

    /// Wakes every receiver that waits for news (V2).
    pub(super) fn announce(&self) {
        self.wake(|ends| &mut ends.awaiting_change);
    }

    fn wake(&self, list: impl Fn(&mut Ends) -> &mut List) {
        WakeAll { ends: &self.ends, list, mark: None, left: true }.run();
    }

    pub(super) fn receivers(&self) -> usize {
        self.receivers.load(Ordering::Acquire)
    }

    pub(super) fn add_receiver(&self) {
        self.ends.with(|_| {
            let count = self.receivers.load(Ordering::Relaxed);
            self.receivers.store(count + 1, Ordering::Release);
        });
    }

    /// Counts a receiver off; the last one tells the senders.
    pub(super) fn remove_receiver(&self) {
        let left = self.ends.with(|_| {
            let left = self.receivers.load(Ordering::Relaxed) - 1;
            self.receivers.store(left, Ordering::Release);
            left
        });
        if left == 0 {
            self.wake(|ends| &mut ends.awaiting_close);
        }
    }

    /// Counts a sender on; the first one opens.
    pub(super) fn add_sender(&self) {
        self.ends.with(|ends| {
            ends.senders += 1;
            self.closed.store(false, Ordering::Release);
        });
    }

    /// Counts a sender off; the last one closes and tells the receivers.
    pub(super) fn remove_sender(&self) {
        let last = self.ends.with(|ends| {
            ends.senders -= 1;
            let last = ends.senders == 0;
            self.closed.store(last, Ordering::Release);
            last
        });
        if last {
            self.announce();
        }
    }

    pub(super) fn fmt_as(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(name)
            .field("receivers", &self.receivers())
            .field("closed", &self.closed.load(Ordering::Acquire))
            .finish_non_exhaustive()
    }
}

/// Wakes everybody in one of the lists, also those behind a waker that panics.
struct WakeAll<'a, L: Fn(&mut Ends) -> &mut List> {
    ends: &'a Lock<Ends>,
    list: L,
    mark: Option<u32>,
    left: bool,
}

impl<L: Fn(&mut Ends) -> &mut List> WakeAll<'_, L> {
    fn run(&mut self) {
        while self.left {
            let mut batch = Batch::new();
            self.ends.with(|ends| {
                let list = (self.list)(ends);
                let mark = *self.mark.get_or_insert(list.mark());
                list.pop_before(mark, &mut batch);
            });
            self.left = !batch.has_room();
            // The batch is dropped here, which wakes, without the lock (K4).
        }
    }
}

impl<L: Fn(&mut Ends) -> &mut List> Drop for WakeAll<'_, L> {
    fn drop(&mut self) {
        self.run();
    }
}
