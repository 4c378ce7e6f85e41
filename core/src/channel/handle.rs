//! The two ends of a channel.

use super::{
    error::{TryRecvError, TrySendError},
    many::{Buffer, RecvMany},
    peek::Peek,
    permit::{Permit, Reserve},
    recv::Recv,
    ring::{Ring, Slot},
    send::{Send, try_send},
    stream::ReceiverStream,
    wait_closed::Closed,
    weak::{WeakReceiver, WeakSender},
};
use crate::sync::{Shared, Sharing};
use core::fmt;

/// How a handle holds its channel.
pub(super) type Held<T, M> =
    super::held::Held<Ring<T, [Slot<T>], M>, <M as Sharing>::Counted<Ring<T, [Slot<T>; 0], M>>>;

/// The sending end of a channel; cloning gives another one.
pub struct Sender<T, M: Sharing = Shared>(Held<T, M>);

/// The receiving end of a channel; cloning gives another one that competes for the messages.
pub struct Receiver<T, M: Sharing = Shared>(Held<T, M>);

impl<T, M: Sharing> Sender<T, M> {
    /// Sends `message`, waiting for room.
    ///
    /// # Errors
    ///
    /// [`SendError`](super::SendError) with the message if the channel is closed.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future costs the place in the queue; the message is then not sent.
    /// [`Send::cancel`] gives it back.
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
    /// [`TrySendError::Closed`] with the message if the channel is closed; [`TrySendError::Full`] if
    /// there is no oldest message to replace, because permits or a [`Peek`] hold what room there is.
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

    /// Waits until the channel takes no more messages.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future costs nothing.
    pub fn closed(&self) -> Closed<'_, T, M> {
        Closed::new(self.ring())
    }

    /// A handle that does not keep the channel open.
    pub fn downgrade(&self) -> WeakSender<T, M> {
        WeakSender::new(self.0.clone())
    }
}

impl<T, M: Sharing> Receiver<T, M> {
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
    /// Gives how many there were. A buffer that cannot grow takes as many as it has room for.
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
    ///
    /// # Examples
    ///
    /// ```
    /// # futures_util::FutureExt::now_or_never(async {
    /// let (tx, rx) = klaw::bounded(100);
    /// for reading in 0..5 {
    ///     tx.send(reading).await?;
    /// }
    /// let mut batch = Vec::new();
    /// assert_eq!(rx.recv_many(&mut batch, 3).await, Ok(3));
    /// assert_eq!(batch, [0, 1, 2]);
    /// # Ok::<(), klaw::SendError<i32>>(())
    /// # }).unwrap().unwrap();
    /// ```
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
    /// [`TryRecvError`] if the channel is empty, or closed and empty, or somebody else looks at the
    /// oldest message.
    pub fn peek(&self) -> Result<Peek<'_, T, M>, TryRecvError> {
        self.ring().try_peek().map(Peek::new)
    }

    /// The messages as a stream that ends when the channel is closed and empty.
    pub fn into_stream(self) -> ReceiverStream<T, M> {
        ReceiverStream::new(self)
    }

    /// A handle that does not keep the channel open.
    pub fn downgrade(&self) -> WeakReceiver<T, M> {
        WeakReceiver::new(self.0.clone())
    }
}

macro_rules! both_ends {
    ($end:ident, $add:ident, $remove:ident) => {
        impl<T, M: Sharing> $end<T, M> {
            /// A new handle, counted.
            pub(super) fn counted(held: Held<T, M>) -> Self {
                held.get(|ring| ring).$add();
                Self(held)
            }

            /// A handle that is counted already.
            pub(super) const fn adopt(held: Held<T, M>) -> Self {
                Self(held)
            }

            #[inline]
            pub(super) fn ring(&self) -> &Ring<T, [Slot<T>], M> {
                self.0.get(|ring| ring)
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

            /// How many messages can wait; what the address space allows if it is unbounded.
            pub fn capacity(&self) -> usize {
                self.ring().capacity()
            }

            /// How many messages the memory in use has room for.
            ///
            /// On the heap it doubles as messages come in, and shrinks once receivers have waited at an
            /// empty channel several times with little going through in between.
            pub fn allocated(&self) -> usize {
                self.ring().allocated()
            }

            /// How many senders there are.
            pub fn sender_count(&self) -> usize {
                self.ring().senders()
            }

            /// How many receivers there are.
            pub fn receiver_count(&self) -> usize {
                self.ring().receivers()
            }

            /// Whether both handles belong to one channel.
            pub fn same_channel(&self, other: &Self) -> bool {
                core::ptr::addr_eq(self.ring(), other.ring())
            }
        }

        impl<T, M: Sharing> Clone for $end<T, M> {
            fn clone(&self) -> Self {
                Self::counted(self.0.clone())
            }
        }

        impl<T, M: Sharing> Drop for $end<T, M> {
            fn drop(&mut self) {
                self.ring().$remove();
            }
        }

        impl<T, M: Sharing> fmt::Debug for $end<T, M> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.ring().fmt_as(stringify!($end), f)
            }
        }
    };
}

both_ends!(Sender, add_sender, remove_sender);
both_ends!(Receiver, add_receiver, remove_receiver);
