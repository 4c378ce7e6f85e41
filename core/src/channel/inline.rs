//! A channel that keeps its slots in itself, for a `static` or a local variable.

use super::{
    error::{TryRecvError, TrySendError},
    handle::{Held, Receiver, Sender},
    recv::Recv,
    ring::Ring,
    send::{Send, try_send},
    slot::Slot,
};
use crate::sync::{array_of, const_fn};
use core::fmt;

/// A bounded channel with room for `N` messages inside itself.
///
/// Use it in place, or as a `static` through [`sender`](Self::sender) and
/// [`receiver`](Self::receiver) handles. `N` must not be zero; that is checked when compiled.
///
/// # Examples
///
/// ```
/// use klaw::Channel;
///
/// static READINGS: Channel<u16, 8> = Channel::new();
/// READINGS.try_send(21).unwrap(); // from an interrupt, for example
/// assert_eq!(READINGS.try_recv(), Ok(21));
/// ```
pub struct Channel<T, const N: usize>(Ring<T, [Slot<T>; N]>);

impl<T, const N: usize> Channel<T, N> {
    const_fn! {
        /// An empty, open channel.
        #[must_use]
        pub const fn new() -> Self {
            const { assert!(N > 0, "a channel needs room for at least one message") };
            Self(inline_ring())
        }
    }

    const fn ring(&self) -> &Ring<T> {
        &self.0
    }

    /// Sends `message`, waiting for room.
    ///
    /// # Errors
    ///
    /// [`SendError`](super::SendError) with the message if the channel is closed.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future costs the place in the queue; the message is then not sent.
    pub fn send(&self, message: T) -> Send<'_, T> {
        Send::new(self.ring(), message)
    }

    /// Sends `message` if there is room now.
    ///
    /// # Errors
    ///
    /// [`TrySendError`] with the message if the channel is full or closed.
    pub fn try_send(&self, message: T) -> Result<(), TrySendError<T>> {
        try_send(self.ring(), message)
    }

    /// Receives the oldest message, waiting for one.
    ///
    /// # Errors
    ///
    /// [`RecvError`](super::RecvError) if the channel is closed and empty.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future costs the place in the queue; no message is lost.
    pub fn recv(&self) -> Recv<'_, T> {
        Recv::new(self.ring())
    }

    /// Receives the oldest message if there is one now.
    ///
    /// # Errors
    ///
    /// [`TryRecvError`] if the channel is empty, or closed and empty.
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        self.ring().try_take()
    }

    /// Takes no more messages; those inside can still be received. True the first time.
    pub fn close(&self) -> bool {
        self.ring().close()
    }

    /// Whether the channel takes no more messages.
    pub fn is_closed(&self) -> bool {
        self.ring().is_closed()
    }

    /// How many messages wait to be received.
    pub fn len(&self) -> usize {
        self.ring().len()
    }

    /// Whether no message waits to be received.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many messages can wait: `N`.
    pub const fn capacity(&self) -> usize {
        N
    }

    /// A counted handle to send through; the channel closes when the last one is dropped.
    ///
    /// A closed channel does not open again. Where what holds the handles is restarted, keep one
    /// outside of it, or use [`send`](Self::send) in place.
    pub fn sender(&'static self) -> Sender<T> {
        Sender::counted(Held::Static(self.ring()))
    }

    /// A counted handle to receive through; the channel closes when the last one is dropped.
    ///
    /// A closed channel does not open again. Where what holds the handles is restarted, keep one
    /// outside of it, or use [`recv`](Self::recv) in place.
    pub fn receiver(&'static self) -> Receiver<T> {
        Receiver::counted(Held::Static(self.ring()))
    }
}

const_fn! {
    /// A ring with its slots inline.
    pub(crate) const fn inline_ring<T, const N: usize>() -> Ring<T, [Slot<T>; N]> {
        let slots = array_of!(Slot::new(); N);
        Ring::new(N, slots, super::grow::nothing())
    }
}

impl<T, const N: usize> Default for Channel<T, N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T, const N: usize> fmt::Debug for Channel<T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.ring().fmt_as("Channel", f)
    }
}
