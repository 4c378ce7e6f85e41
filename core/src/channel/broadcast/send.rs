//! Sending one message.

use super::{
    SendError, TrySendError,
    shared::{Refused, Shared},
};
use crate::wait::{Attempt, List, Until};
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};
use pin_project_lite::pin_project;

pin_project! {
    /// Sends one message to every receiver, waiting for room; made by `send`.
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
    shared: &'a Shared<T>,
    message: Option<T>,
}

impl<'a, T> Send<'a, T> {
    #[inline]
    pub(super) fn new(shared: &'a Shared<T>, message: T) -> Self {
        Self { until: Until::new(Put { shared, message: Some(message) }) }
    }
}

pub(super) fn try_send<T>(shared: &Shared<T>, message: T) -> Result<usize, TrySendError<T>> {
    let mut message = Some(message);
    shared.try_send(&mut message).map_err(|refused| {
        let message = message.expect(REFUSED);
        match refused {
            Refused::Full => TrySendError::Full(message),
            Refused::Closed => TrySendError::Closed(message),
            Refused::NoReceivers => TrySendError::NoReceivers(message),
        }
    })
}

const REFUSED: &str = "a refused message is still in its place";

impl<T> Attempt for Put<'_, T> {
    type Output = Result<usize, SendError<T>>;

    #[inline]
    fn attempt(&mut self) -> Poll<Self::Output> {
        let error = match self.shared.try_send(&mut self.message) {
            Ok(receivers) => return Poll::Ready(Ok(receivers)),
            Err(Refused::Full) => return Poll::Pending,
            Err(Refused::Closed) => SendError::Closed,
            Err(Refused::NoReceivers) => SendError::NoReceivers,
        };
        Poll::Ready(Err(error(self.message.take().expect(REFUSED))))
    }

    fn with_list<R>(&self, f: impl FnOnce(&mut List, bool) -> R) -> R {
        self.shared.with_waiting_senders(f)
    }
}

impl<T> Future for Send<'_, T> {
    type Output = Result<usize, SendError<T>>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().until.poll(cx)
    }
}

impl<T> fmt::Debug for Send<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sent = self.until.operation().message.is_none();
        f.debug_struct("Send").field("sent", &sent).finish_non_exhaustive()
    }
}
