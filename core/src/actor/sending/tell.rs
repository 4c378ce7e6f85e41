//! Sending one message to an actor.

use super::envelope::Envelope;
use crate::actor::ActorRef;
use crate::channel::{Compact, Send, SendError, TrySendError, try_send};
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};
use pin_project_lite::pin_project;

pin_project! {
    /// Sends one message to an actor, waiting for room; made by [`ActorRef::tell`].
    ///
    /// # Panics
    ///
    /// When polled after it gave the message back.
    ///
    /// # Cancel safety
    ///
    /// Dropping it before it is done costs the place in the queue: the message is then not sent, and is
    /// dropped with the future. [`cancel`](Self::cancel) gives it back instead.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Tell<'a, M> {
        #[pin]
        send: Send<'a, Envelope<M>, Compact>,
    }
}

impl<'a, M> Tell<'a, M> {
    #[inline]
    pub(in crate::actor) fn new(me: &'a ActorRef<M>, envelope: Envelope<M>) -> Self {
        Self { send: Send::new(me.inbox().ring(), envelope) }
    }

    /// Gives up sending and returns the message; `None` if it was sent.
    pub fn cancel(self: Pin<&mut Self>) -> Option<M> {
        self.project().send.cancel().map(Envelope::into_msg)
    }
}

impl<M> Future for Tell<'_, M> {
    type Output = Result<(), SendError<M>>;

    #[inline(always)]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().send.poll(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Ok(())) => Poll::Ready(Ok(())),
            Poll::Ready(Err(SendError(envelope))) => {
                Poll::Ready(Err(SendError(envelope.into_msg())))
            }
        }
    }
}

impl<M> ActorRef<M> {
    /// Sends `msg`, waiting for room in the mailbox.
    ///
    /// It allocates nothing, but for a heap mailbox that grows towards its capacity. `Ok` means that
    /// the message is in the queue, not that it was handled.
    ///
    /// Where there is a heap, the message carries the [`Context`](crate::Context) that is current when
    /// this is called. Its handler runs in a span of its own in that context, without local values; in
    /// the actor's own context if the sender has none.
    ///
    /// An actor that tells itself while its mailbox is full waits for itself:
    /// [`Ctx::tell`](crate::actor::Ctx::tell) refuses to, and [`try_tell`](Self::try_tell) does not wait.
    ///
    /// # Errors
    ///
    /// [`SendError`] with the message if the actor takes no more.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future costs the place in the queue; the message is then not sent.
    #[inline]
    pub fn tell(&self, msg: M) -> Tell<'_, M> {
        Tell::new(self, Envelope::new(msg))
    }

    /// The same as [`tell`](Self::tell).
    ///
    /// # Errors
    ///
    /// [`SendError`] with the message if the actor takes no more.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future costs the place in the queue; the message is then not sent.
    #[inline]
    pub fn send(&self, msg: M) -> Tell<'_, M> {
        self.tell(msg)
    }

    /// Sends `msg` if there is room now, with the context of the caller as [`tell`](Self::tell) does.
    ///
    /// # Errors
    ///
    /// [`TrySendError`] with the message if the mailbox is full or the actor takes no more.
    #[inline]
    pub fn try_tell(&self, msg: M) -> Result<(), TrySendError<M>> {
        try_send(self.inbox().ring(), Envelope::new(msg)).map_err(|refused| match refused {
            TrySendError::Full(envelope) => TrySendError::Full(envelope.into_msg()),
            TrySendError::Closed(envelope) => TrySendError::Closed(envelope.into_msg()),
        })
    }
}

impl<M> fmt::Debug for Tell<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tell").finish_non_exhaustive()
    }
}
