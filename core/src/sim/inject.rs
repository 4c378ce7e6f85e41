//! Faults that are injected, and the record of them.

use super::{
    TaskId,
    error::elapsed,
    ready::State,
    task::{Role, Task},
};
use crate::time::Instant;
use alloc::{borrow::Cow, vec::Vec};
use core::{fmt, time::Duration};

/// A kind of fault and how likely it is; given to [`Sim::inject`](super::Sim::inject).
///
/// At each poll of a task that was woken the fault strikes with the given probability. It then
/// hits one of the tasks it may hit, all with the same chance: whether they are ready, parked or
/// were never polled, but always between two polls. Unless [`on`](Self::on) or
/// [`on_prefix`](Self::on_prefix) says otherwise, it may hit every task.
///
/// # Examples
///
/// ```
/// use klaw::sim::{Injection, Sim};
///
/// let sim = Sim::new(1);
/// sim.inject(Injection::cancel(0.5).on("victim").at_most(1));
/// sim.spawn_named("victim", std::future::pending());
/// sim.spawn_named("bystander", async {});
/// sim.run_until_stalled().unwrap();
/// assert!(sim.faults().len() <= 1);
/// ```
#[derive(Clone, Debug)]
#[must_use = "an injection does nothing until it is given to `Sim::inject`"]
pub struct Injection {
    pub(super) probability: f64,
    pub(super) kind: InjectionKind,
    pub(super) left: u64,
    only: Vec<Pattern>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InjectionKind {
    Panic,
    Cancel,
    Stall { longest: Duration },
    Spurious,
}

#[derive(Clone, Debug)]
enum Pattern {
    Name(Cow<'static, str>),
    Prefix(Cow<'static, str>),
}

impl Injection {
    /// A panic is raised in place of a poll: the future is dropped while its thread unwinds.
    ///
    /// Such a panic is in [`Sim::faults`](super::Sim::faults) and is not an error of the run. A
    /// destructor that panics then aborts the process, as it would elsewhere. Roots and blocking
    /// jobs are not hit.
    ///
    /// # Panics
    ///
    /// If `probability` is not between 0 and 1.
    #[track_caller]
    pub fn panic(probability: f64) -> Self {
        Self::new(probability, InjectionKind::Panic)
    }

    /// The future is dropped. Roots and blocking jobs are not hit.
    ///
    /// # Panics
    ///
    /// If `probability` is not between 0 and 1.
    #[track_caller]
    pub fn cancel(probability: f64) -> Self {
        Self::new(probability, InjectionKind::Cancel)
    }

    /// The task is not polled, even if it is woken, for a random time up to `longest`.
    ///
    /// # Panics
    ///
    /// If `probability` is not between 0 and 1.
    #[track_caller]
    pub fn stall(probability: f64, longest: Duration) -> Self {
        Self::new(probability, InjectionKind::Stall { longest })
    }

    /// A parked task is polled though nobody woke it, which every future has to allow for.
    ///
    /// It can hide a wake-up that was lost; leave it out of some runs.
    ///
    /// # Panics
    ///
    /// If `probability` is not between 0 and 1.
    #[track_caller]
    pub fn spurious(probability: f64) -> Self {
        Self::new(probability, InjectionKind::Spurious)
    }

    #[track_caller]
    fn new(probability: f64, kind: InjectionKind) -> Self {
        assert!((0.0..=1.0).contains(&probability), "a probability is between 0 and 1");
        Self { probability, kind, left: u64::MAX, only: Vec::new() }
    }

    /// Hits only tasks of this name, and of the others that are named like this.
    pub fn on(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.only.push(Pattern::Name(name.into()));
        self
    }

    /// Hits only tasks whose name begins like this, and the others that are named.
    pub fn on_prefix(mut self, prefix: impl Into<Cow<'static, str>>) -> Self {
        self.only.push(Pattern::Prefix(prefix.into()));
        self
    }

    /// Strikes no more often than this.
    pub const fn at_most(mut self, times: u64) -> Self {
        self.left = times;
        self
    }

    pub(super) fn may_hit(&self, task: &Task, state: State) -> bool {
        let possible = match self.kind {
            InjectionKind::Panic | InjectionKind::Cancel => task.role == Role::Task,
            InjectionKind::Stall { .. } => !matches!(state, State::Stalled { .. }),
            InjectionKind::Spurious => state == State::Parked,
        };
        possible && (self.only.is_empty() || self.only.iter().any(|only| only.fits(&task.id.name)))
    }
}

impl Pattern {
    fn fits(&self, name: &str) -> bool {
        match self {
            Self::Name(same) => name == same,
            Self::Prefix(prefix) => name.starts_with(&**prefix),
        }
    }
}

/// A fault that was injected.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fault {
    /// When.
    pub at: Instant,
    /// Which task it hit.
    pub task: TaskId,
    /// What it was.
    pub kind: FaultKind,
}

/// The kinds of [`Fault`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultKind {
    /// A panic was raised in the task.
    Panic,
    /// The task was dropped.
    Cancel,
    /// The task was not polled for this time.
    Stall(Duration),
    /// The task was polled though nobody had woken it.
    Spurious,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}: {}", elapsed(self.at), self.task, self.kind)
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Panic => f.write_str("panic"),
            Self::Cancel => f.write_str("cancel"),
            Self::Stall(time) => write!(f, "stall of {time:?}"),
            Self::Spurious => f.write_str("spurious poll"),
        }
    }
}
