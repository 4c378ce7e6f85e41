//! A sender as a sink.

use super::{error::SendError, handle::Sender, ring::PutError};
use crate::{
    sync::{Shared, Sharing},
    wait::{Attempt, List, Until},
};
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};
use futures_sink::Sink;
use pin_project_lite::pin_project;

pin_project! {
    /// A sender as a [`Sink`]; made by [`Sender::into_sink`].
    ///
    /// Ready means that room for one message is kept. There is nothing to flush; closing gives back
    /// the sender, which closes the channel if it was the last one.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future of a `send` call loses the message that it was given, as with any sink,
    /// unless it was sent. Room that was kept stays kept until the next message or the sink's end, and
    /// so does a place in the queue: close or drop a sink that will not be used any more.
    #[must_use = "sinks do nothing unless you poll them"]
    pub struct SenderSink<T, M: Sharing = Shared> {
        #[pin]
        until: Until<Room<T, M>>,
        kept: bool,
    }

    impl<T, M: Sharing> PinnedDrop for SenderSink<T, M> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if *this.kept && let Some(sender) = &this.until.operation().0 {
                sender.ring().unreserve();
            }
        }
    }
}

/// The sender, until the sink is closed.
struct Room<T, M: Sharing>(Option<Sender<T, M>>);

impl<T, M: Sharing> Sender<T, M> {
    /// The sender as a sink.
    ///
    /// # Examples
    ///
    /// ```
    /// # futures_util::FutureExt::now_or_never(async {
    /// use futures_util::{SinkExt, StreamExt, stream};
    ///
    /// let (tx, rx) = klaw::bounded(10);
    /// stream::iter([1, 2, 3]).map(Ok).forward(tx.into_sink()).await?;
    /// assert_eq!(rx.into_stream().collect::<Vec<_>>().await, [1, 2, 3]);
    /// # Ok::<(), klaw::SendError<()>>(())
    /// # }).unwrap().unwrap();
    /// ```
    pub fn into_sink(self) -> SenderSink<T, M> {
        SenderSink { until: Until::new(Room(Some(self))), kept: false }
    }
}

impl<T, M: Sharing> Attempt for Room<T, M> {
    type Output = Result<(), SendError<()>>;

    fn attempt(&mut self) -> Poll<Self::Output> {
        let Some(sender) = &self.0 else { return Poll::Ready(Err(SendError(()))) };
        match sender.ring().try_reserve() {
            Ok(()) => Poll::Ready(Ok(())),
            Err(PutError::Full) => Poll::Pending,
            Err(PutError::Closed) => Poll::Ready(Err(SendError(()))),
        }
    }

    fn with_list<R>(&self, f: impl FnOnce(&mut List, bool) -> R) -> R {
        match &self.0 {
            Some(sender) => sender.ring().with_waiting_senders(f),
            // Nothing waits after closing, and an attempt answers at once.
            None => f(&mut List::new(), true),
        }
    }
}

impl<T, M: Sharing> Sink<T> for SenderSink<T, M> {
    type Error = SendError<()>;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        let this = self.project();
        if !*this.kept {
            ready!(this.until.poll(cx))?;
            *this.kept = true;
        }
        Poll::Ready(Ok(()))
    }

    /// # Panics
    ///
    /// If `poll_ready` did not answer `Ok` before.
    fn start_send(self: Pin<&mut Self>, message: T) -> Result<(), Self::Error> {
        let this = self.project();
        assert!(core::mem::take(this.kept), "`start_send` without `poll_ready`");
        match &this.until.operation().0 {
            Some(sender) => sender.ring().put_permitted(message).map_err(|_| SendError(())),
            None => Err(SendError(())),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        let this = self.project();
        let sender = this.until.give_up().0.take();
        if core::mem::take(this.kept)
            && let Some(sender) = &sender
        {
            sender.ring().unreserve();
        }
        Poll::Ready(Ok(()))
    }
}

impl<T, M: Sharing> fmt::Debug for SenderSink<T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SenderSink").field(&self.until.operation().0).finish()
    }
}
