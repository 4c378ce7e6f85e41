//! Looking at the oldest message before deciding.

use super::ring::Peeked;
use crate::sync::{Shared, Sharing};
use core::{fmt, ops::Deref};

/// The oldest message of a channel, looked at; dropping it leaves the message where it is.
///
/// It holds no lock. While it lives no other receiver takes a message, and senders go on.
///
/// # Examples
///
/// ```
/// let (tx, rx) = klaw::bounded(10);
/// tx.try_send(7).unwrap();
/// let next = rx.peek().unwrap();
/// assert!(*next < 10);
/// assert_eq!(next.recv(), 7);
/// ```
#[must_use = "while it lives no other receiver takes a message"]
pub struct Peek<'a, T, M: Sharing = Shared>(Peeked<'a, T, M>);

impl<'a, T, M: Sharing> Peek<'a, T, M> {
    pub(super) const fn new(peeked: Peeked<'a, T, M>) -> Self {
        Self(peeked)
    }

    /// Receives the message.
    pub fn recv(self) -> T {
        self.0.take()
    }
}

impl<T, M: Sharing> Deref for Peek<'_, T, M> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.value()
    }
}

impl<T: fmt::Debug, M: Sharing> fmt::Debug for Peek<'_, T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Peek").field(&**self).finish()
    }
}
