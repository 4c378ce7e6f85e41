//! The receiving end of a broadcast.

use super::{
    ReceiverStream, Recv, TryRecvError,
    sender::Held,
    shared::{Place, Shared},
};
use core::fmt;

/// The receiving end of a broadcast; it gets every message that is sent after it was made.
///
/// Cloning gives another one at the same place, which gets the same messages from there on.
/// Dropping one that is behind frees what only it was still to read.
pub struct Receiver<T> {
    held: Held<T>,
    /// The message to read next (B2).
    place: Place,
}

impl<T> Receiver<T> {
    pub(super) fn counted(held: Held<T>) -> Self {
        let place = held.get(|shared| shared).add_receiver();
        Self { held, place }
    }

    pub(super) fn shared(&self) -> &Shared<T> {
        self.held.get(|shared| shared)
    }

    pub(super) const fn place(&self) -> Place {
        self.place
    }

    /// Receives the next message, waiting for one.
    ///
    /// # Errors
    ///
    /// [`RecvError::Lagged`](super::RecvError::Lagged) once whenever messages were overwritten before
    /// this receiver came to them; the next call goes on with the oldest one left.
    /// [`RecvError::Closed`](super::RecvError::Closed) if the channel is closed and this receiver has
    /// received everything.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses no message and no count of missed ones.
    #[inline]
    pub fn recv(&mut self) -> Recv<'_, T>
    where
        T: Clone,
    {
        Recv::new(self)
    }

    /// Receives the next message if there is one now.
    ///
    /// # Errors
    ///
    /// [`TryRecvError`] if this receiver has received everything, or messages were overwritten
    /// before it came to them.
    ///
    /// # Examples
    ///
    /// ```
    /// use klaw::channel::broadcast::{self, Overflow, TryRecvError};
    ///
    /// let (tx, mut rx) = broadcast::channel(2, Overflow::Lag);
    /// for n in 1..=5 {
    ///     tx.try_send(n).unwrap();
    /// }
    /// assert_eq!(rx.try_recv(), Err(TryRecvError::Lagged(3)));
    /// assert_eq!(rx.try_recv(), Ok(4));
    /// ```
    #[inline(always)]
    pub fn try_recv(&mut self) -> Result<T, TryRecvError>
    where
        T: Clone,
    {
        self.held.get(|shared| shared).try_recv(&mut self.place)
    }

    /// The messages as a stream that ends when the channel is closed and everything received.
    ///
    /// Its items are errors where messages were overwritten before this receiver came to them.
    pub fn into_stream(self) -> ReceiverStream<T>
    where
        T: Clone,
    {
        ReceiverStream::new(self)
    }

    /// A receiver of what is sent from now on, whatever this one has yet to read.
    #[must_use]
    pub fn resubscribe(&self) -> Self {
        Self::counted(self.held.clone())
    }

    /// How many messages wait for this receiver; those it missed do not count.
    pub fn len(&self) -> usize {
        self.shared().len_from(self.place)
    }

    /// Whether this receiver has received everything sent so far.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many messages a receiver can be behind.
    pub fn capacity(&self) -> usize {
        self.shared().capacity()
    }

    /// Whether the channel takes no more messages; some may be left to receive.
    pub fn is_closed(&self) -> bool {
        self.shared().is_closed()
    }

    /// How many receivers there are.
    pub fn receiver_count(&self) -> usize {
        self.shared().receivers()
    }

    /// Whether both handles belong to one channel.
    pub fn same_channel(&self, other: &Self) -> bool {
        core::ptr::addr_eq(self.shared(), other.shared())
    }
}

impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Self {
        self.shared().add_receiver_at(self.place);
        Self { held: self.held.clone(), place: self.place }
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.shared().remove_receiver(self.place);
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared().fmt_as("Receiver", f)
    }
}
