//! Bounded channels: many senders, many receivers, first in first out.
//!
//! One algorithm in two storages: [`Channel`] keeps its `N` slots inline, for a `static` and
//! builds without a heap; [`bounded`] shares one on the heap that grows up to its capacity as it is
//! used. Both give the same [`Sender`] and [`Receiver`].
//!
//! Closing drains: what was sent before is received, then receivers get [`RecvError`]. Dropping
//! the last sender closes; dropping the last receiver closes too and drops what nobody will receive.
//!
//! Tasks wait in the order in which they came. One that was woken but found its message taken by a
//! newcomer goes back to its place. A wake that reaches a dropped future goes on to the next.
//!
//! Invariants, cited by number in this folder:
//!
//! - **R1** `put` counts messages ever put and is written only under the producers' lock; `taken`
//!   counts messages ever taken and is written only under the consumers' lock.
//! - **R2** `put` and `taken` are stored *before* the slot's flag, so whoever sees the flag sees the
//!   count. Each is exact under its own side's lock; the other side's may be stale, which errs towards
//!   looking again, never towards sleeping.
//! - **R3** A slot's value is initialised exactly while its flag is up. The holder of the producers'
//!   lock may fill the slot at `put` while the flag is down, the holder of the consumers' lock may
//!   empty the slot at `taken` while it is up; nobody else touches a value.
//! - **R4** The grown buffer is replaced only under both locks, taken in the order consumers,
//!   producers; so under either one it stays.
//! - **R5** `shut` is set under the producers' lock before `closed` is set under the consumers'.
//!   Nothing is put after `shut`.

mod error;
#[cfg(feature = "alloc")]
mod grow;
#[cfg(not(feature = "alloc"))]
#[path = "grow_none.rs"]
mod grow;
mod handle;
#[cfg(feature = "alloc")]
mod heap;
mod inline;
#[cfg(all(test, loom))]
mod loom_tests;
mod recv;
mod ring;
mod send;
mod slot;
mod stream;

pub use error::{RecvError, SendError, TryRecvError, TrySendError};
pub use handle::{Receiver, Sender};
#[cfg(feature = "alloc")]
pub use heap::bounded;
#[cfg(feature = "alloc")]
pub(crate) use heap::heap_ring;
pub use inline::Channel;
pub use recv::Recv;
pub use send::Send;
pub use stream::ReceiverStream;

pub(crate) use inline::inline_ring;
pub(crate) use ring::Ring;
pub(crate) use send::try_send;
pub(crate) use slot::Slot;
