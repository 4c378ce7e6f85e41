//! The latest value, for many: any number of senders store it, any number of receivers look at it
//! and wait for it to change.
//!
//! There is always a value. A receiver remembers which version of it it has *seen*; how many were
//! stored meanwhile does not matter, it sees the newest. [`channel`] shares one on the heap;
//! [`Watch`] is a `static` of its own, with the same [`Sender`] and [`Receiver`].
//!
//! Reading hands out no lock, so it can be held over an `.await` and cannot stall a sender: a
//! [`Ref`] *owns* a clone of the value. Share big values as an `Arc<T>`, which is cheap to clone.
//!
//! When the last sender is gone, receivers still see the last value, and then get
//! [`RecvError`](super::RecvError). When the last receiver is gone, [`Sender::closed`] is done.
//!
//! # Code that runs under the lock
//!
//! `T::clone` and the closures of [`send_modify`](Sender::send_modify) and
//! [`send_if_modified`](Sender::send_if_modified) run while the value is locked; on a chip that is
//! a critical section, so keep them short. They must not read or write the same channel's value:
//! with `std` that would never return, without it panics. Everything else may be called.
//! Destructors, wakers and the predicate of [`wait_for`](Receiver::wait_for) run without a lock.
//!
//! # Examples
//!
//! ```
//! use klaw::channel::watch;
//!
//! /// Follows a configuration until nobody can change it any more.
//! async fn follow(mut config: watch::Receiver<u32>) {
//!     let mut current = config.borrow_and_update().into_inner();
//!     while config.changed().await.is_ok() {
//!         current = config.borrow_and_update().into_inner();
//!     }
//!     println!("the last one was {current}");
//! }
//!
//! let (tx, mut rx) = watch::channel(1);
//! tx.send(2).unwrap();
//! tx.send(3).unwrap();
//! assert_eq!(*rx.borrow_and_update(), 3); // 2 was overtaken
//! assert_eq!(rx.has_changed(), Ok(false));
//! # drop(tx);
//! # assert_eq!(futures_util::FutureExt::now_or_never(follow(rx)), Some(()));
//! ```
//!
//! Without a heap, also from an interrupt:
//!
//! ```
//! use klaw::channel::watch::Watch;
//!
//! static LEVEL: Watch<u16> = Watch::new(0);
//! let mut level = LEVEL.receiver();
//! LEVEL.send(7);
//! assert_eq!(*level.borrow_and_update(), 7);
//! ```
//!
//! Invariants, cited by number in this folder. None of them is needed for memory safety: there is
//! no unsafe code here.
//!
//! - **V1** The version is written only under the value's lock, after each change of the value. So
//!   under that lock value and version belong together, and who sees a version without it finds a
//!   value that is not older.
//! - **V2** Whoever makes something true that others wait for (a new version, no sender, no
//!   receiver) takes the lock of the lists *afterwards* and pops the list; whoever parks looks
//!   again under that lock. So nobody parks on what is there, and nobody who parked is passed over.
//! - **V3** `closed` is set after the last counted sender's last version. So who sees `closed` and
//!   then looks at the version sees the last one.
//! - **V4** Foreign code runs under the value's lock only, never under that of the lists, and a
//!   change is announced also if the code that makes it panics.

mod changed;
mod closed;
#[cfg(feature = "alloc")]
mod heap;
mod inline;
#[cfg(all(test, loom))]
mod loom_tests;
mod receiver;
mod sender;
mod shared;
mod state;
mod stream;
mod value;
mod wait_for;

pub use changed::Changed;
pub use closed::Closed;
#[cfg(feature = "alloc")]
pub use heap::channel;
pub use inline::Watch;
pub use receiver::Receiver;
pub use sender::Sender;
pub use stream::WatchStream;
pub use value::Ref;
pub use wait_for::WaitFor;
