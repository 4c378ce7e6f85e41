//! A channel on the heap.

use super::{Receiver, Sender, end::pair, slot::Slot};
use alloc::boxed::Box;
use core::ptr::NonNull;

/// Creates a channel for one value, in one allocation that the last of its ends frees.
///
/// # Examples
///
/// ```
/// use klaw::{TryRecvError, channel::oneshot};
///
/// let (tx, mut rx) = oneshot::channel();
/// assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
/// tx.send(7).unwrap();
/// assert_eq!(rx.try_recv(), Ok(7));
/// ```
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let slot = NonNull::from(Box::leak(Box::new(Slot::open_on(Heap(())))));
    // SAFETY: open and new, so it has no ends yet, and it lives until it is freed.
    unsafe { pair(slot) }
}

/// Says of a slot that it lies on the heap; made above only.
#[derive(Clone, Copy)]
pub(super) struct Heap(());

impl Heap {
    /// # Safety
    ///
    /// The slot is one that says it lies on the heap, and nobody touches it any more.
    pub(super) unsafe fn free<T>(self, slot: NonNull<Slot<T>>) {
        // SAFETY: it came out of a box above, and is the caller's alone.
        drop(unsafe { Box::from_raw(slot.as_ptr()) });
    }
}
