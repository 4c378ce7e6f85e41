//! Broadcast: every receiver gets every message.
//!
//! One algorithm in two storages: [`Broadcast`] keeps its `N` slots inline, for a `static` and
//! builds without a heap; [`channel`] shares one on the heap.
//! Both give the same [`Sender`] and [`Receiver`].
//!
//! A receiver gets what is sent after it was made. Any number of them share one ring, in which each
//! message is stored once: receivers clone it, and the last one takes it. What happens when the ring
//! is full, since some receiver is slow, is chosen when it is made: see [`Overflow`].
//!
//! Without a receiver nothing is sent: the message comes back as [`SendError::NoReceivers`].
//! Subscribing makes sending work again.
//!
//! Closing drains: every receiver still gets what was sent before, then [`RecvError::Closed`].
//! Dropping the last sender closes. Dropping the last receiver does not, but tells waiting senders
//! and drops what nobody will receive.
//!
//! `T::clone` runs under the lock of the message's slot, so keep it cheap: large messages go in an `Arc`. It must
//! not use the channel that it is called by: that would panic where the lock is a critical section,
//! and never return elsewhere. A message's destructor may use the channel.
//!
//! # Examples
//!
//! ```
//! use klaw::channel::broadcast::{self, Overflow};
//!
//! let (tx, mut first) = broadcast::channel(16, Overflow::Backpressure);
//! let mut second = tx.subscribe();
//! assert_eq!(tx.try_send("news"), Ok(2));
//! drop(tx);
//!
//! assert_eq!(first.try_recv(), Ok("news"));
//! assert_eq!(first.try_recv(), Err(broadcast::TryRecvError::Closed));
//! assert_eq!(second.try_recv(), Ok("news"));
//! ```
//!
//! Invariants, cited by number in this folder:
//!
//! - **B1** Messages are numbered as they are sent, under the lock of the control part, each into the
//!   slot after that of the one before. A slot's lock is taken inside that lock or alone, never around it.
//! - **B2** A receiver wants the messages from its place up to the next one to be sent. A slot counts those
//!   who want its message, and holds the message exactly while there are any; so it stays until the last
//!   of them has read it or left, unless it is overwritten.
//! - **B3** A receiver gives its claims up in the order of the messages, so slots become free in that order.
//! - **B4** `closed` is set under the lock of the control part, and nothing is sent after it.
//! - **B5** A sender that parks sets `senders_wait` before it looks at the slot that it waits for, and who
//!   frees a slot looks at the flag afterwards. Both go through the slot's lock; so the sender sees that
//!   the slot is free, or the other one sees the flag.

#[cfg(feature = "alloc")]
mod boxed;
#[cfg(not(feature = "alloc"))]
#[path = "boxed_none.rs"]
mod boxed;
mod closed;
mod error;
#[cfg(feature = "alloc")]
mod heap;
mod inline;
#[cfg(all(test, loom))]
mod loom_tests;
mod overflow;
mod receiver;
mod recv;
mod send;
mod sender;
mod shared;
mod slot;
mod stream;

pub use closed::Closed;
pub use error::{Lagged, RecvError, SendError, TryRecvError, TrySendError};
#[cfg(feature = "alloc")]
pub use heap::{channel, try_channel};
pub use inline::Broadcast;
pub use overflow::Overflow;
pub use receiver::Receiver;
pub use recv::Recv;
pub use send::Send;
pub use sender::{Sender, WeakSender};
pub use stream::ReceiverStream;

pub use super::error::CapacityError;
