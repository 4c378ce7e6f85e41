//! What is done once when an actor has ended for good: nothing, where there is no heap.

use super::seldom::Seldom;
use core::marker::PhantomData;

pub(crate) struct AtEnd<'a, M>(PhantomData<&'a Seldom<M>>);

impl<'a, M> AtEnd<'a, M> {
    pub(super) const fn new(_: &'a Seldom<M>) -> Self {
        Self(PhantomData)
    }

    pub(super) const fn when_dropped(self) -> Self {
        self
    }
}
