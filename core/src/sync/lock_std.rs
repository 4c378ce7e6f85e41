//! The lock of a host.

use core::{
    cell::UnsafeCell,
    hint::spin_loop,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};
use std::thread;

/// Mutual exclusion for a few instructions; never held while foreign code runs (K4).
///
/// One read-modify-write to take, a plain store to release. A releasing thread does not look for
/// waiting ones, which would take a fence: they look again by themselves, after a few spins, a few
/// yields, then sleeps. So a holder that lost its processor costs the others no time slice.
#[allow(missing_debug_implementations, reason = "never in the hands of a user")]
pub struct Lock<T> {
    held: AtomicBool,
    value: UnsafeCell<T>,
}

/// Mutual exclusion under which foreign code may run; entered again by its holder, it never returns.
pub(crate) type Mutex<T> = Lock<T>;

// SAFETY: the value is reached only by the thread that changed `held` from false to true, and until
// it changes it back.
unsafe impl<T: Send> Sync for Lock<T> {}

/// Doubling rounds of spinning before the first yield: 2^6 pauses in all, about a microsecond.
const SPINS: u32 = 6;
/// Yields before the first sleep.
const YIELDS: u32 = 4;
const FIRST_SLEEP: Duration = Duration::from_micros(20);
const LONGEST_SLEEP: Duration = Duration::from_millis(1);

impl<T> Lock<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self { held: AtomicBool::new(false), value: UnsafeCell::new(value) }
    }

    #[inline]
    pub(crate) fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        if self.held.swap(true, Ordering::Acquire) {
            self.wait();
        }
        let _release = Release(&self.held);
        // SAFETY: `held` was false and is now true by us alone.
        f(unsafe { &mut *self.value.get() })
    }

    #[cold]
    fn wait(&self) {
        let mut round = 0;
        loop {
            if round < SPINS {
                // Without looking at the line in between: looking takes it from its holder.
                (0..1_u32 << round).for_each(|_| spin_loop());
            } else if round < SPINS + YIELDS {
                thread::yield_now();
            } else {
                let doublings = (round - SPINS - YIELDS).min(10);
                thread::sleep((FIRST_SLEEP * (1 << doublings)).min(LONGEST_SLEEP));
            }
            if !self.held.load(Ordering::Relaxed) && !self.held.swap(true, Ordering::Acquire) {
                return;
            }
            round = round.saturating_add(1);
        }
    }
}

struct Release<'a>(&'a AtomicBool);

impl Drop for Release<'_> {
    #[inline]
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}
