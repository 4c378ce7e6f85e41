//! A receiver as a stream.

use super::{Lagged, Receiver, TryRecvError};
use crate::wait::{Attempt, List, Until};
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};
use futures_core::stream::{FusedStream, Stream};
use pin_project_lite::pin_project;

pin_project! {
    /// The messages of a broadcast as a [`Stream`]; made by [`Receiver::into_stream`].
    ///
    /// An item is [`Lagged`] where messages were overwritten before the receiver came to them. It
    /// keeps its place among those who wait between polls, so pin it before use.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future of a `next` call loses nothing.
    #[must_use = "streams do nothing unless you poll them"]
    pub struct ReceiverStream<T: Clone> {
        #[pin]
        until: Until<Next<T>>,
        ended: bool,
    }
}

struct Next<T>(Receiver<T>);

impl<T: Clone> ReceiverStream<T> {
    pub(super) fn new(receiver: Receiver<T>) -> Self {
        Self { until: Until::new(Next(receiver)), ended: false }
    }

    /// The receiver that gives the messages.
    pub const fn receiver(&self) -> &Receiver<T> {
        &self.until.operation().0
    }
}

impl<T: Clone> Attempt for Next<T> {
    type Output = Option<Result<T, Lagged>>;

    fn attempt(&mut self) -> Poll<Self::Output> {
        match self.0.try_recv() {
            Ok(message) => Poll::Ready(Some(Ok(message))),
            Err(TryRecvError::Empty) => Poll::Pending,
            Err(TryRecvError::Closed) => Poll::Ready(None),
            Err(TryRecvError::Lagged(missed)) => Poll::Ready(Some(Err(Lagged(missed)))),
        }
    }

    fn with_list<R>(&self, f: impl FnOnce(&mut List, bool) -> R) -> R {
        self.0.shared().with_waiting_receivers(self.0.place(), f)
    }
}

impl<T: Clone> Stream for ReceiverStream<T> {
    type Item = Result<T, Lagged>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.project();
        if *this.ended {
            return Poll::Ready(None);
        }
        let next = this.until.poll(cx);
        *this.ended = matches!(next, Poll::Ready(None));
        next
    }
}

impl<T: Clone> FusedStream for ReceiverStream<T> {
    fn is_terminated(&self) -> bool {
        self.ended
    }
}

impl<T: Clone> fmt::Debug for ReceiverStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ReceiverStream").field(self.receiver()).finish()
    }
}
