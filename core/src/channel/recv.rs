//! Receiving one message.

use super::{
    error::RecvError,
    ring::{Ring, Slot, Take},
};
use crate::{
    sync::{Shared, Sharing},
    wait::Until,
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

impl<'a, T, M: Sharing> Recv<'a, T, M> {
    /// The bare operation, to be polled beside others.
    pub(super) fn into_until(self) -> Until<Take<'a, T, M>> {
        self.until
    }

    #[inline]
    pub(crate) fn new(ring: &'a Ring<T, [Slot<T>], M>) -> Self {
        Self { until: Until::new(Take::new(ring)) }
    }

    /// The same for who has just tried in vain.
    #[inline]
    pub(crate) fn tried(ring: &'a Ring<T, [Slot<T>], M>) -> Self {
        Self { until: Until::tried(Take::new(ring)) }
    }
}

impl<T, M: Sharing> Future for Recv<'_, T, M> {
    type Output = Result<T, RecvError>;

    #[inline(always)]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().until.poll_message(cx)
    }
}

impl<T, M: Sharing> fmt::Debug for Recv<'_, T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recv").finish_non_exhaustive()
    }
}
