//! What the two ends share: one byte of state, and room for the value and two wakers.

use super::heap::Heap;
use crate::sync::{AtomicByte, Ordering, UnsafeCell, const_fn};
use core::{
    mem::{ManuallyDrop, MaybeUninit},
    ptr::NonNull,
    task::Waker,
};

/// The bits that say which phase it is.
pub(super) const PHASE: u8 = 0b11;
/// Nothing has happened yet.
pub(super) const OPEN: u8 = 0;
/// The value is in its place.
pub(super) const SENT: u8 = 1;
/// No value will come.
pub(super) const CLOSED: u8 = 2;

/// What one end calls its own.
pub(super) trait Role {
    /// What the other end calls its own.
    type Other: Role;
    /// The end touches the slot no more.
    const DONE: u8;
    /// The end's waker is in its place.
    const WAKER: u8;

    /// Shows the place of the end's waker to `f`.
    fn look<T, R>(slot: &Slot<T>, f: impl FnOnce(*const Waker) -> R) -> R;
    /// Gives the place of the end's waker to `f`, to write it.
    fn write<T>(slot: &Slot<T>, f: impl FnOnce(*mut Waker));
}

/// The role of the sending end.
pub(super) enum Sending {}

/// The role of the receiving end.
pub(super) enum Receiving {}

impl Role for Sending {
    type Other = Receiving;
    const DONE: u8 = 1 << 2;
    const WAKER: u8 = 1 << 4;

    fn look<T, R>(slot: &Slot<T>, f: impl FnOnce(*const Waker) -> R) -> R {
        slot.content.with(|content| f(content.cast()))
    }

    fn write<T>(slot: &Slot<T>, f: impl FnOnce(*mut Waker)) {
        slot.content.with_mut(|content| f(content.cast()));
    }
}

impl Role for Receiving {
    type Other = Sending;
    const DONE: u8 = 1 << 3;
    const WAKER: u8 = 1 << 5;

    fn look<T, R>(slot: &Slot<T>, f: impl FnOnce(*const Waker) -> R) -> R {
        slot.receiving.with(|waker| f(waker.cast()))
    }

    fn write<T>(slot: &Slot<T>, f: impl FnOnce(*mut Waker)) {
        slot.receiving.with_mut(|waker| f(waker.cast()));
    }
}

/// Nobody uses the slot.
const FREE: u8 = Sending::DONE | Receiving::DONE;

/// The shared part of a channel; what it holds is its ends' to drop.
pub(super) struct Slot<T> {
    content: UnsafeCell<Content<T>>,
    receiving: UnsafeCell<MaybeUninit<Waker>>,
    pub(super) state: AtomicByte,
    home: Home,
}

/// The value, or the waker of a sender that has not sent it: it needs no room of its own.
#[repr(C)] // so that a pointer to it is one to either
union Content<T> {
    nothing: (),
    _value: ManuallyDrop<T>,
    _waker: ManuallyDrop<Waker>,
}

/// Where a slot lies, and so what freeing it means.
#[derive(Clone, Copy)]
pub(super) enum Home {
    Static,
    #[allow(dead_code, reason = "made only where there is a heap")]
    Heap(Heap),
}

// SAFETY: the value and the wakers are each touched by one end at a time, which the state says
// (O3, O4); the value moves from one thread to another, and `Waker` is `Send + Sync`.
unsafe impl<T: Send> Sync for Slot<T> {}

impl<T> Slot<T> {
    const_fn! {
        /// A slot that nobody uses.
        pub(super) const fn free_in_static() -> Self {
            Self::new(FREE, Home::Static)
        }
    }

    const_fn! {
        /// A slot for one use, of which the caller makes the ends.
        #[allow(dead_code, reason = "called only where there is a heap")]
        pub(super) const fn open_on(heap: Heap) -> Self {
            Self::new(OPEN, Home::Heap(heap))
        }
    }

    const_fn! {
        const fn new(state: u8, home: Home) -> Self {
            Self {
                content: UnsafeCell::new(Content { nothing: () }),
                receiving: UnsafeCell::new(MaybeUninit::uninit()),
                state: AtomicByte::new(state),
                home,
            }
        }
    }

    /// Begins a use; false if one is going on.
    pub(super) fn begin(&self) -> bool {
        // Acquire: what the ends of the use before did to the places comes before.
        let begun = self.state.compare_exchange(FREE, OPEN, Ordering::Acquire, Ordering::Relaxed);
        begun.is_ok()
    }

    pub(super) fn is_free(&self) -> bool {
        self.state.load(Ordering::Relaxed) == FREE
    }

    /// # Safety
    ///
    /// The content is the sending end's to write, and the caller is that end (O4).
    #[inline]
    pub(super) unsafe fn put(&self, value: T) {
        // SAFETY: the caller's alone, by its promise.
        self.content.with_mut(|content| unsafe { content.cast::<T>().write(value) });
    }

    /// # Safety
    ///
    /// There is a value, and the caller is the end that may read it, once (O4).
    #[inline]
    pub(super) unsafe fn take(&self) -> T {
        // SAFETY: initialised, and read once, by the caller's promise.
        self.content.with(|content| unsafe { content.cast::<T>().read() })
    }

    /// Ends the use, and the slot itself if it lies on the heap.
    ///
    /// # Safety
    ///
    /// No end touches the slot any more, and the caller does so for the last time (O5).
    pub(super) unsafe fn free(slot: NonNull<Self>) {
        // SAFETY: alive, by the caller's promise.
        match unsafe { slot.as_ref() }.home {
            // SAFETY: as above.
            Home::Static => unsafe { slot.as_ref() }.state.store(FREE, Ordering::Release),
            // SAFETY: it came from there, and the caller is alone with it.
            Home::Heap(heap) => unsafe { heap.free(slot) },
        }
    }
}
