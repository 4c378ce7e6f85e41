//! Without a heap nothing is put aside.

use crate::actor::seldom::Seldom;
use core::{convert::Infallible, marker::PhantomData};

/// No messages put aside.
pub(in crate::actor) struct Stash<'a, M>(PhantomData<&'a Seldom<M>>);

impl<'a, M> Stash<'a, M> {
    /// Whether there can be any.
    pub(in crate::actor) const ANY: bool = false;

    pub(in crate::actor) const fn new(_: &'a Seldom<M>) -> Self {
        Self(PhantomData)
    }

    pub(in crate::actor) const fn take(&self) -> Option<M> {
        None
    }

    pub(in crate::actor) const fn bring_back(&self) -> bool {
        false
    }

    pub(in crate::actor) const fn close(&self) -> Option<Infallible> {
        None
    }
}
