//! Without a heap every token is a root.

use super::{Cancel, CancelToken, Cancelled};
use core::convert::Infallible;

/// A request below another one: a type without values, since here none can be.
pub(super) struct Child(Infallible);

impl Child {
    pub(super) const fn cancel(&self) -> &Cancel {
        match self.0 {}
    }
}

impl CancelToken {
    /// The answer of the outermost token that was cancelled, which is this one if it was.
    pub fn outermost(&self) -> Option<Cancelled> {
        self.answer()
    }
}
