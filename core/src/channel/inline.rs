//! A channel that keeps its slots in itself, for a `static` or a local variable.

use super::{
    error::{TryRecvError, TrySendError},
    handle::{Held, Receiver, Sender},
    many::{Buffer, RecvMany},
    peek::Peek,
    permit::{Permit, Reserve},
    recv::Recv,
    ring::{Ring, Slot, nothing},
    send::{Send, try_send},
    wait_closed::Closed,
};
use crate::sync::{Compact, Local, Shared, Sharing, array_of, const_fn};
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
pub struct Channel<T, const N: usize, M: Sharing = Shared>(Ring<T, [Slot<T>; N], M>);

impl<T, const N: usize> Channel<T, N> {
    const_fn! {
        /// An empty, open channel.
        #[must_use]
        pub const fn new() -> Self {
            const { assert!(N > 0, "a channel needs room for at least one message") };
            Self(inline_ring())
        }
    }
}

impl<T, const N: usize> Channel<T, N> {
    const_fn! {
        /// An empty, open channel whose receivers fetch the messages of waiting senders.
        ///
        /// As [`bounded_pull`](super::bounded_pull) on the heap; with an `N` of zero, as
        /// [`rendezvous`](super::rendezvous).
        #[must_use]
        pub const fn new_pull() -> Self {
            Self(inline_ring().pulling())
        }
    }
}

impl<T, const N: usize> Channel<T, N, Local> {
    const_fn! {
        /// An empty, open channel for one thread: no lock, no critical section.
        ///
        /// # Examples
        ///
        /// ```
        /// use klaw::{Channel, channel::Local};
        ///
        /// let channel = Channel::<u16, 8, Local>::new_local();
        /// channel.try_send(21).unwrap();
        /// assert_eq!(channel.try_recv(), Ok(21));
        /// ```
        #[must_use]
        pub const fn new_local() -> Self {
            const { assert!(N > 0, "a channel needs room for at least one message") };
            Self(Ring::new_local(N, array_of!(Slot::new(); N), nothing()))
        }
    }
}

impl<T, const N: usize, M: Sharing> Channel<T, N, M> {
    #[inline]
    const fn ring(&self) -> &Ring<T, [Slot<T>], M> {
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
    #[inline]
    pub fn send(&self, message: T) -> Send<'_, T, M> {
        Send::new(self.ring(), message)
    }

    /// Sends `message` if there is room now.
    ///
    /// # Errors
    ///
    /// [`TrySendError`] with the message if the channel is full or closed.
    #[inline]
    pub fn try_send(&self, message: T) -> Result<(), TrySendError<T>> {
        try_send(self.ring(), message)
    }

    /// Sends `message` now; if the channel is full, in place of the oldest message, which it returns.
    ///
    /// # Errors
    ///
    /// As of [`Sender::force_send`].
    pub fn force_send(&self, message: T) -> Result<Option<T>, TrySendError<T>> {
        self.ring().force_put(message)
    }

    /// Waits for room and keeps it: the [`Permit`] sends without waiting.
    ///
    /// # Errors
    ///
    /// [`SendError`](super::SendError) if the channel is closed.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future costs the place in the queue; dropping the permit gives the room back.
    pub fn reserve(&self) -> Reserve<'_, T, M> {
        Reserve::new(self.ring())
    }

    /// Keeps room for one message, if there is some now.
    ///
    /// # Errors
    ///
    /// [`TrySendError`] if the channel is full or closed.
    pub fn try_reserve(&self) -> Result<Permit<'_, T, M>, TrySendError<()>> {
        Permit::try_new(self.ring())
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
    #[inline]
    pub fn recv(&self) -> Recv<'_, T, M> {
        Recv::new(self.ring())
    }

    /// Receives the oldest message if there is one now.
    ///
    /// # Errors
    ///
    /// [`TryRecvError`] if the channel is empty, or closed and empty.
    #[inline]
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        self.ring().try_take()
    }

    /// Receives up to `limit` of the oldest messages into `buffer`, waiting for the first one.
    ///
    /// # Errors
    ///
    /// [`RecvError`](super::RecvError) if the channel is closed and empty.
    ///
    /// # Panics
    ///
    /// When polled, if `limit` is zero or `buffer` is full and cannot grow.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future costs the place in the queue; no message is lost.
    pub fn recv_many<'a, B: Buffer<T>>(
        &'a self,
        buffer: &'a mut B,
        limit: usize,
    ) -> RecvMany<'a, T, B, M> {
        RecvMany::new(self.ring(), buffer, limit)
    }

    /// Looks at the oldest message without taking it.
    ///
    /// # Errors
    ///
    /// As of [`Receiver::peek`].
    pub fn peek(&self) -> Result<Peek<'_, T, M>, TryRecvError> {
        self.ring().try_peek().map(Peek::new)
    }

    /// Waits until the channel takes no more messages.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future costs nothing.
    pub fn closed(&self) -> Closed<'_, T, M> {
        Closed::new(self.ring())
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
    pub fn sender(&'static self) -> Sender<T, M> {
        Sender::counted(Held::in_static(self.ring()))
    }

    /// A counted handle to receive through; the channel closes when the last one is dropped.
    ///
    /// A closed channel does not open again. Where what holds the handles is restarted, keep one
    /// outside of it, or use [`recv`](Self::recv) in place.
    pub fn receiver(&'static self) -> Receiver<T, M> {
        Receiver::counted(Held::in_static(self.ring()))
    }
}

const_fn! {
    /// A ring with its slots inline.
    pub(crate) const fn inline_ring<T, const N: usize>() -> Ring<T, [Slot<T>; N]> {
        Ring::new(N, array_of!(Slot::new(); N), nothing())
    }
}

const_fn! {
    /// The same without a cache line for each end.
    pub(crate) const fn compact_inline_ring<T, const N: usize>() -> Ring<T, [Slot<T>; N], Compact> {
        Ring::new_compact(N, array_of!(Slot::new(); N), nothing())
    }
}

impl<T, const N: usize> Default for Channel<T, N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T, const N: usize, M: Sharing> fmt::Debug for Channel<T, N, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.ring().fmt_as("Channel", f)
    }
}
