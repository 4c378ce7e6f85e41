//! Receiving one message.

use super::{Receiver, RecvError, TryRecvError};
use crate::wait::{Attempt, List, Until};
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};
use pin_project_lite::pin_project;

pin_project! {
    /// Receives one message, waiting for it; made by [`Receiver::recv`].
    ///
    /// # Cancel safety
    ///
    /// Dropping it before it is done loses nothing: the receiver goes on to the next message only
    /// when the future completes.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Recv<'a, T: Clone> {
        #[pin]
        until: Until<Take<'a, T>>,
    }
}

struct Take<'a, T>(&'a mut Receiver<T>);

impl<'a, T: Clone> Recv<'a, T> {
    #[inline]
    pub(super) fn new(receiver: &'a mut Receiver<T>) -> Self {
        Self { until: Until::new(Take(receiver)) }
    }
}

impl<T: Clone> Attempt for Take<'_, T> {
    type Output = Result<T, RecvError>;

    #[inline]
    fn attempt(&mut self) -> Poll<Self::Output> {
        match self.0.try_recv() {
            Ok(message) => Poll::Ready(Ok(message)),
            Err(TryRecvError::Empty) => Poll::Pending,
            Err(TryRecvError::Closed) => Poll::Ready(Err(RecvError::Closed)),
            Err(TryRecvError::Lagged(missed)) => Poll::Ready(Err(RecvError::Lagged(missed))),
        }
    }

    fn with_list<R>(&self, f: impl FnOnce(&mut List, bool) -> R) -> R {
        self.0.shared().with_waiting_receivers(self.0.place(), f)
    }
}

impl<T: Clone> Future for Recv<'_, T> {
    type Output = Result<T, RecvError>;

    #[inline(always)]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().until.poll(cx)
    }
}

impl<T: Clone> fmt::Debug for Recv<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Recv").field(&self.until.operation().0).finish()
    }
}
