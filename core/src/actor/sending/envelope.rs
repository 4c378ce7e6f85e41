//! A message and the context of who sent it.

use crate::context::Context;
use core::{
    pin::Pin,
    task::{self, Poll},
};
use pin_project_lite::pin_project;

/// A message as it lies in the queue.
pub(crate) struct Envelope<M> {
    msg: M,
    context: Context,
}

impl<M> Envelope<M> {
    /// A message from whoever this is called by.
    #[inline]
    pub(in crate::actor) fn new(msg: M) -> Self {
        Self { msg, context: Context::current() }
    }

    /// A message that nobody sent: the actor's own, handled in its own context.
    #[inline]
    pub(in crate::actor) fn own(msg: M) -> Self {
        Self { msg, context: Context::empty() }
    }

    #[inline]
    pub(in crate::actor) fn into_msg(self) -> M {
        self.msg
    }

    /// What `handler` makes of the message, in a span of its own in the sender's context if there is
    /// one; else in that of the actor, which is current already.
    #[inline]
    pub(in crate::actor) fn handle<F: Future>(self, handler: impl FnOnce(M) -> F) -> Handling<F> {
        let Self { msg, context } = self;
        if context.is_empty() {
            return Handling { future: Some(handler(msg)), context };
        }
        let mut context = context.for_spawn();
        let future = context.enter_mut(|| handler(msg));
        Handling { future: Some(future), context }
    }
}

pin_project! {
    /// A handler at work on a message.
    pub(in crate::actor) struct Handling<F> {
        // There until it has given its result.
        #[pin]
        future: Option<F>,
        // Where it runs and is dropped; if this is empty, in the context that is current.
        context: Context,
    }

    impl<F> PinnedDrop for Handling<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if !this.context.is_empty() {
                this.context.enter_mut(|| this.future.set(None));
            }
        }
    }
}

impl<F: Future> Future for Handling<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        let mut poll = || {
            let future = this.future.as_mut().as_pin_mut();
            let polled = future.expect("not polled again after its result").poll(cx);
            if polled.is_ready() {
                this.future.set(None);
            }
            polled
        };
        if this.context.is_empty() { poll() } else { this.context.enter_mut(poll) }
    }
}
