//! Supervision: children that are started, watched and restarted, in OTP's terms.
//!
//! What to do is decided by a pure state machine (`machine.rs`): exits, readiness, requests and the
//! time in, actions out. Doing it is the work of one shell, [`Supervise`], in two forms: *in place*,
//! where the children are polled inside the supervisor's own future and nothing is allocated
//! ([`Supervisor::run`]), and *spawned*, with a task per child ([`Supervisor::run_with`]). An actor that is started
//! on its own has a smaller shell, on the same machine.
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

mod changes;
mod children;
mod entry;
mod events;
mod follow;
mod intensity;
mod machine;
#[cfg(feature = "alloc")]
mod nested;
#[cfg(feature = "alloc")]
mod one;
mod patience;
mod policy;
mod run;
mod spec;
mod stopping;
mod supervisor;
mod tree;

#[cfg(feature = "alloc")]
pub use changes::asked::Asked;
#[cfg(feature = "alloc")]
pub use changes::dynamic::{DynamicRef, DynamicSupervisor, SuperviseDynamic};
#[cfg(feature = "alloc")]
pub use changes::hire::{Hire, Seated};
#[cfg(feature = "alloc")]
pub use changes::partitions::Partitions;
pub use changes::refused::Refused;
pub use changes::requests::{NoRequests, Request, Requests};
#[cfg(feature = "alloc")]
pub use changes::supervisor_ref::{BoxChild, OpenSupervise, StartError, SupervisorRef};
pub use children::actor_child::{ActorFactory, Incarnations};
pub use children::child::{AnyChild, Child, ChildSpec};
pub use children::delays::{Delayed, Delays, RestartDelays};
pub use children::drive::{Drive, Factory, InPlace, Place};
pub use children::incarnation::{Control, Incarnation, Outcome, Retire, Task, Visible, task};
pub use children::last::Specified;
pub use children::set::{Build, Chain, ChildSet};
pub use children::set_array::ArraySpec;
#[cfg(feature = "alloc")]
pub use children::set_heap::{Group, GroupSpec, Kind};
#[cfg(feature = "alloc")]
pub use children::spawned::{Running, Spawned, SpawnedChild};
pub use entry::Entry;
pub use events::event::{ChildId, Event, GaveUp, SupervisorError};
pub use events::observer::{Observer, Unobserved};
#[cfg(feature = "alloc")]
pub(crate) use intensity::{Intensity, Window};
pub use machine::End;
#[cfg(feature = "alloc")]
pub use nested::{Nested, NestedControl, nested};
#[cfg(feature = "alloc")]
pub(crate) use one::{Plan, SuperviseOne, observer_with};
pub use policy::{Constants, Fixed, Policy, Values};
pub use run::Supervise;
pub use spec::{AutoShutdown, Restart, Shutdown, Strategy};
pub use supervisor::Supervisor;
pub use tree::info::{ChildCounts, ChildInfo, ChildKind, ChildState, MailboxDepth};
#[cfg(feature = "alloc")]
pub use tree::snapshot::{ChildSnapshot, TreeSnapshot, TreeView};
#[cfg(feature = "alloc")]
pub(crate) use tree::view::View;
