//! Sending one message.

use super::{
    error::{SendError, TrySendError},
    ring::{PutError, Ring},
};
use crate::wait::{Attempt, List, Until};
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};
use pin_project_lite::pin_project;

pin_project! {
    /// Sends one message, waiting for room; made by `send`.
    ///
    /// # Cancel safety
    ///
    /// Dropping it before it is done costs the place in the queue: the message is then certainly
    /// not sent, and is dropped with the future.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Send<'a, T> {
        #[pin]
        until: Until<Put<'a, T>>,
    }
}

struct Put<'a, T> {
    ring: &'a Ring<T>,
    value: Option<T>,
}

impl<'a, T> Send<'a, T> {
    pub(crate) fn new(ring: &'a Ring<T>, value: T) -> Self {
        Self { until: Until::new(Put { ring, value: Some(value) }) }
    }
}

pub(crate) fn try_send<T>(ring: &Ring<T>, value: T) -> Result<(), TrySendError<T>> {
    let mut value = Some(value);
    let refused = match ring.try_put(&mut value) {
        Ok(()) => return Ok(()),
        Err(error) => error,
    };
    match (refused, value) {
        (PutError::Full, Some(value)) => Err(TrySendError::Full(value)),
        (PutError::Closed, Some(value)) => Err(TrySendError::Closed(value)),
        (_, None) => Ok(()), // a refused message is still in its place, so this is never reached
    }
}

impl<T> Attempt for Put<'_, T> {
    type Output = Result<(), SendError<T>>;

    #[inline]
    fn attempt(&mut self) -> Option<Self::Output> {
        match self.ring.try_put(&mut self.value) {
            Ok(()) => Some(Ok(())),
            Err(PutError::Full) => None,
            Err(PutError::Closed) => Some(self.value.take().map_or(Ok(()), |v| Err(SendError(v)))),
        }
    }

    fn with_list<R>(&self, f: impl FnOnce(&mut List, bool) -> R) -> R {
        self.ring.with_waiting_senders(f)
    }
}

impl<T> Future for Send<'_, T> {
    type Output = Result<(), SendError<T>>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().until.poll(cx)
    }
}

impl<T> fmt::Debug for Send<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sent = self.until.operation().value.is_none();
        f.debug_struct("Send").field("sent", &sent).finish_non_exhaustive()
    }
}
