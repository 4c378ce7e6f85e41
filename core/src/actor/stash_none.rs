//! Without a heap nothing is put aside.

use crate::sync::const_fn;
use core::{convert::Infallible, marker::PhantomData};

/// No messages put aside.
pub(super) struct Stash<M>(PhantomData<fn() -> M>);

impl<M> Stash<M> {
    /// Whether there can be any.
    pub(super) const ANY: bool = false;

    const_fn! {
        pub(super) const fn new() -> Self {
            Self(PhantomData)
        }
    }

    pub(super) const fn take(&self) -> Option<M> {
        None
    }

    pub(super) const fn bring_back(&self) -> bool {
        false
    }

    pub(super) const fn close(&self) -> Option<Infallible> {
        None
    }
}
