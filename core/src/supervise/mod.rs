//! Supervision: children that are started, watched and restarted, in OTP's terms.
//!
//! What to do is decided by a pure state machine (`machine.rs`): exits, readiness, requests and the
//! time in, actions out. Doing it is the work of one shell, [`Supervise`], in two forms: *in place*,
//! where the children are polled inside the supervisor's own future and nothing is allocated
//! ([`Supervisor::run`]), and *spawned*, with a task per child ([`Supervisor::run_with`]).
//!
//! A supervisor is generic over its children's futures, so no child needs a box, and whether
//! children must be `Send` is up to the executor that runs them. What is known of a child lies in
//! the child itself: any number of them needs no table.
//!
//! # Readiness
//!
//! Children start in order, each when the one before is *ready*: an actor when its `started` has
//! returned `Ok`, a [`task`] at once. A child that fails before that has failed to start. In the
//! first start that ends the supervisor ([`SupervisorError::StartFailed`]); in a restart it is tried
//! again, and counted. A child that ends normally before it was ready is left out, as by OTP's
//! `ignore`.
//!
//! # Where it differs from OTP, on purpose
//!
//! - The queue of an actor survives its restarts; in OTP it dies with the process. A crash loses the
//!   message in hand, not those of others who did nothing wrong. So the mailbox of a child that does
//!   not run, but may be started again by its group or by hand, stays open.
//! - A sibling that is restarted with its group ends after the message in hand, not after those that
//!   are queued: they wait for its next incarnation.
//! - [`ActorRef::stop`](crate::ActorRef::stop) is final: an actor that was stopped so is not restarted
//!   with its group either, for its mailbox is closed.
//! - A supervisor without any child left that could run ends with `Ok`, unless requests may come: a
//!   job whose parts have all ended should end.
//! - The restart window is exact to the nanosecond, not to the second.
//! - Restarts may be delayed, child by child ([`Supervisor::backoff`]); OTP always tries at once. A
//!   group waits as a whole, so that it still starts in order.
//! - Killing drops the child's future at its next await; what never awaits cannot be killed.
//! - Giving up is an error, not a `shutdown` exit: a nested supervisor that is restarted
//!   [`OnFailure`](Restart::OnFailure) comes back, where OTP's `transient` would leave it down.
//! - While a child starts or stops, others may fail: OTP sees that afterwards, klaw at once, with the
//!   same effect. A failure while the group stops costs nothing, as in OTP.
//! - A child that is refused by its executor has failed to start.

mod actor_child;
mod ask;
#[cfg(feature = "alloc")]
mod asked;
mod by_hand;
mod child;
mod delays;
mod drive;
#[cfg(feature = "alloc")]
mod dynamic;
mod entry;
mod event;
mod follow;
#[cfg(feature = "alloc")]
mod hire;
mod hooks;
mod incarnation;
mod info;
mod intensity;
mod last;
mod machine;
#[cfg(feature = "alloc")]
mod nested;
mod observer;
#[cfg(feature = "alloc")]
mod partitions;
mod refused;
mod requests;
mod run;
mod set;
mod set_array;
#[cfg(feature = "alloc")]
mod set_heap;
#[cfg(feature = "alloc")]
mod snapshot;
#[cfg(feature = "alloc")]
mod spawned;
mod spec;
mod stopping;
mod supervisor;
#[cfg(feature = "alloc")]
mod supervisor_ref;
#[cfg(feature = "alloc")]
mod text;
#[cfg(feature = "tracing")]
mod trace;
#[cfg(not(feature = "tracing"))]
#[path = "trace_none.rs"]
mod trace;
#[cfg(feature = "defmt")]
mod trace_defmt;
#[cfg(not(feature = "defmt"))]
#[path = "trace_defmt_none.rs"]
mod trace_defmt;
#[cfg(feature = "alloc")]
mod view;
#[cfg(not(feature = "alloc"))]
#[path = "view_none.rs"]
mod view;

pub use actor_child::{ActorFactory, Incarnations};
#[cfg(feature = "alloc")]
pub use asked::Asked;
pub use child::{AnyChild, Child, ChildSpec};
pub use delays::{Delayed, Delays, RestartDelays};
pub use drive::{Drive, Factory, InPlace, Place};
#[cfg(feature = "alloc")]
pub use dynamic::{DynamicRef, DynamicSupervisor, SuperviseDynamic};
pub use entry::Entry;
pub use event::{ChildId, Event, GaveUp, SupervisorError};
#[cfg(feature = "alloc")]
pub use hire::{Hire, Seated};
pub use incarnation::{Control, Incarnation, Outcome, Retire, Task, Visible, task};
pub use info::{ChildCounts, ChildInfo, ChildKind, ChildState, MailboxDepth};
#[cfg(feature = "alloc")]
pub(crate) use intensity::Intensity;
pub use last::Specified;
pub use machine::End;
#[cfg(feature = "alloc")]
pub use nested::{Nested, NestedControl, nested};
pub use observer::{Observer, Unobserved};
#[cfg(feature = "alloc")]
pub use partitions::Partitions;
pub use refused::Refused;
pub use requests::{NoRequests, Request, Requests};
pub use run::Supervise;
pub use set::{Build, Chain, ChildSet};
pub use set_array::ArraySpec;
#[cfg(feature = "alloc")]
pub use set_heap::{Group, GroupSpec, Kind};
#[cfg(feature = "alloc")]
pub use snapshot::{ChildSnapshot, TreeSnapshot, TreeView};
#[cfg(feature = "alloc")]
pub use spawned::{Running, Spawned, SpawnedChild};
pub use spec::{AutoShutdown, Restart, Shutdown, Strategy};
pub use supervisor::Supervisor;
#[cfg(feature = "alloc")]
pub use supervisor_ref::{BoxChild, OpenSupervise, StartError, SupervisorRef};
#[cfg(feature = "alloc")]
pub(crate) use view::View;
