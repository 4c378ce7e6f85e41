//! Receiving one message.

use super::{
    error::{RecvError, TryRecvError},
    ring::{Ring, Slot},
};
use crate::{
    sync::{Shared, Sharing},
    wait::{Attempt, List, Until},
};
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};
use pin_project_lite::pin_project;

pin_project! {
    /// Receives one message, waiting for it; made by `recv`.
    ///
    /// # Cancel safety
    ///
    /// Dropping it before it is done costs the place in the queue. No message is lost: it is taken
    /// out of the channel only by the poll that returns it.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Recv<'a, T, M: Sharing = Shared> {
        #[pin]
        until: Until<Take<'a, T, M>>,
    }
}

pub(crate) struct Take<'a, T, M: Sharing>(pub(crate) &'a Ring<T, [Slot<T>], M>);

impl<'a, T, M: Sharing> Recv<'a, T, M> {
    /// The bare operation, to be polled beside others.
    pub(super) fn into_until(self) -> Until<Take<'a, T, M>> {
        self.until
    }

    #[inline]
    pub(crate) fn new(ring: &'a Ring<T, [Slot<T>], M>) -> Self {
        Self { until: Until::new(Take(ring)) }
    }
}

impl<T, M: Sharing> Attempt for Take<'_, T, M> {
    type Output = Result<T, RecvError>;

    #[inline]
    fn attempt(&mut self) -> Poll<Self::Output> {
        let mut polled = Poll::Pending;
        self.attempt_into(&mut polled);
        polled
    }

    #[inline]
    fn attempt_into(&mut self, polled: &mut Poll<Self::Output>) {
        match self.0.take_into(polled, |message| Poll::Ready(Ok(message))) {
            Ok(()) | Err(TryRecvError::Empty) => {}
            Err(TryRecvError::Closed) => *polled = Poll::Ready(Err(RecvError)),
        }
    }

    fn spin(&self) -> bool {
        self.0.spin_for_message()
    }

    fn with_list<R>(&self, f: impl FnOnce(&mut List, bool) -> R) -> R {
        self.0.with_waiting_receivers(f)
    }
}

impl<T, M: Sharing> Future for Recv<'_, T, M> {
    type Output = Result<T, RecvError>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().until.poll(cx)
    }
}

impl<T, M: Sharing> fmt::Debug for Recv<'_, T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recv").finish_non_exhaustive()
    }
}
