//! A receiver as a stream.

use super::receiver::Receiver;
use crate::wait::{Attempt, List, Until};
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};
use futures_core::stream::{FusedStream, Stream};
use pin_project_lite::pin_project;

pin_project! {
    /// The values of a channel as a [`Stream`]; made by [`Receiver::into_stream`].
    ///
    /// The value at the first poll comes first, then each new one; what is stored between two polls
    /// is one item, the newest. Pin it before use.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future of a `next` call loses nothing: a value is marked as seen only when it
    /// is given out.
    #[must_use = "streams do nothing unless you poll them"]
    pub struct WatchStream<T>
    where
        T: Clone,
    {
        #[pin]
        until: Until<Next<T>>,
        ended: bool,
    }
}

struct Next<T>(Receiver<T>);

impl<T: Clone> WatchStream<T> {
    pub(super) fn new(receiver: Receiver<T>) -> Self {
        Self { until: Until::new(Next(receiver)), ended: false }
    }

    /// The receiver that gives the values.
    pub const fn receiver(&self) -> &Receiver<T> {
        &self.until.operation().0
    }
}

impl<T: Clone> Attempt for Next<T> {
    type Output = Option<T>;

    fn attempt(&mut self) -> Poll<Self::Output> {
        match self.0.try_next() {
            None => Poll::Pending,
            Some(next) => Poll::Ready(next.ok().map(super::Ref::into_inner)),
        }
    }

    fn with_list<R>(&self, f: impl FnOnce(&mut List, bool) -> R) -> R {
        self.0.with_list(f)
    }
}

impl<T: Clone> Stream for WatchStream<T> {
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

impl<T: Clone> FusedStream for WatchStream<T> {
    fn is_terminated(&self) -> bool {
        self.ended
    }
}

impl<T: Clone> fmt::Debug for WatchStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WatchStream").field(self.receiver()).finish()
    }
}
