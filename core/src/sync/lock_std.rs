//! The lock of a host.

use core::{
    cell::UnsafeCell,
    hint::spin_loop,
    ops::{Deref, DerefMut},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};
use std::thread;

/// Whether what is done under a lock that is free is worth to be inlined at each place.
pub(crate) const INLINED: bool = true;

/// How what is written under one lock is read under another one.
pub(crate) const ACQUIRE: Ordering = Ordering::Acquire;
/// How it is written.
pub(crate) const RELEASE: Ordering = Ordering::Release;

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
        f(&mut self.lock())
    }

    /// The value, by whoever has the lock to itself.
    #[allow(dead_code, reason = "used only where there is a heap")]
    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }

    #[inline]
    pub(crate) fn lock(&self) -> Guard<'_, T> {
        if self.held.swap(true, Ordering::Acquire) {
            self.wait();
        }
        Guard(self)
    }

    /// The same if nobody is inside.
    #[inline]
    pub(crate) fn try_lock(&self) -> Option<Guard<'_, T>> {
        if self.held.swap(true, Ordering::Acquire) { None } else { Some(Guard(self)) }
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

/// Whoever is inside.
#[allow(missing_debug_implementations, reason = "never in the hands of a user")]
pub struct Guard<'a, T>(&'a Lock<T>);

impl<T> Deref for Guard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: there is a guard only for whoever changed `held` from false to true.
        unsafe { &*self.0.value.get() }
    }
}

impl<T> DerefMut for Guard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above.
        unsafe { &mut *self.0.value.get() }
    }
}

impl<T> Drop for Guard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.0.held.store(false, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{vec, vec::Vec};
    use core::panic::AssertUnwindSafe;
    use std::{panic::catch_unwind, thread};

    const THREADS: usize = 4;
    const ROUNDS: usize = if cfg!(miri) { 30 } else { 5_000 };

    /// Not atomic: a lost update or a torn read shows in the numbers, a race in a sanitizer.
    #[test]
    fn one_thread_at_a_time_is_inside() {
        let lock = Lock::new((0, vec![]));
        thread::scope(|scope| {
            for me in 0..THREADS {
                let lock = &lock;
                scope.spawn(move || {
                    for round in 0..ROUNDS {
                        lock.with(|(count, seen)| {
                            *count += 1;
                            seen.push((me, round));
                        });
                    }
                });
            }
        });
        let (count, seen) = lock.with(|(count, seen)| (*count, core::mem::take(seen)));
        assert_eq!((count, seen.len()), (THREADS * ROUNDS, THREADS * ROUNDS));
        for me in 0..THREADS {
            let mine: Vec<_> = seen.iter().filter(|(from, _)| *from == me).collect();
            assert!(mine.is_sorted() && mine.len() == ROUNDS);
        }
    }

    /// A holder that takes its time sends the others through every stage of waiting.
    #[test]
    fn those_who_wait_get_in_after_a_long_hold() {
        let lock = Lock::new(0);
        thread::scope(|scope| {
            lock.with(|count| {
                for _ in 0..THREADS {
                    scope.spawn(|| lock.with(|count| *count += 1));
                }
                (0..ROUNDS).for_each(|_| thread::yield_now());
                assert_eq!(*count, 0, "nobody else is inside");
            });
        });
        assert_eq!(lock.with(|count| *count), THREADS);
    }

    #[test]
    fn it_is_released_on_unwinding() {
        let lock = Lock::new(1);
        catch_unwind(AssertUnwindSafe(|| {
            lock.with(|value| {
                *value = 2;
                panic!("inside");
            });
        }))
        .unwrap_err();
        assert_eq!(lock.with(|value| *value), 2);
    }
}
