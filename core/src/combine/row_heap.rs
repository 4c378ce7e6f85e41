//! Futures of one type, side by side on the heap.

use super::{child::Child, group::IntoGroup, row::Row};
use alloc::{boxed::Box, vec::Vec};
use core::pin::Pin;

impl<F: Future> Row for Pin<Box<[Child<F>]>> {
    type Future = F;
    type List<T> = Vec<T>;

    fn children(self: Pin<&mut Self>) -> Pin<&mut [Child<F>]> {
        self.get_mut().as_mut()
    }

    fn list<T>(len: usize, value: impl FnMut(usize) -> T) -> Vec<T> {
        (0..len).map(value).collect()
    }
}

impl<T, E, F: Future<Output = Result<T, E>>> IntoGroup for Vec<F> {
    type Group = Pin<Box<[Child<F>]>>;

    fn into_group(self) -> Self::Group {
        Box::into_pin(self.into_iter().map(Child::new).collect())
    }
}
