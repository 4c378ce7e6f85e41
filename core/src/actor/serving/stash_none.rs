//! Without a heap nothing is put aside.

use crate::sync::const_fn;
use core::{convert::Infallible, marker::PhantomData};

/// No messages put aside.
pub(in crate::actor) struct Stash<M>(PhantomData<fn() -> M>);

impl<M> Stash<M> {
    /// Whether there can be any.
    pub(in crate::actor) const ANY: bool = false;

    const_fn! {
        pub(in crate::actor) const fn new() -> Self {
            Self(PhantomData)
        }
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
