//! Without a heap, no slot lies on it.

use super::slot::Slot;
use core::{convert::Infallible, ptr::NonNull};

/// Says of a slot that it lies on the heap: never.
#[derive(Clone, Copy)]
pub(super) struct Heap(Infallible);

impl Heap {
    /// # Safety
    ///
    /// None: it is never called.
    pub(super) unsafe fn free<T>(self, _: NonNull<Slot<T>>) {
        match self.0 {}
    }
}
