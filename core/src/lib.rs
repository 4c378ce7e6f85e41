#![doc = include_str!("../README.md")]
#![no_std]
#![deny(unsafe_code)]
#![warn(clippy::alloc_instead_of_core, clippy::std_instead_of_alloc, clippy::std_instead_of_core)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(any(feature = "alloc", test))]
extern crate alloc;
#[cfg(any(feature = "std", loom, test))]
extern crate std;

// In the order of the layers: a module uses only those above it.

#[allow(unsafe_code, reason = "locks and cells; the contract is in the file")]
mod sync;

pub mod spawn;
#[cfg(feature = "alloc")]
mod spawn_boxed;
pub mod time;

#[cfg(feature = "std")]
mod panic;
#[cfg(not(feature = "std"))]
#[path = "panic_none.rs"]
mod panic;

pub mod context;

#[allow(unsafe_code, reason = "intrusive waiters; invariants W1 to W4")]
mod wait;

pub mod channel;

pub mod cancel;

#[cfg(feature = "alloc")]
pub mod task;

pub mod retry;

pub mod combine;

#[cfg(feature = "alloc")]
pub mod cache;

pub mod actor;

pub mod registry;

pub mod supervise;

pub mod checkpoint;

pub mod durable;

#[cfg(feature = "alloc")]
pub mod workflow;

#[cfg(feature = "alloc")]
pub mod runtime;

#[cfg(feature = "alloc")]
pub mod pool;

pub mod scope;

#[cfg(feature = "sim")]
pub mod sim;

pub use actor::{Actor, ActorRef, AskError, Ctx, Exit, Mailbox, Reply, ReplySlot, serve};
pub use cancel::{Cancel, CancelToken, Cancelled, Cause, Elapsed, timeout};
pub use channel::{Channel, Receiver, RecvError, SendError, Sender, TryRecvError, TrySendError};
pub use checkpoint::Checkpointer;
pub use combine::AsyncResult;
pub use panic::Panic;
pub use registry::StaticRegistry;
pub use retry::{Backoff, Jitter, retry};
pub use spawn::{Spawn, SpawnBlocking, SpawnError, SpawnErrorKind};
pub use supervise::{
    ChildId, Event, GaveUp, Restart, Shutdown, Strategy, Supervisor, SupervisorError, task,
};
pub use time::{Clock, Entropy, Instant, Sleep, WallClock};

#[cfg(feature = "alloc")]
pub use {
    actor::{mailbox, mailbox_named},
    cache::AsyncLru,
    channel::{bounded, unbounded},
    context::{Context, Key},
    pool::ActorPool,
    registry::Registry,
    runtime::{Runtime, Tree, TreeError},
    scope::{Scope, cancel_scope, scope},
    spawn_boxed::{BoxFuture, Boxed, LocalBoxFuture, LocalBoxed},
    task::{Executor, JoinError, TaskHandle},
    workflow::Workflow,
};
