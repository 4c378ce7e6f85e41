//! A short spin before a task parks, as long as that was worth it of late.

use core::{
    hint::spin_loop,
    ptr,
    sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering},
};

std::thread_local! {
    static MARK: u8 = const { 0 };
}

/// Which thread this is: a number that hardly another thread has while it lives, and never zero.
///
/// Half an address: who is taken for another one spins in vain, or not at all.
#[inline]
fn this_thread() -> u32 {
    MARK.with(|mark| (ptr::from_ref(mark).addr() >> 1) as u32 | 1)
}

/// Which thread did something last, and at which count.
pub(crate) struct Mark {
    thread: AtomicU32,
    count: AtomicU32,
}

impl Mark {
    pub(crate) const fn new() -> Self {
        Self { thread: AtomicU32::new(0), count: AtomicU32::new(0) }
    }

    /// This thread, at `count`.
    #[inline]
    pub(crate) fn set(&self, count: impl FnOnce() -> usize) {
        self.thread.store(this_thread(), Ordering::Relaxed);
        self.count.store(count() as u32, Ordering::Relaxed);
    }

    /// Zero if it was none.
    pub(crate) fn thread(&self) -> u32 {
        self.thread.load(Ordering::Relaxed)
    }

    /// Modulo 2^32.
    pub(crate) fn count(&self) -> u32 {
        self.count.load(Ordering::Relaxed)
    }
}

/// Whether and how long the tasks of one side spin for the other side, learnt.
///
/// All of it is a guess, so lost updates do no harm.
pub(crate) struct Spin {
    /// Whether the other side was ever seen on another thread. Before, nothing could change while
    /// this one spins.
    threads: AtomicBool,
    /// What was learnt while the other side ran.
    running: Learnt,
    /// What was learnt right after this side woke the other one. Some executors run such a task on
    /// another thread at once, some on this thread next.
    woken: Learnt,
}

/// How long to spin: doubled when it helped, halved when it did not.
struct Learnt {
    /// The logarithm of the number of looks, plus one; zero is not to spin at all.
    rounds: AtomicU8,
    /// How often it did not spin since it last did.
    skipped: AtomicU8,
}

/// 2^6 looks, a few microseconds: about what parking and waking cost.
const MOST: u8 = 7;
/// Between two looks, each of which takes a line from the side that is waited for.
const PAUSES: u8 = 2;
/// Once it does not help any more it is tried again only so seldom.
const SELDOM: u8 = 64;

impl Spin {
    pub(crate) const fn new() -> Self {
        Self { threads: AtomicBool::new(false), running: Learnt::new(), woken: Learnt::new() }
    }

    /// Spins until `ready`; false if it gave up.
    ///
    /// `other` is the thread of the other side, `woken` whether that side did nothing since this one
    /// woke it. `ready` learns whether it is asked the last time, so that less will do.
    pub(crate) fn until(
        &self,
        other: impl FnOnce() -> u32,
        woken: bool,
        ready: impl Fn(bool) -> bool,
    ) -> bool {
        // Asked once only, since it takes a line from the other side.
        if !self.threads.load(Ordering::Relaxed) {
            let other = other();
            if other == 0 || other == this_thread() {
                return false;
            }
            self.threads.store(true, Ordering::Relaxed);
        }
        if woken { self.woken.spin(ready) } else { self.running.spin(ready) }
    }
}

impl Learnt {
    const fn new() -> Self {
        Self { rounds: AtomicU8::new(MOST), skipped: AtomicU8::new(0) }
    }

    fn spin(&self, ready: impl Fn(bool) -> bool) -> bool {
        let rounds = self.rounds.load(Ordering::Relaxed);
        if rounds == 0 {
            let skipped = self.skipped.load(Ordering::Relaxed) + 1;
            self.skipped.store(skipped % SELDOM, Ordering::Relaxed);
            if skipped < SELDOM {
                return false;
            }
        }
        let tried = if rounds == 0 { MOST } else { rounds };
        for _ in 0..1_u32 << (tried - 1) {
            (0..PAUSES).for_each(|_| spin_loop());
            if ready(false) {
                self.rounds.store((tried + 1).min(MOST), Ordering::Relaxed);
                return true;
            }
        }
        if ready(true) {
            return true;
        }
        self.rounds.store(rounds.saturating_sub(1), Ordering::Relaxed);
        false
    }
}
