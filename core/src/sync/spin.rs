//! A short spin before a task parks, as long as that was worth it of late.

use core::{
    hint::spin_loop,
    ptr,
    sync::atomic::{AtomicBool, AtomicU8, Ordering},
};

std::thread_local! {
    static MARK: u8 = const { 0 };
}

/// Which thread this is: a number that no other thread has while it lives.
#[inline]
pub(crate) fn this_thread() -> usize {
    MARK.with(|mark| ptr::from_ref(mark).addr())
}

/// How long to spin, learnt: doubled when it helped, halved when it did not.
///
/// A guess, so lost updates do no harm.
pub(crate) struct Spin {
    /// The logarithm of the number of pauses, plus one; zero is not to spin at all.
    rounds: AtomicU8,
    /// How often it did not spin since it last did.
    skipped: AtomicU8,
    /// Whether it helped last, so that the other side is on another thread.
    helped: AtomicBool,
}

/// 2^7 pauses in all, a microsecond or two: about what parking and waking cost.
const MOST: u8 = 7;
/// Once it does not help any more it is tried again only so seldom.
const SELDOM: u8 = 64;

impl Spin {
    pub(crate) const fn new() -> Self {
        Self {
            rounds: AtomicU8::new(MOST),
            skipped: AtomicU8::new(0),
            helped: AtomicBool::new(false),
        }
    }

    /// Spins until `ready`; false if it gave up. `other` is the thread that may make it so.
    pub(crate) fn until(&self, other: impl FnOnce() -> usize, ready: impl Fn() -> bool) -> bool {
        // On one thread nothing changes while it spins. Not asked where it is known: that takes a
        // line from the other side.
        if !self.helped.load(Ordering::Relaxed) {
            let other = other();
            if other == 0 || other == this_thread() {
                return false;
            }
        }
        let mut rounds = self.rounds.load(Ordering::Relaxed);
        if rounds == 0 {
            let skipped = self.skipped.load(Ordering::Relaxed) + 1;
            self.skipped.store(skipped % SELDOM, Ordering::Relaxed);
            if skipped < SELDOM {
                return false;
            }
            rounds = MOST / 2;
        }
        for _ in 0..1_u32 << (rounds - 1) {
            spin_loop();
            if ready() {
                self.rounds.store((rounds + 1).min(MOST), Ordering::Relaxed);
                self.helped.store(true, Ordering::Relaxed);
                return true;
            }
        }
        self.rounds.store(rounds - 1, Ordering::Relaxed);
        self.helped.store(false, Ordering::Relaxed);
        false
    }
}
