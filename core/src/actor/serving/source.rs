//! What an incarnation may be given to listen to beside its mailbox, as part of its own future.

use crate::actor::sending::envelope::Envelope;
use crate::channel::{ReceiverStream, Sharing};
use core::{
    convert::Infallible,
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll},
};
use futures_core::Stream;
use pin_project_lite::pin_project;

/// Gives messages until it has ended.
pub(in crate::actor) trait Source<M> {
    /// Whether there can be one.
    const ANY: bool = true;

    /// The next message; none once it has ended.
    fn poll_message(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Envelope<M>>>;

    /// Gives up its place in a queue that it shares, since the actor has something else to do.
    fn leave(self: Pin<&mut Self>);
}

/// There is none: a type without values, so its absence takes no room.
pub(in crate::actor) struct NoSource<M>(Infallible, PhantomData<fn() -> M>);

impl<M> Source<M> for NoSource<M> {
    const ANY: bool = false;

    fn poll_message(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Envelope<M>>> {
        match self.0 {}
    }

    fn leave(self: Pin<&mut Self>) {
        match self.0 {}
    }
}

pin_project! {
    /// A stream, which nobody else waits for.
    pub(in crate::actor) struct FromStream<S> {
        #[pin]
        pub(in crate::actor) stream: S,
    }
}

impl<S: Stream> Source<S::Item> for FromStream<S> {
    fn poll_message(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Envelope<S::Item>>> {
        self.project().stream.poll_next(cx).map(|next| next.map(Envelope::own))
    }

    fn leave(self: Pin<&mut Self>) {}
}

impl<M, K: Sharing> Source<M> for ReceiverStream<M, K> {
    fn poll_message(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Envelope<M>>> {
        self.poll_next(cx).map(|next| next.map(Envelope::own))
    }

    fn leave(self: Pin<&mut Self>) {
        Self::leave(self);
    }
}
