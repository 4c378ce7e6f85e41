//! A message where there are no contexts.

/// A message as it lies in the queue.
pub(crate) struct Envelope<M>(M);

impl<M> Envelope<M> {
    #[inline]
    pub(in crate::actor) const fn new(msg: M) -> Self {
        Self(msg)
    }

    /// A message that nobody sent.
    #[inline]
    pub(in crate::actor) const fn own(msg: M) -> Self {
        Self(msg)
    }

    #[inline]
    pub(in crate::actor) fn into_msg(self) -> M {
        self.0
    }

    /// What `handler` makes of the message.
    #[inline]
    pub(in crate::actor) fn handle<F: Future>(self, handler: impl FnOnce(M) -> F) -> F {
        handler(self.0)
    }
}
