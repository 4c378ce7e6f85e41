//! One element of a pinned slice.

use core::pin::Pin;

/// The element at `at`, pinned as the slice is.
pub(crate) fn element<T>(slice: Pin<&mut [T]>, at: usize) -> Pin<&mut T> {
    // SAFETY: nothing is moved; a slice keeps its elements where they are, and what drops it drops
    // them in place. Nobody gets at them by `&mut` while the slice is pinned.
    unsafe { slice.map_unchecked_mut(|slice| &mut slice[at]) }
}
