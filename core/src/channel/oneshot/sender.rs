//! The sending end.

use super::{Closed, end::End, slot::Sending};
use crate::channel::SendError;
use core::fmt;

/// The end that sends the value, once.
///
/// Dropping it unsent tells the receiver that no value will come.
#[must_use = "dropping a sender tells the receiver that no value will come"]
pub struct Sender<T>(Option<End<T, Sending>>); // none once it has left

impl<T> Sender<T> {
    pub(super) const fn new(end: End<T, Sending>) -> Self {
        Self(Some(end))
    }

    /// Sends the value and wakes the receiver. It never waits.
    ///
    /// `Ok` does not mean that it will be received: the receiver may be dropped with the value unseen.
    ///
    /// # Errors
    ///
    /// [`SendError`] with the value if the receiver was dropped or closed.
    #[inline]
    pub fn send(mut self, value: T) -> Result<(), SendError<T>> {
        match self.0.take() {
            Some(end) => end.send(value),
            None => Err(SendError(value)),
        }
    }

    /// Waits until the receiver is dropped or closed: the time to stop working on a value for it.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the channel as if it had never been polled.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures_util::FutureExt;
    /// use klaw::channel::oneshot;
    ///
    /// let (mut tx, rx) = oneshot::channel::<u32>();
    /// assert!(tx.closed().now_or_never().is_none());
    /// drop(rx);
    /// assert!(tx.closed().now_or_never().is_some());
    /// ```
    pub fn closed(&mut self) -> Closed<'_, T> {
        Closed::new(self.0.as_mut())
    }

    /// Whether the receiver was dropped or closed, so that a value would come back.
    pub fn is_closed(&self) -> bool {
        self.0.as_ref().is_none_or(|end| end.settled().is_some())
    }
}

impl<T> Drop for Sender<T> {
    #[inline]
    fn drop(&mut self) {
        if let Some(end) = self.0.take() {
            end.give_up();
        }
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").field("closed", &self.is_closed()).finish_non_exhaustive()
    }
}
