//! A broadcast that keeps its slots in itself, for a `static`.

use super::{
    Overflow, Receiver, Send, Sender, TrySendError, boxed::nothing, send::try_send, sender::Held,
    shared::Shared, slot::Slot,
};
use crate::sync::{array_of, const_fn};
use core::fmt;

/// A broadcast with room for `N` messages inside itself.
///
/// Use it as a `static`, through [`sender`](Self::sender) and [`receiver`](Self::receiver) handles, or
/// send in place, for example from an interrupt. `N` must not be zero; that is checked when compiled.
///
/// # Examples
///
/// ```
/// use klaw::channel::broadcast::{Broadcast, Overflow};
///
/// static NEWS: Broadcast<u16, 16> = Broadcast::new(Overflow::Lag);
/// let (mut first, mut second) = (NEWS.receiver(), NEWS.receiver());
/// assert_eq!(NEWS.try_send(21), Ok(2));
/// assert_eq!((first.try_recv(), second.try_recv()), (Ok(21), Ok(21)));
/// ```
pub struct Broadcast<T, const N: usize>(Shared<T, [Slot<T>; N]>);

impl<T, const N: usize> Broadcast<T, N> {
    const_fn! {
        /// An empty, open channel.
        #[must_use]
        pub const fn new(overflow: Overflow) -> Self {
            const { assert!(N > 0, "a channel needs room for at least one message") };
            Self(Shared::new(overflow, nothing(), array_of!(Slot::new(); N)))
        }
    }

    const fn shared(&self) -> &Shared<T> {
        &self.0
    }

    /// A counted handle to send through; the channel closes when the last one is dropped.
    ///
    /// A closed channel does not open again. Where what holds the handles is restarted, keep one
    /// outside of it, or use [`send`](Self::send) in place.
    pub fn sender(&'static self) -> Sender<T> {
        Sender::counted(Held::in_static(self.shared()))
    }

    /// A receiver of what is sent from now on.
    pub fn receiver(&'static self) -> Receiver<T> {
        Receiver::counted(Held::in_static(self.shared()))
    }

    /// Sends `message` to every receiver; gives their number. See [`Sender::send`].
    ///
    /// # Errors
    ///
    /// [`SendError`](super::SendError) with the message if the channel is closed or has no receiver,
    /// also if that happens while it waits.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future costs the place in the queue; the message is then not sent.
    pub fn send(&self, message: T) -> Send<'_, T> {
        Send::new(self.shared(), message)
    }

    /// Sends `message` to every receiver if that can be done now; gives their number.
    ///
    /// Where the lock is a critical section this may be called in interrupts.
    ///
    /// # Errors
    ///
    /// [`TrySendError`] with the message if the channel is closed, has no receiver, or is full;
    /// it is full under [`Overflow::Backpressure`] only.
    pub fn try_send(&self, message: T) -> Result<usize, TrySendError<T>> {
        try_send(self.shared(), message)
    }

    /// Takes no more messages; those inside can still be received. True the first time.
    pub fn close(&self) -> bool {
        self.shared().close()
    }

    /// Whether a message would come back: the channel is closed, or has no receiver.
    pub fn is_closed(&self) -> bool {
        self.shared().is_closed()
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

    /// How many messages a receiver can be behind: `N`.
    pub const fn capacity(&self) -> usize {
        N
    }
}

impl<T, const N: usize> fmt::Debug for Broadcast<T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared().fmt_as("Broadcast", f)
    }
}
