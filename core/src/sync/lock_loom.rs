//! Loom's lock.

use loom::sync::atomic::Ordering;
use std::sync::PoisonError;

/// Whether what is done under a lock that is free is worth to be inlined at each place.
pub(crate) const INLINED: bool = true;

/// How what is written under one lock is read under another one.
pub(crate) const ACQUIRE: Ordering = Ordering::Acquire;
/// How it is written.
pub(crate) const RELEASE: Ordering = Ordering::Release;

/// Mutual exclusion for a few instructions; never held while foreign code runs (K4).
#[allow(missing_debug_implementations, reason = "never in the hands of a user")]
pub struct Lock<T>(loom::sync::Mutex<T>);

/// Whoever is inside.
pub(crate) use loom::sync::MutexGuard as Guard;

/// Mutual exclusion under which foreign code may run.
pub(crate) type Mutex<T> = Lock<T>;

impl<T> Lock<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(loom::sync::Mutex::new(value))
    }

    pub(crate) fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        f(&mut self.lock())
    }

    /// The value, by whoever has the lock to itself.
    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn lock(&self) -> Guard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waiting for it is one more order of events, and not trying is one less.
    pub(crate) fn try_lock(&self) -> Option<Guard<'_, T>> {
        Some(self.lock())
    }
}
