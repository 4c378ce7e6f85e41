#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

extern crate alloc;

#[cfg(unix)]
pub mod checkpoints;
pub mod cpu;
#[cfg(unix)]
pub mod journal;
#[cfg(feature = "log")]
pub mod log;
pub mod machine;
#[cfg(feature = "redb")]
mod redb;
#[cfg(unix)]
mod store;
mod wall;
mod watchdog;
#[cfg(unix)]
pub mod workflow;

pub use cpu::{CpuPool, Job, JobError};
#[cfg(unix)]
pub use journal::{Journal, JournalError};
pub use machine::Machine;
#[cfg(feature = "redb")]
pub use redb::{RedbCheckpointer, RedbError};
#[cfg(unix)]
pub use store::{Change, FileCheckpointer, StoreError};
pub use wall::WithSystemTime;
pub use watchdog::{Stuck, Watchdog};
#[cfg(unix)]
pub use workflow::WorkflowStore;
