//! Channels, each on the heap and in a `static`.
//!
//! The queue has many senders and many receivers, and is first in, first out. One algorithm in two
//! storages: [`Channel`] keeps its `N` slots inline, for a `static` and builds without a heap;
//! [`bounded`] shares one on the heap that grows up to its capacity as it is used, and shrinks after a
//! burst. Both give the same [`Sender`] and [`Receiver`].
//!
//! Closing drains: what was sent before is received, then receivers get [`RecvError`]. Dropping
//! the last sender closes; dropping the last receiver closes too and drops what nobody will receive.
//!
//! Tasks wait in the order in which they came. One that was woken but found its message taken by a
//! newcomer goes back to its place. A wake that reaches a dropped future goes on to the next. A channel
//! that always has a message never makes its receiver wait, so a loop over one yields to other tasks
//! only if something else in it does.
//!
//! | | heap | `static`, no allocation |
//! |---|---|---|
//! | many to many, bounded | [`bounded`], [`channel`] | [`Channel`] |
//! | without room: hand to hand | [`rendezvous`] | [`Channel::new_pull`] with `N` = 0 |
//! | many to many, no bound | [`unbounded`] | |
//! | one value, once | [`oneshot::channel`] | [`oneshot::Oneshot`] |
//! | everything for everybody | [`broadcast::channel`] | [`broadcast::Broadcast`] |
//! | the latest value, for many | [`watch::channel`] | [`watch::Watch`] |
//! | the same on one thread | [`local`] | [`Channel::new_local`] |
//!
//! [`select()`] receives from several at once.
//!
//! The invariants of the ring stand in `channel/ring/mod.rs`.

#[cfg(feature = "std")]
mod blocking;
pub mod broadcast;
mod error;
mod handle;
#[cfg(feature = "alloc")]
mod heap;
#[allow(unsafe_code, reason = "a pointer to what lives for ever")]
mod held;
mod inline;
#[cfg(all(test, loom))]
mod loom_tests;
mod many;
#[cfg(feature = "alloc")]
mod many_heap;
#[allow(unsafe_code, reason = "a slot that two ends share; invariants O1 to O5")]
pub mod oneshot;
mod peek;
mod permit;
mod recv;
#[allow(unsafe_code, reason = "slots that two sides share; invariants R1 to R7")]
mod ring;
pub mod select;
mod send;
#[cfg(feature = "sink")]
mod sink;
mod stream;
mod timeout;
mod wait_closed;
pub mod watch;
mod weak;

pub use crate::sync::{Local, Shared, Sharing};
pub use error::{
    CapacityError, RecvError, RecvTimeoutError, SendError, SendTimeoutError, TryRecvError,
    TrySendError,
};
pub use handle::{Receiver, Sender};
#[cfg(feature = "alloc")]
pub(crate) use heap::compact_heap_ring;
#[cfg(feature = "alloc")]
pub use heap::{
    DEFAULT_CAPACITY, bounded, bounded_pull, channel, local, rendezvous, try_bounded, unbounded,
};
pub use inline::Channel;
pub use many::{Buffer, RecvMany};
pub use peek::Peek;
pub use permit::{Permit, Reserve};
pub use recv::Recv;
pub use select::{Either, select, select_timeout};
pub use send::Send;
#[cfg(feature = "sink")]
pub use sink::SenderSink;
pub use stream::ReceiverStream;
pub use timeout::{RecvTimeout, SendTimeout};
pub use wait_closed::Closed;
pub use weak::{WeakReceiver, WeakSender};

pub(crate) use crate::sync::Compact;
pub(crate) use inline::compact_inline_ring;
pub(crate) use ring::{Gate, Ring, Slot};
pub(crate) use send::try_send;
