//! Elements of a pinned slice.
//!
//! A future may hold `&mut` references into itself, which a shared reference to it would end: so
//! there is never one to the slice or to an element.

use core::{pin::Pin, ptr};

/// The element at `at`, pinned as the slice is.
pub(crate) fn element<T>(slice: Pin<&mut [T]>, at: usize) -> Pin<&mut T> {
    // SAFETY: nothing is moved; a slice keeps its elements where they are, and what drops it drops
    // them in place. Nobody gets at them by `&mut` while the slice is pinned.
    unsafe { slice.map_unchecked_mut(|slice| &mut slice[at]) }
}

/// How many elements there are.
pub(crate) fn count<T>(slice: Pin<&mut [T]>) -> usize {
    // SAFETY: nothing is moved.
    ptr::from_mut(unsafe { slice.get_unchecked_mut() }).len()
}
