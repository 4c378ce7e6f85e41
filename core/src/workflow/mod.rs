//! Durable workflows: code that goes on where it was, after a crash and in a new process.
//!
//! A [`Workflow`] is code in steps. What a step gives is recorded in the workflow's log before the code sees it; after
//! a crash the code runs again from its beginning, and every step that is recorded gives what was recorded instead
//! of running. So between its steps the code has to do the same each time: what depends on time or chance is asked of
//! the workflow ([`now`](Workflow::now), [`random`](Workflow::random), [`sleep`](Workflow::sleep)).
//!
//! # What is guaranteed
//!
//! - **D1** A step runs at least once, and has at most one recorded outcome: once it returned `Ok`, it never
//!   runs again. What it does to the rest of the world may happen twice, if a crash comes between that and the
//!   record; an [`IdempotencyKey`], the same on every attempt, lets others see that.
//! - **D2** Recorded before visible: `Ok` comes after the record is durable, and is read back from it.
//! - **D3** After any crash the log is what was acknowledged, and at most some of what was being written. That is for the
//!   [`Log`] to keep, as are the locks of D4.
//! - **D4** One writer: who opens a workflow that is open is told that it is busy.
//! - **D5** A failed write ends the workflow until it is opened again.
//! - **D6** Cancellation, panics and plain errors are not recorded; [`Failure::Terminal`] is.
//! - **D7** Cancelling a caller does not take back a record that was handed to the log.
//! - **D8** A sleep ends at a recorded civil time; the time is recorded, and chance follows from a recorded seed.
//! - **D9** A finished workflow gives its recorded output without running any code.
//!
//! # What tells steps apart
//!
//! The path of the [scope](Workflow::scope), the name, the [key](Step::key) if there is one, and how often these were
//! used before. Nothing depends on the order in which steps end, so any number may run at once; but two of one name at
//! the same time need keys, or it is [`Divergence::AmbiguousStep`] at once.
//!
//! # When the code changes
//!
//! Types have versions ([`Persist`](crate::checkpoint::Persist)): what an older release recorded is read by the chain, what
//! a newer one recorded is refused, and a changed shape without a new version too. A changed input of a recorded step is
//! [`Divergence::InputChanged`]. New steps are run when the code comes to them; who has to keep workflows on the old
//! branch asks [`patched`](Workflow::patched). For what cannot be told by any of this there is the
//! [version](Open::version) of the workflow. [`replay_check`] tries code on the logs of real workflows.
//!
//! A divergence is reported once, and is the answer to everything from then on; the log stays as it is.

#[cfg(feature = "std")]
mod check;
mod divergence;
mod error;
mod failure;
mod handle;
mod history;
mod idempotency;
mod inner;
mod input;
mod key;
mod log;
mod memory;
mod open;
mod record;
mod recorded;
mod replay;
mod retried;
mod seal;
mod step;
#[cfg(feature = "tracing")]
mod trace;
#[cfg(not(feature = "tracing"))]
#[path = "trace_none.rs"]
mod trace;

#[cfg(feature = "std")]
pub use check::{Checked, ReplayCheck, Replayed, Standstill, replay_check};
pub use divergence::Divergence;
pub use error::{StepError, WorkflowError};
pub use failure::{Failure, Never, StepFailure};
pub use handle::Workflow;
pub use history::History;
pub use idempotency::IdempotencyKey;
pub use key::StepKey;
pub use log::{Entry, Log, Store};
pub use memory::{MemoryLog, MemoryStore, MemoryStoreError};
pub use open::{Finished, Open, Opened};
pub use recorded::Recorded;
pub use retried::Retried;
pub use step::{Step, StepContext, Work};
