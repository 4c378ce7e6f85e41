//! Receiving one message.

use super::{
    error::{RecvError, TryRecvError},
    ring::Ring,
};
use crate::wait::{Attempt, List, Until};
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
    /// Dropping it before it is done costs the place in the queue. No message is lost: one is taken
    /// only when the future completes.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Recv<'a, T> {
        #[pin]
        until: Until<Take<'a, T>>,
    }
}

struct Take<'a, T>(&'a Ring<T>);

impl<'a, T> Recv<'a, T> {
    pub(crate) fn new(ring: &'a Ring<T>) -> Self {
        Self { until: Until::new(Take(ring)) }
    }
}

impl<T> Attempt for Take<'_, T> {
    type Output = Result<T, RecvError>;

    #[inline]
    fn attempt(&mut self) -> Option<Self::Output> {
        match self.0.try_take() {
            Ok(value) => Some(Ok(value)),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Closed) => Some(Err(RecvError)),
        }
    }

    fn with_list<R>(&self, f: impl FnOnce(&mut List, bool) -> R) -> R {
        self.0.with_waiting_receivers(f)
    }
}

impl<T> Future for Recv<'_, T> {
    type Output = Result<T, RecvError>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().until.poll(cx)
    }
}

impl<T> fmt::Debug for Recv<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let waiting = self.until.operation().0.len();
        f.debug_struct("Recv").field("len", &waiting).finish_non_exhaustive()
    }
}
