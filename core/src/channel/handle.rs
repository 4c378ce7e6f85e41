//! The two ends of a channel.

use super::{
    error::{TryRecvError, TrySendError},
    recv::Recv,
    ring::Ring,
    send::{Send, try_send},
    slot::Slot,
    stream::ReceiverStream,
};
use crate::sync::Arc;
use core::fmt;

/// How a handle holds its channel: in a `static`, or shared on the heap.
pub(crate) enum Held<T: 'static> {
    Static(&'static Ring<T>),
    #[allow(dead_code, reason = "made only where there is a heap")]
    Shared(Arc<Ring<T, [Slot<T>; 0]>>),
}

impl<T> Held<T> {
    #[inline]
    pub(super) fn ring(&self) -> &Ring<T> {
        match self {
            Self::Static(ring) => ring,
            Self::Shared(ring) => &**ring,
        }
    }
}

impl<T> Clone for Held<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Static(ring) => Self::Static(ring),
            Self::Shared(ring) => Self::Shared(ring.clone()),
        }
    }
}

/// The sending end of a channel; cloning gives another one.
pub struct Sender<T: 'static>(Held<T>);

/// The receiving end of a channel; cloning gives another one that competes for the messages.
pub struct Receiver<T: 'static>(Held<T>);

impl<T> Sender<T> {
    pub(super) fn counted(held: Held<T>) -> Self {
        held.ring().add_sender();
        Self(held)
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
        Send::new(self.0.ring(), message)
    }

    /// Sends `message` if there is room now.
    ///
    /// # Errors
    ///
    /// [`TrySendError`] with the message if the channel is full or closed.
    pub fn try_send(&self, message: T) -> Result<(), TrySendError<T>> {
        try_send(self.0.ring(), message)
    }
}

impl<T> Receiver<T> {
    pub(super) fn counted(held: Held<T>) -> Self {
        held.ring().add_receiver();
        Self(held)
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
        Recv::new(self.0.ring())
    }

    /// Receives the oldest message if there is one now.
    ///
    /// # Errors
    ///
    /// [`TryRecvError`] if the channel is empty, or closed and empty.
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        self.0.ring().try_take()
    }

    /// The messages as a stream that ends when the channel is closed and empty.
    pub fn into_stream(self) -> ReceiverStream<T> {
        ReceiverStream::new(self)
    }

    pub(super) fn ring(&self) -> &Ring<T> {
        self.0.ring()
    }
}

macro_rules! both_ends {
    ($end:ident, $add:ident, $remove:ident) => {
        impl<T> $end<T> {
            /// Takes no more messages; those inside can still be received. True the first time.
            pub fn close(&self) -> bool {
                self.0.ring().close()
            }

            /// Whether the channel takes no more messages.
            pub fn is_closed(&self) -> bool {
                self.0.ring().is_closed()
            }

            /// How many messages wait to be received.
            pub fn len(&self) -> usize {
                self.0.ring().len()
            }

            /// Whether no message waits to be received.
            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }

            /// How many messages can wait.
            pub fn capacity(&self) -> usize {
                self.0.ring().capacity()
            }

            /// Whether both handles belong to one channel.
            pub fn same_channel(&self, other: &Self) -> bool {
                core::ptr::addr_eq(self.0.ring(), other.0.ring())
            }
        }

        impl<T> Clone for $end<T> {
            fn clone(&self) -> Self {
                self.0.ring().$add();
                Self(self.0.clone())
            }
        }

        impl<T> Drop for $end<T> {
            fn drop(&mut self) {
                self.0.ring().$remove();
            }
        }

        impl<T> fmt::Debug for $end<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.ring().fmt_as(stringify!($end), f)
            }
        }
    };
}

both_ends!(Sender, add_sender, remove_sender);
both_ends!(Receiver, add_receiver, remove_receiver);
