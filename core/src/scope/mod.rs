//! Structured concurrency: tasks that end before the scope they were started in.
//!
//! A scope has a body, children and cleanups, and returns when all of them are gone. It can be
//! cancelled by anyone who holds its token, by its deadline, by a child that failed, and from
//! above. Then it goes through three phases: everything in it is *asked* to stop (its token is
//! cancelled); for a time of *grace* all go on being polled; what is left after that is *dropped* in place.
//! Last come the cleanups, which neither a cancel nor a drop takes away.
//!
//! # Examples
//!
//! ```
//! # use klaw::{Clock, Runtime, Spawn};
//! use core::time::Duration;
//! use klaw::scope::{ScopeTask, scope};
//!
//! async fn fetch_both<S, C>(rt: &Runtime<S, C>) -> Result<u32, klaw::Cancelled>
//! where
//!     C: Clock,
//!     S: Clone + Spawn<ScopeTask<core::future::Ready<u32>, C>>,
//! {
//!     scope(rt)
//!         .timeout(Duration::from_secs(5))
//!         .run(async |s| {
//!             let first = s.spawn(core::future::ready(1)).unwrap();
//!             let second = s.spawn(core::future::ready(2)).unwrap();
//!             first.await.unwrap_or(0) + second.await.unwrap_or(0)
//!         })
//!         .await
//! }
//! ```
//!
//! Tasks are `'static`: a scope cannot keep a borrow alive in a future that may be forgotten. What borrows
//! is polled in place, by [`fork`](Scope::fork) or simply awaited.
//!
//! ```compile_fail
//! # use klaw::{Clock, Runtime, LocalBoxed, LocalBoxFuture, Spawn, scope};
//! # async fn example<S: Clone + Spawn<LocalBoxFuture>, C: Clock + 'static>(rt: &Runtime<LocalBoxed<S>, C>) {
//! let local = String::from("on the stack");
//! let _ = scope(rt).run(async |s| s.spawn(async { local.len() }).map(drop)).await;
//! # }
//! ```
//!
//! Without a heap, or where one is not wanted, [`in_place`] opens a scope that has no tasks: it lies in
//! the future that runs it and borrows the one around it. What it runs is polled in place: one future
//! by [`fork`](InPlaceScope::fork), several by [`join`](InPlaceScope::join).
//!
//! The rules follow those of [trio] and anyio, restated for futures that can be dropped; where they
//! differ, it is because a future that is dropped runs nothing but destructors.
//!
//! [trio]: https://trio.readthedocs.io/en/stable/reference-core.html#cancellation-and-timeouts

#[cfg(feature = "alloc")]
mod builder;
mod checkpoint;
#[cfg(feature = "alloc")]
mod cleanups;
#[cfg(feature = "alloc")]
mod defer;
mod drive;
#[cfg(feature = "alloc")]
mod graceful;
#[cfg(feature = "alloc")]
mod handle;
mod in_place;
#[cfg(feature = "alloc")]
mod join;
mod life;
mod limit;
#[cfg(all(test, loom))]
mod loom_tests;
#[cfg(feature = "alloc")]
mod member;
mod node;
#[cfg(feature = "alloc")]
mod shared;
mod shield;
#[cfg(feature = "alloc")]
mod task_node;
#[cfg(feature = "tracing")]
mod trace;
#[cfg(not(feature = "tracing"))]
#[path = "trace_none.rs"]
mod trace;

pub use checkpoint::Checkpoint;
pub use in_place::{
    Borrowed, InPlaceBuilder, InPlaceCancelled, InPlaceJoin, InPlaceScope, in_place,
};
pub use shield::Shield;

#[cfg(feature = "alloc")]
pub use {
    builder::{ScopeBuilder, cancel_scope, scope},
    defer::Deferred,
    graceful::Graceful,
    handle::Scope,
    join::Join,
    member::{Member, Place, ScopeTask},
    shared::Owned,
};
