//! A message where there are no contexts.

use core::convert::Infallible;

/// A message as it lies in the queue.
pub(crate) struct Envelope<M>(M);

impl<M> Envelope<M> {
    #[inline]
    pub(super) const fn new(msg: M) -> Self {
        Self(msg)
    }

    /// A message that nobody sent.
    #[inline]
    pub(super) const fn own(msg: M) -> Self {
        Self(msg)
    }

    #[inline]
    pub(super) fn into_msg(self) -> M {
        self.0
    }

    /// The message; whoever sent it had no context.
    #[inline]
    pub(super) fn open(self) -> (M, Option<Sender>) {
        (self.0, None)
    }
}

/// The context of a sender: a type without values.
pub(super) struct Sender(Infallible);

impl Sender {
    pub(super) fn run<F: Future>(self, _: impl FnOnce() -> F) -> F {
        match self.0 {}
    }
}
