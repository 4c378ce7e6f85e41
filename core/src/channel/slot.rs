//! One place for a message.

use crate::sync::{AtomicBool, Ordering, UnsafeCell, const_fn};
use core::mem::MaybeUninit;

/// A place for a message and the flag that says whether there is one.
pub(crate) struct Slot<T> {
    full: AtomicBool,
    value: UnsafeCell<MaybeUninit<T>>,
}

// SAFETY: the value moves from one thread to another, at most one thread touching it (R3).
unsafe impl<T: Send> Sync for Slot<T> {}

impl<T> Slot<T> {
    const_fn! {
        pub(crate) const fn new() -> Self {
            Self { full: AtomicBool::new(false), value: UnsafeCell::new(MaybeUninit::uninit()) }
        }
    }

    #[inline]
    pub(super) fn is_full(&self) -> bool {
        self.full.load(Ordering::Acquire)
    }

    /// # Safety
    ///
    /// The slot is empty and the caller's to fill (R3); the counts are up to date (R2).
    #[inline]
    pub(super) unsafe fn fill(&self, value: T, count: impl FnOnce()) {
        self.value.with_mut(|place| {
            // SAFETY: ours alone, by the caller's promise.
            unsafe { (*place).write(value) };
        });
        count();
        self.full.store(true, Ordering::Release);
    }

    /// # Safety
    ///
    /// The slot is full and the caller's to empty (R3).
    #[inline]
    pub(super) unsafe fn empty(&self, count: impl FnOnce()) -> T {
        // SAFETY: initialised since full, ours alone by the caller's promise, and read once: the
        // flag goes down below.
        let value = self.value.with(|place| unsafe { (*place).assume_init_read() });
        count();
        self.full.store(false, Ordering::Release);
        value
    }
}

impl<T> Drop for Slot<T> {
    fn drop(&mut self) {
        if self.is_full() {
            // SAFETY: full, so initialised (R3); `&mut self` shows that nobody else is here.
            self.value.with_mut(|place| unsafe { (*place).assume_init_drop() });
        }
    }
}
