//! A receiver as a stream.

use super::{Receiver, TryRecvError};
use crate::{
    sync::{Shared, Sharing},
    wait::{Attempt, List, Until},
};
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};
use futures_core::stream::{FusedStream, Stream};
use pin_project_lite::pin_project;

pin_project! {
    /// The messages of a channel as a [`Stream`]; made by [`Receiver::into_stream`].
    ///
    /// It keeps its place in the queue between polls, so pin it before use.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future of a `next` call loses no message, and not the place: the next message is
    /// this stream's to take. Where other receivers wait behind it, drop a stream that will not be
    /// polled again; then its turn goes on to them.
    #[must_use = "streams do nothing unless you poll them"]
    pub struct ReceiverStream<T, M: Sharing = Shared> {
        #[pin]
        until: Until<Next<T, M>>,
        ended: bool,
    }
}

struct Next<T, M: Sharing>(Receiver<T, M>);

impl<T, M: Sharing> ReceiverStream<T, M> {
    pub(super) fn new(receiver: Receiver<T, M>) -> Self {
        Self { until: Until::new(Next(receiver)), ended: false }
    }

    /// Gives up its place in the queue until it is polled again.
    pub(crate) fn leave(self: Pin<&mut Self>) {
        self.project().until.give_up();
    }

    /// The receiver that gives the messages.
    pub const fn receiver(&self) -> &Receiver<T, M> {
        &self.until.operation().0
    }
}

impl<T, M: Sharing> Attempt for Next<T, M> {
    type Output = Option<T>;

    #[inline]
    fn attempt(&mut self) -> Poll<Self::Output> {
        match self.0.ring().try_take() {
            Ok(message) => Poll::Ready(Some(message)),
            Err(TryRecvError::Empty) => Poll::Pending,
            Err(TryRecvError::Closed) => Poll::Ready(None),
        }
    }

    fn with_list<R>(&self, f: impl FnOnce(&mut List, bool) -> R) -> R {
        self.0.ring().with_waiting_receivers(f)
    }
}

impl<T, M: Sharing> Stream for ReceiverStream<T, M> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let this = self.project();
        if *this.ended {
            return Poll::Ready(None);
        }
        let next = this.until.poll(cx);
        *this.ended = matches!(next, Poll::Ready(None));
        next
    }
}

impl<T, M: Sharing> FusedStream for ReceiverStream<T, M> {
    fn is_terminated(&self) -> bool {
        self.ended
    }
}

impl<T, M: Sharing> fmt::Debug for ReceiverStream<T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ReceiverStream").field(self.receiver()).finish()
    }
}
