//! What the callers and the writer thread of one journal share.

use super::{
    entry::{Entry, Seq},
    error::JournalError,
    group::Group,
    retiring::{self, Retiring},
    rewrite::{Stage, Ticket},
};
use alloc::sync::Arc;
use core::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::Duration,
};
use event_listener::Event;
use klaw::checkpoint::{Header, record::layout};
use std::{
    path::Path,
    sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Instant,
};

/// Everything a journal's callers and its writer thread share.
pub(super) struct Shared {
    pub(super) path: Arc<Path>,
    pub(super) epoch: u32,
    /// How many bytes of frames may wait.
    limit: usize,
    /// How long records that nobody waits for may wait for others.
    linger: Duration,
    queue: Mutex<Queue>,
    /// Wakes the writer: frames, a rewrite's next stage, or the end.
    pub(super) work: Condvar,
    /// Wakes callers that wait for space, or for a rewrite to be over.
    pub(super) room: Event,
    /// Wakes callers that wait for records to become durable, or for the end.
    pub(super) progress: Event,
    /// The number of the last record taken, to be looked at without the lock.
    queued: AtomicU64,
    durable: AtomicU64,
    /// Why the journal takes nothing more, once it does not.
    failure: OnceLock<JournalError>,
    /// The writer has let go of the file.
    ended: AtomicBool,
    pub(super) counters: Counters,
}

/// What only the holder of the lock sees.
pub(super) struct Queue {
    /// Whole frames, in order, laid out but not sealed.
    pub(super) frames: Vec<u8>,
    /// The number of the last record taken.
    pub(super) last: u64,
    pub(super) closing: bool,
    pub(super) rewrite: Option<Arc<Ticket>>,
    /// The writer is waiting for work.
    pub(super) idle: bool,
    /// The writer has work, and is waiting for more to do with it.
    pub(super) lingering: bool,
    /// The writer has work, and is waiting for the records up to this number to do with it.
    pub(super) gathering: Option<u64>,
    /// Somebody waits for what is queued.
    pub(super) awaited: bool,
    /// Tells who opens the file next that the journal was dropped and is about to let go of it.
    retiring: Option<Arc<Retiring>>,
}

#[derive(Default)]
pub(super) struct Counters {
    pub(super) records: AtomicU64,
    pub(super) bytes: AtomicU64,
    pub(super) syncs: AtomicU64,
    pub(super) size: AtomicU64,
}

impl Shared {
    pub(super) fn new(
        path: Arc<Path>,
        epoch: u32,
        last: u64,
        limit: usize,
        linger: Duration,
    ) -> Self {
        Self {
            path,
            epoch,
            limit,
            linger,
            queue: Mutex::new(Queue {
                frames: Vec::new(),
                last,
                closing: false,
                rewrite: None,
                idle: false,
                lingering: false,
                gathering: None,
                awaited: false,
                retiring: None,
            }),
            work: Condvar::new(),
            room: Event::new(),
            progress: Event::new(),
            queued: AtomicU64::new(last),
            durable: AtomicU64::new(last),
            failure: OnceLock::new(),
            ended: AtomicBool::new(false),
            counters: Counters::default(),
        }
    }

    /// No user code runs under this lock, so a poisoned one is as good as any.
    pub(super) fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    pub(super) fn durable(&self) -> u64 {
        self.durable.load(Ordering::Acquire)
    }

    pub(super) fn queued(&self) -> u64 {
        self.queued.load(Ordering::Relaxed)
    }

    pub(super) fn set_durable(&self, seq: u64) {
        self.durable.store(seq, Ordering::Release);
        self.progress.notify(usize::MAX);
    }

    /// Takes as many of `entries` as there is room for and tells how many that were.
    ///
    /// `ticket` is the caller's if it is the one that rewrites the journal.
    pub(super) fn push(
        &self,
        entries: &[Entry<&[u8]>],
        ticket: Option<&Arc<Ticket>>,
    ) -> Result<(usize, Seq), JournalError> {
        let mut queue = self.lock();
        self.check(&queue)?;
        let owner = match (&queue.rewrite, ticket) {
            (None, None) => true,
            (Some(current), Some(own)) => Arc::ptr_eq(current, own) && own.has_begun(),
            _ => false,
        };
        let mut taken = 0;
        for entry in entries.iter().filter(|_| owner) {
            let header = Header {
                epoch: self.epoch,
                seq: queue.last + 1,
                synced_upto: 0,
                kind: entry.kind,
                schema: entry.schema,
                key: entry.key,
            };
            let Ok(head) = layout(&header, entry.payload.len()) else {
                return Err(JournalError::TooLong { len: entry.payload.len() });
            };
            // One record that is longer than the limit goes alone.
            let len = queue.frames.len() + head.len() + entry.payload.len();
            if len > self.limit && !queue.frames.is_empty() {
                break;
            }
            queue.frames.extend_from_slice(&head);
            queue.frames.extend_from_slice(entry.payload);
            queue.last += 1;
            taken += 1;
        }
        self.queued.store(queue.last, Ordering::Relaxed);
        let gathered = queue.gathering.is_some_and(|wanted| self.is_gathered(&queue, wanted));
        if taken > 0 && (queue.idle || queue.lingering && self.is_due(&queue) || gathered) {
            self.work.notify_one();
        }
        Ok((taken, Seq(queue.last)))
    }

    /// Whether the writer should not wait for more before it writes what is queued.
    fn is_due(&self, queue: &Queue) -> bool {
        let half_full = queue.frames.len() >= self.limit / 2;
        half_full || queue.awaited || queue.closing || queue.rewrite.is_some()
    }

