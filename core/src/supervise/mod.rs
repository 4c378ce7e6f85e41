//! Supervision: children that are started, watched and restarted, in OTP's terms.
//!
//! What to do is decided by a pure state machine (`machine.rs`): exits and the time in, actions
//! out. Doing it is the work of one shell, [`Supervise`], in two forms: *in place*, where the
//! children are polled inside the supervisor's own future and nothing is allocated
//! ([`Supervisor::run`]), and *spawned*, with a task per child ([`Supervisor::run_with`]).
//!
//! A supervisor is generic over its children's futures, so no child needs a box, and whether
//! children must be `Send` is up to the executor that runs them.
//!
//! # Where it differs from OTP, on purpose
//!
//! - The queue of an actor survives its restarts; in OTP it dies with the process.
//! - A supervisor without any child left that could run ends with `Ok`.
//! - The restart window is exact to the nanosecond, not to the second.
//! - Killing drops the child's future at its next await; what never awaits cannot be killed.
//! - Giving up is an error, not a `shutdown` exit.

mod actor_child;
mod child;
mod drive;
mod event;
mod incarnation;
mod intensity;
mod machine;
mod run;
mod set;
#[cfg(feature = "alloc")]
mod set_heap;
#[cfg(feature = "alloc")]
mod spawned;
mod spec;
mod supervisor;
#[cfg(feature = "tracing")]
mod trace;
#[cfg(not(feature = "tracing"))]
#[path = "trace_none.rs"]
mod trace;

pub use actor_child::ActorFactory;
pub use child::{AnyChild, Child, ChildSpec};
pub use drive::{Drive, Factory, InPlace, Place};
pub use event::{ChildId, Event, GaveUp};
pub use incarnation::{Control, Incarnation, Outcome, Retire, Task, task};
pub use machine::End;
pub use run::Supervise;
pub use set::{Build, Chain, ChildSet};
#[cfg(feature = "alloc")]
pub use set_heap::{Group, GroupSpec};
#[cfg(feature = "alloc")]
pub use spawned::{Running, Spawned, SpawnedChild};
pub use spec::{Restart, Shutdown, Strategy};
pub use supervisor::Supervisor;
