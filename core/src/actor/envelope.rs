//! A message and the context of who sent it.

use crate::context::{Context, WithContext};

/// A message as it lies in the queue.
pub(crate) struct Envelope<M> {
    msg: M,
    context: Context,
}

impl<M> Envelope<M> {
    /// A message from whoever this is called by.
    #[inline]
    pub(super) fn new(msg: M) -> Self {
        Self { msg, context: Context::current() }
    }

    /// A message that nobody sent: the actor's own, handled in its own context.
    #[inline]
    pub(super) fn own(msg: M) -> Self {
        Self { msg, context: Context::empty() }
    }

    #[inline]
    pub(super) fn into_msg(self) -> M {
        self.msg
    }

    /// Handles the message in a span of its own in its sender's context; in that of the actor if the
    /// sender had none.
    #[inline]
    pub(super) fn handle<F: Future>(self, handler: impl FnOnce(M) -> F) -> WithContext<F> {
        let Self { msg, context } = self;
        let mut context = if context.is_empty() { Context::current() } else { context.for_spawn() };
        let future = context.enter_mut(|| handler(msg));
        context.run(future)
    }
}
