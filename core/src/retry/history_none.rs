//! Without a heap, errors between the first and the last one are not kept.

use core::marker::PhantomData;

/// Nothing.
#[derive(Clone, Debug)]
pub(super) struct History<E>(PhantomData<E>);

impl<E> History<E> {
    pub(super) const fn new(_: usize) -> Self {
        Self(PhantomData)
    }

    pub(super) fn push(&mut self, _: E) {}

    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = &E> {
        [].into_iter()
    }
}
