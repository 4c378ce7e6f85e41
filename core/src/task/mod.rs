//! Tasks with handles, and maps over many items.
//!
//! An [`Executor`] starts futures on any [`Spawn`](crate::Spawn) and gives a [`TaskHandle`] on each. A
//! handle means the same on every executor:
//!
//! - It always resolves: to the value, or as cancelled, panicked, or abandoned by the executor.
//! - It resolves only after the task's destructors ran, and until then the task `is_running`.
//! - A task that is done in the poll in which it is cancelled gives its value.
//! - Dropping it lets the task run on.

mod blocking;
mod builder;
mod cell;
mod error;
mod executor;
mod gather;
mod handle;
mod hook;
#[cfg(all(test, loom))]
mod loom_tests;
mod map;
mod priority;
mod report;
mod self_stop;
#[cfg(feature = "tracing")]
mod span;
#[cfg(not(feature = "tracing"))]
#[path = "span_none.rs"]
mod span;
mod stoppable;
mod wrapper;

pub use builder::TaskBuilder;
pub use error::{ExitReason, JoinError};
pub use executor::{BlockingJob, Executor, NoPool};
pub use gather::Gather;
pub use handle::{Ended, Join, JoinMut, TaskHandle};
pub use hook::{NoHook, OnExit};
pub use map::{Imap, Map, MapCpu, Next, TryMap, TryMapError, Worker, WorkerTask};
pub use priority::Priority;
pub use self_stop::SelfStop;
pub(crate) use span::TaskSpan;
pub use stoppable::Stoppable;
pub use wrapper::Task;
