//! One place for a message.

use crate::sync::{ACQUIRE, AtomicU8, RELEASE, UnsafeCell, const_fn};
use core::mem::{ManuallyDrop, MaybeUninit};

const EMPTY: u8 = 0;
const FULL: u8 = 1;
/// Full for everyone else, but its value is with the one who peeks.
const LENT: u8 = 2;

/// A place for a message and the flag that says whether there is one.
pub(crate) struct Slot<T> {
    flag: AtomicU8,
    value: UnsafeCell<MaybeUninit<T>>,
}

// SAFETY: the value moves from one thread to another, at most one thread touching it (R3).
unsafe impl<T: Send> Sync for Slot<T> {}

impl<T> Slot<T> {
    const_fn! {
        pub(crate) const fn new() -> Self {
            Self { flag: AtomicU8::new(EMPTY), value: UnsafeCell::new(MaybeUninit::uninit()) }
        }
    }

    #[inline]
    pub(super) fn is_full(&self) -> bool {
        self.flag.load(ACQUIRE) != EMPTY
    }

    /// Moves what `from` holds into the slot, in one copy.
    ///
    /// # Safety
    ///
    /// The slot is empty and the caller's to fill (R3); `count` brings the counts up to date (R2).
    #[inline]
    pub(super) unsafe fn fill(&self, from: &mut Option<T>, count: impl FnOnce()) {
        let Some(value) = from else { return };
        let value: *const T = value;
        // SAFETY: the place is ours alone, by the caller's promise; the value is read once, since
        // `from` forgets it right after. Not within: a closure that borrows `from` ends `value`.
        self.value.with_mut(|place| unsafe {
            (*place).as_mut_ptr().copy_from_nonoverlapping(value, 1);
        });
        // SAFETY: a valid place; what it held has moved.
        unsafe { core::ptr::write(from, None) };
        count();
        self.flag.store(FULL, RELEASE);
    }

    /// Takes the value out, as what `some` makes of it; that runs under a lock (K4).
    ///
    /// # Safety
    ///
    /// The slot is full and the caller's to empty (R3); `count` brings the counts up to date (R2).
    #[inline]
    pub(super) unsafe fn empty<R>(&self, count: impl FnOnce(), some: impl FnOnce(T) -> R) -> R {
        // SAFETY: initialised since full, ours alone by the caller's promise, and read once: the
        // flag goes down below.
        let value = self.value.with(|place| some(unsafe { (*place).assume_init_read() }));
        count();
        self.flag.store(EMPTY, RELEASE);
        value
    }

    /// The value, while the slot stays full.
    ///
    /// # Safety
    ///
    /// The slot is full, and its value the caller's (R3).
    pub(super) unsafe fn lend(&self) -> ManuallyDrop<T> {
        // Not dropped with the slot if it never comes back: cells inside may have changed since.
        self.flag.store(LENT, RELEASE);
        // SAFETY: initialised since full; used as one value, since nobody else empties the slot.
        ManuallyDrop::new(self.value.with(|place| unsafe { (*place).assume_init_read() }))
    }

    /// Puts back what was lent.
    ///
    /// # Safety
    ///
    /// The slot is full, its value the caller's (R3), and `value` is not used any more.
    pub(super) unsafe fn restore(&self, value: &ManuallyDrop<T>) {
        self.value.with_mut(|place| {
            // SAFETY: the place is ours alone, by the caller's promise.
            unsafe { (*place).as_mut_ptr().copy_from_nonoverlapping(&raw const **value, 1) };
        });
        self.flag.store(FULL, RELEASE);
    }
}

impl<T> Drop for Slot<T> {
    fn drop(&mut self) {
        if self.flag.load(ACQUIRE) == FULL {
            // SAFETY: full and not lent, so initialised (R3); `&mut self` shows that nobody else is here.
            self.value.with_mut(|place| unsafe { (*place).assume_init_drop() });
        }
    }
}
