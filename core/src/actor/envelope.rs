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

    /// The message, and the context of its sender if there is one.
    #[inline]
    pub(super) fn open(self) -> (M, Option<Sender>) {
        let Self { msg, context } = self;
        (msg, if context.is_empty() { None } else { Some(Sender(context)) })
    }
}

/// Who sent a message, as far as its handler is concerned.
pub(super) struct Sender(Context);

impl Sender {
    /// What `handler` makes, in a span of its own in the sender's context.
    pub(super) fn run<F: Future>(self, handler: impl FnOnce() -> F) -> WithContext<F> {
        let mut context = self.0.for_spawn();
        let future = context.enter_mut(handler);
        context.run(future)
    }
}