    /// Waits for more to write together with what is queued, unless that is due.
    pub(super) fn linger<'a>(&self, mut queue: MutexGuard<'a, Queue>) -> MutexGuard<'a, Queue> {
        if self.linger.is_zero() || self.is_due(&queue) {
            return queue;
        }
        queue.lingering = true;
        let early = |queue: &mut Queue| !self.is_due(queue);
        let (mut queue, _) = self
            .work
            .wait_timeout_while(queue, self.linger, early)
            .unwrap_or_else(PoisonError::into_inner);
        queue.lingering = false;
        queue
    }

    /// Whether the writer should not wait for others to share the next sync.
    fn is_gathered(&self, queue: &Queue, wanted: u64) -> bool {
        let half_full = queue.frames.len() >= self.limit / 2;
        half_full || queue.last >= wanted || queue.closing || queue.rewrite.is_some()
    }

    /// Waits for the callers that were released last, unless it is not worth it.
    pub(super) fn gather<'a>(
        &self,
        mut queue: MutexGuard<'a, Queue>,
        group: &mut Group,
    ) -> MutexGuard<'a, Queue> {
        let wanted = group.wanted();
        if self.is_gathered(&queue, wanted) {
            return queue;
        }
        let Some(left) = group.wait(queue.last, Instant::now()) else { return queue };
        queue.gathering = Some(wanted);
        let missing = |queue: &mut Queue| !self.is_gathered(queue, wanted);
        let waited = self.work.wait_timeout_while(queue, left, missing);
        (queue, _) = waited.unwrap_or_else(PoisonError::into_inner);
        queue.gathering = None;
        group.waited(queue.last);
        queue
    }

    /// Somebody waits for what is queued: it is due.
    pub(super) fn hurry(&self) {
        if self.linger.is_zero() {
            return;
        }
        let mut queue = self.lock();
        queue.awaited = true;
        if queue.lingering {
            self.work.notify_one();
        }
    }

    /// The number of the last record taken, if records are still taken.
    pub(super) fn last(&self) -> Result<u64, JournalError> {
        let queue = self.lock();
        self.check(&queue)?;
        Ok(queue.last)
    }

    /// Asks for a rewrite once no other one runs; `None` until then.
    ///
    /// Others' appends wait from here on, so a busy journal does not put the rewrite off for ever.
    pub(super) fn begin_rewrite(&self) -> Result<Option<Arc<Ticket>>, JournalError> {
        let mut queue = self.lock();
        self.check(&queue)?;
        if queue.rewrite.is_some() {
            return Ok(None);
        }
        let ticket = Arc::new(Ticket::new(queue.last));
        queue.rewrite = Some(Arc::clone(&ticket));
        self.work.notify_one();
        Ok(Some(ticket))
    }

    /// Lets the caller of a rewrite hand over its records.
    pub(super) fn let_rewrite_begin(&self, ticket: &Ticket) {
        let queue = self.lock();
        ticket.begin();
        drop(queue);
        self.room.notify(usize::MAX);
    }

    /// Moves a rewrite on, and tells the writer.
    pub(super) fn advance_rewrite(&self, ticket: &Ticket, stage: Stage) {
        let _queue = self.lock();
        ticket.set_stage(stage);
        self.work.notify_one();
    }

    /// Ends the journal after what it has taken.
    pub(super) fn start_closing(&self) {
        self.lock().closing = true;
        self.work.notify_one();
        self.room.notify(usize::MAX);
    }

    /// As [`start_closing`](Self::start_closing), when nobody is left to wait for the end.
    pub(super) fn retire(&self) {
        let mut queue = self.lock();
        if !self.ended.load(Ordering::Acquire) {
            queue.retiring = Some(retiring::begin(&self.path));
        }
        drop(queue);
        self.start_closing();
    }

    fn check(&self, queue: &Queue) -> Result<(), JournalError> {
        if let Some(failure) = self.failure.get() {
            return Err(failure.clone());
        }
        if queue.closing {
            return Err(self.closed());
        }
        Ok(())
    }

    /// What became of the journal, once its writer has let go of the file.
    pub(super) fn outcome(&self) -> Option<Result<(), JournalError>> {
        match self.failure.get() {
            Some(failure) => Some(Err(failure.clone())),
            None => self.ended.load(Ordering::Acquire).then_some(Ok(())),
        }
    }

    pub(super) fn closed(&self) -> JournalError {
        JournalError::Closed { path: Arc::clone(&self.path) }
    }

    /// Says that nothing more will be written, because of `failure` or in order.
    ///
    /// The file has been let go of.
    pub(super) fn end(&self, failure: Option<JournalError>) {
        let mut queue = self.lock();
        if let Some(failure) = failure {
            // Only the writer fails, and only once.
            let _ = self.failure.set(failure);
        }
        queue.closing = true;
        queue.frames = Vec::new();
        queue.rewrite = None;
        self.ended.store(true, Ordering::Release);
        let retiring = queue.retiring.take();
        drop(queue);
        if let Some(retiring) = retiring {
            retiring.end();
        }
        self.room.notify(usize::MAX);
        self.progress.notify(usize::MAX);
    }
}

/// Waits on `event` until `attempt` gives something.
///
/// # Cancel safety
///
/// Dropping the future loses nothing: an attempt that gave something ended it.
pub(super) async fn until<T>(event: &Event, mut attempt: impl FnMut() -> Option<T>) -> T {
    loop {
        if let Some(got) = attempt() {
            return got;
        }
        let listener = event.listen();
        if let Some(got) = attempt() {
            return got;
        }
        listener.await;
    }
}
