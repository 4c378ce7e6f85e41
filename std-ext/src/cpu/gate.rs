//! The bound of a pool, and its counters.

use super::{CpuStats, SpawnErrorKind};
use core::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use event_listener::{Event, EventListener, IntoNotification};

/// Lets jobs into a pool while there is room, and knows when none is left.
pub(super) struct Gate {
    capacity: usize,
    /// Jobs that wait for a thread.
    queued: AtomicUsize,
    /// Jobs that are queued or running.
    unfinished: AtomicUsize,
    finished: AtomicU64,
    panicked: AtomicU64,
    closed: AtomicBool,
    room: Event,
    quiet: Event,
}

impl Gate {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            queued: AtomicUsize::new(0),
            unfinished: AtomicUsize::new(0),
            finished: AtomicU64::new(0),
            panicked: AtomicU64::new(0),
            closed: AtomicBool::new(false),
            room: Event::new(),
            quiet: Event::new(),
        }
    }

    /// Takes a place in the queue.
    pub(super) fn enter(&self) -> Result<(), SpawnErrorKind> {
        // Counted first and asked afterwards, the other way round than in `close` and `idle`: a job
        // that is let in is waited for.
        self.unfinished.fetch_add(1, Ordering::SeqCst);
        let one_more = |queued| (queued < self.capacity).then_some(queued + 1);
        let refused = if self.closed.load(Ordering::SeqCst) {
            SpawnErrorKind::Closed
        } else if self.queued.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more).is_ok() {
            return Ok(());
        } else {
            SpawnErrorKind::Full
        };
        self.leave();
        Err(refused)
    }

    /// Gives up the place in the queue for a thread, or for nothing.
    pub(super) fn start(&self) {
        self.queued.fetch_sub(1, Ordering::Relaxed);
        self.room.notify(1.additional());
    }

    /// Counts a job that ran.
    pub(super) fn finish(&self, panicked: bool) {
        self.finished.fetch_add(1, Ordering::Relaxed);
        self.panicked.fetch_add(u64::from(panicked), Ordering::Relaxed);
        self.leave();
    }

    /// Counts a job out, whether it ran or not.
    pub(super) fn leave(&self) {
        if self.unfinished.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.quiet.notify(usize::MAX);
        }
    }

    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        self.room.notify(usize::MAX);
    }

    /// To be notified when a place becomes free or the gate is closed.
    pub(super) fn room(&self) -> EventListener {
        self.room.listen()
    }

    pub(super) async fn idle(&self) {
        while self.unfinished.load(Ordering::SeqCst) != 0 {
            let quiet = self.quiet.listen();
            if self.unfinished.load(Ordering::SeqCst) != 0 {
                quiet.await;
            }
        }
    }

    pub(super) fn stats(&self) -> CpuStats {
        let queued = self.queued.load(Ordering::Relaxed);
        CpuStats {
            queued,
            running: self.unfinished.load(Ordering::SeqCst).saturating_sub(queued),
            finished: self.finished.load(Ordering::Relaxed),
            panicked: self.panicked.load(Ordering::Relaxed),
        }
    }
}
