//! Waiting for the receiver to lose interest.

use super::{end::End, slot::Sending};
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

/// Done when the receiver is dropped or closed; made by [`Sender::closed`](super::Sender::closed).
///
/// Polled again after that it is done again.
///
/// # Cancel safety
///
/// Dropping it leaves the channel as if it had never been polled.
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct Closed<'a, T>(Option<&'a mut End<T, Sending>>);

impl<'a, T> Closed<'a, T> {
    pub(super) const fn new(end: Option<&'a mut End<T, Sending>>) -> Self {
        Self(end)
    }
}

impl<T> Future for Closed<'_, T> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        match &mut self.0 {
            Some(end) => end.poll(cx).map(drop),
            None => Poll::Ready(()),
        }
    }
}

impl<T> Drop for Closed<'_, T> {
    fn drop(&mut self) {
        if let Some(end) = &mut self.0 {
            end.forget();
        }
    }
}

impl<T> fmt::Debug for Closed<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let closed = self.0.as_ref().is_none_or(|end| end.settled().is_some());
        f.debug_struct("Closed").field("closed", &closed).finish_non_exhaustive()
    }
}
