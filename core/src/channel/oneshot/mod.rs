//! One value, sent once.
//!
//! [`channel`] makes a pair on the heap, in one allocation that the last end frees. An [`Oneshot`] in
//! a `static` makes one pair after the other without a heap. Both give the same [`Sender`] and
//! [`Receiver`], and the receiver is itself the future of the value.
//!
//! A sender that is dropped leaves its receiver with [`RecvError`](super::RecvError). A receiver that is
//! dropped or closed gives the value back to who sends it, as [`SendError`](super::SendError), and
//! wakes a sender that waits for that in [`closed`](Sender::closed). What was sent and never received
//! is dropped with the receiver.
//!
//! No operation blocks, spins or takes a lock, so either end may be used in an interrupt; where there is
//! no compare-and-swap, each step is a critical section of a few instructions.
//!
//! # Examples
//!
//! ```
//! use futures_util::FutureExt;
//! use klaw::channel::oneshot;
//!
//! let (tx, mut rx) = oneshot::channel();
//! assert_eq!((&mut rx).now_or_never(), None);
//! tx.send("done").unwrap();
//! assert_eq!(rx.now_or_never(), Some(Ok("done")));
//! ```
//!
//! Invariants, cited by number in this folder:
//!
//! - **O1** A slot in use has one sending and one receiving `End`. Neither is ever copied, so
//!   what takes it by `&mut` or by value runs alone on its side. The sending end sends at most once.
//! - **O2** The phase is `OPEN`, then `SENT` or `CLOSED` until the slot is free again. Waker bits are up
//!   in `OPEN` only, done bits after it only. Who ends `OPEN` takes all wakers whose bits were up, and no
//!   end puts its waker there again.
//! - **O3** An end's waker is initialised and in its place while the end's waker bit is up. Only the end
//!   itself writes the place, in `OPEN` and while the bit is down. Who puts the bit down in a
//!   read-modify-write owns the waker and reads it out once; the end may look at the bytes at any time.
//! - **O4** The content is the waker place of the sending end until `SENT`, and there that end may
//!   write the value too, in `OPEN` and while its waker bit is down. From `SENT` on there is a value in it,
//!   which the receiving end alone reads, once, before it leaves. If `CLOSED` comes between the write and
//!   `SENT`, no waker was there to be taken, so the sending end reads its value back.
//! - **O5** An end touches the slot no more once its done bit is up. Who sees the other end's done bit
//!   is alone with the slot, and frees it.

mod closed;
mod end;
#[cfg(feature = "alloc")]
mod heap;
#[cfg(not(feature = "alloc"))]
#[path = "heap_none.rs"]
mod heap;
mod inline;
#[cfg(all(test, loom))]
mod loom_tests;
mod receiver;
mod sender;
mod slot;

pub use closed::Closed;
#[cfg(feature = "alloc")]
pub use heap::channel;
pub use inline::Oneshot;
pub use receiver::Receiver;
pub use sender::Sender;
