//! The sending end of a broadcast.

use super::{Closed, Receiver, Send, TrySendError, send::try_send, shared::Shared, slot::Slot};
use crate::{channel::held, sync::Arc};
use core::fmt;

/// How a handle holds its channel.
pub(super) type Held<T> = held::Held<Shared<T>, Arc<Shared<T, [Slot<T>; 0]>>>;

/// The sending end of a broadcast; cloning gives another one.
///
/// Dropping the last one closes the channel.
pub struct Sender<T>(Held<T>);

/// A sending end that does not keep the channel open; made by [`Sender::downgrade`].
pub struct WeakSender<T>(Held<T>);

impl<T> Sender<T> {
    pub(super) fn counted(held: Held<T>) -> Self {
        held.get(|shared| shared).add_sender();
        Self(held)
    }

    #[inline]
    fn shared(&self) -> &Shared<T> {
        self.0.get(|shared| shared)
    }

    /// Sends `message` to every receiver; gives their number.
    ///
    /// Under [`Overflow::Lag`](super::Overflow::Lag) it is done at once, under
    /// [`Overflow::Backpressure`](super::Overflow::Backpressure) it waits until every receiver has
    /// read the oldest message, if the ring is full.
    ///
    /// # Errors
    ///
    /// [`SendError`](super::SendError) with the message if the channel is closed or has no receiver,
    /// also if that happens while it waits.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future costs the place in the queue; the message is then not sent.
    ///
    /// # Examples
    ///
    /// ```
    /// # futures_util::FutureExt::now_or_never(async {
    /// use klaw::channel::broadcast::{self, Overflow};
    ///
    /// let (tx, mut rx) = broadcast::channel(16, Overflow::Backpressure);
    /// assert_eq!(tx.send("news").await, Ok(1));
    /// assert_eq!(rx.recv().await, Ok("news"));
    /// # }).unwrap();
    /// ```
    #[inline]
    pub fn send(&self, message: T) -> Send<'_, T> {
        Send::new(self.shared(), message)
    }

    /// Sends `message` to every receiver if that can be done now; gives their number.
    ///
    /// # Errors
    ///
    /// [`TrySendError`] with the message if the channel is closed, has no receiver, or is full;
    /// it is full under [`Overflow::Backpressure`](super::Overflow::Backpressure) only.
    pub fn try_send(&self, message: T) -> Result<usize, TrySendError<T>> {
        try_send(self.shared(), message)
    }

    /// A receiver of what is sent from now on.
    pub fn subscribe(&self) -> Receiver<T> {
        Receiver::counted(self.0.clone())
    }

    /// Waits until a message would come back: the channel is closed, or has no receiver left.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future costs nothing.
    pub fn closed(&self) -> Closed<'_, T> {
        Closed::new(self.shared())
    }

    /// Whether a message would come back: the channel is closed, or has no receiver.
    ///
    /// A closed channel stays so; one without receivers gets one by [`subscribe`](Self::subscribe).
    pub fn is_closed(&self) -> bool {
        self.shared().is_closed()
    }

    /// Takes no more messages; those inside can still be received. True the first time.
    pub fn close(&self) -> bool {
        self.shared().close()
    }

    /// How many receivers there are.
    pub fn receiver_count(&self) -> usize {
        self.shared().receivers()
    }

    /// How many messages some receiver has yet to read.
    pub fn len(&self) -> usize {
        self.shared().len()
    }

    /// Whether every receiver has read everything.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many messages a receiver can be behind.
    pub fn capacity(&self) -> usize {
        self.shared().capacity()
    }

    /// Whether both handles belong to one channel.
    pub fn same_channel(&self, other: &Self) -> bool {
        core::ptr::addr_eq(self.shared(), other.shared())
    }

    /// A handle that does not keep the channel open.
    pub fn downgrade(&self) -> WeakSender<T> {
        WeakSender(self.0.clone())
    }
}

impl<T> WeakSender<T> {
    /// A sender, unless the last one has been dropped.
    pub fn upgrade(&self) -> Option<Sender<T>> {
        let counted = self.0.get(|shared| shared).add_sender_beside_others();
        counted.then(|| Sender(self.0.clone()))
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Self::counted(self.0.clone())
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.shared().remove_sender();
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared().fmt_as("Sender", f)
    }
}

impl<T> Clone for WeakSender<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> fmt::Debug for WeakSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.get(|shared| shared).fmt_as("WeakSender", f)
    }
}
