//! The lock of a chip: a critical section.

use core::{
    cell::{Cell, UnsafeCell},
    marker::PhantomData,
    ops::{Deref, DerefMut},
    sync::atomic::Ordering,
};

/// Whether what is done under a lock that is free is worth to be inlined at each place: not where
/// flash is scarcer than time.
pub(crate) const INLINED: bool = false;

/// How what is written under one lock is read under another one: they are one critical section,
/// which orders all that is done in it.
pub(crate) const ACQUIRE: Ordering = Ordering::Relaxed;
/// How it is written.
pub(crate) const RELEASE: Ordering = Ordering::Relaxed;

/// Mutual exclusion for a few instructions; never held while foreign code runs (K4).
#[allow(missing_debug_implementations, reason = "never in the hands of a user")]
pub struct Lock<T>(UnsafeCell<T>);

// SAFETY: the value is reached only inside a critical section, which excludes every other
// thread and interrupt of the program (contract of the `critical-section` implementation).
unsafe impl<T: Send> Sync for Lock<T> {}

impl<T> Lock<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(UnsafeCell::new(value))
    }

    #[inline]
    pub(crate) fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        f(&mut self.lock())
    }

    /// The value, by whoever has the lock to itself.
    #[allow(dead_code, reason = "used only where there is a heap")]
    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.0.get_mut()
    }

    #[inline]
    pub(crate) fn lock(&self) -> Guard<'_, T> {
        // SAFETY: the guard ends it, and guards are dropped in the reverse order: none is kept
        // beyond the function that made it or the one it was moved to.
        let restore = unsafe { critical_section::acquire() };
        Guard { value: self.0.get(), restore, _lock: PhantomData }
    }

    /// The same: nobody else is ever inside.
    #[inline]
    pub(crate) fn try_lock(&self) -> Option<Guard<'_, T>> {
        Some(self.lock())
    }
}

/// Whoever is inside a critical section.
#[allow(missing_debug_implementations, reason = "never in the hands of a user")]
pub struct Guard<'a, T> {
    // A pointer, so that no other thread gets the guard: it would end somebody else's section.
    value: *mut T,
    restore: critical_section::RestoreState,
    _lock: PhantomData<&'a Lock<T>>,
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: inside a critical section; K4 keeps foreign code out, and klaw never takes a lock
        // it holds, so no second reference to the value exists.
        unsafe { &*self.value }
    }
}

impl<T> DerefMut for Guard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above.
        unsafe { &mut *self.value }
    }
}

impl<T> Drop for Guard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: it comes from the `acquire` that this guard was made with.
        unsafe { critical_section::release(self.restore) }
    }
}

/// Mutual exclusion under which foreign code may run; entered again by its holder, it panics.
pub(crate) struct Mutex<T> {
    held: Lock<Cell<bool>>,
    value: UnsafeCell<T>,
}

// SAFETY: as above; and `held` tells a holder that comes again inside its own critical section.
unsafe impl<T: Send> Sync for Mutex<T> {}

impl<T> Mutex<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self { held: Lock::new(Cell::new(false)), value: UnsafeCell::new(value) }
    }

    pub(crate) fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        critical_section::with(|_| {
            assert!(!self.held.with(|held| held.replace(true)), "a channel entered from within");
            let _release = Release(&self.held);
            // SAFETY: `held` was false and is now true by us alone, inside a critical section.
            f(unsafe { &mut *self.value.get() })
        })
    }
}

struct Release<'a>(&'a Lock<Cell<bool>>);

impl Drop for Release<'_> {
    fn drop(&mut self) {
        self.0.with(|held| held.set(false));
    }
}
