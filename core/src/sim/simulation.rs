//! The simulation as its user sees it.

use super::{
    Event, Fault, Injection, Random, RunError, Spawner, VirtualClock, executor::Executor,
    random::SplitMix64, trace::Trace,
};
use crate::spawn::Spawn;
use alloc::{borrow::Cow, rc::Rc, vec::Vec};
use core::{cell::Cell, fmt};
use std::{panic::resume_unwind, thread};

/// An executor of one thread and a clock, whose every choice follows from a seed.
///
/// Dropping it drops its tasks, the one that was spawned last first; a panic in their destructors
/// goes on out of the drop. Handles do not keep it alive.
///
/// Wakers may be used from other threads, but nothing waits for those: a wake-up that comes after
/// all tasks have parked comes too late, and what comes earlier is not reproducible.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use klaw::{Clock, sim::{RunError, Sim}};
///
/// let sim = Sim::new(42);
/// let clock = sim.clock();
/// let (tx, rx) = klaw::bounded(1);
/// sim.spawn_named("ticker", async move {
///     clock.sleep(Duration::from_secs(3600)).await;
///     tx.send("tick").await.unwrap();
/// });
/// assert_eq!(sim.run(rx.recv()).unwrap(), Ok("tick"));
/// assert_eq!(sim.clock().now().as_nanos(), 3_600_000_000_000);
///
/// let error = sim.run(core::future::pending::<()>()).unwrap_err();
/// assert!(matches!(error, RunError::Deadlock { .. }));
/// ```
///
/// With actors, a [`Runtime`](crate::Runtime) is made of its two capabilities:
///
/// ```
/// use klaw::{Runtime, sim::Sim};
///
/// let sim = Sim::new(42);
/// let rt = Runtime::new(sim.spawner(), sim.clock());
/// rt.spawn(async {}).unwrap();
/// ```
pub struct Sim {
    seed: u64,
    random: Random,
    executor: Rc<Executor>,
}

impl Sim {
    /// A simulation without tasks.
    pub fn new(seed: u64) -> Self {
        let mut streams = SplitMix64::new(seed);
        let executor = Rc::new(Executor::new(streams.split(), streams.split()));
        Self { seed, random: Random::new(streams.split()), executor }
    }

    /// The seed it was made with.
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// The capability to start tasks and blocking jobs.
    pub fn spawner(&self) -> Spawner {
        Spawner::new(Rc::downgrade(&self.executor))
    }

    /// The capability to read and wait for virtual time.
    pub fn clock(&self) -> VirtualClock {
        self.executor.clock.clone()
    }

    /// The capability to draw random bits; all such handles draw from one stream.
    pub fn random(&self) -> Random {
        self.random.clone()
    }

    /// Starts a task that goes by the type of its future.
    ///
    /// # Panics
    ///
    /// If there are as many tasks as [may be](Self::max_tasks).
    #[track_caller]
    pub fn spawn(&self, future: impl Future<Output = ()> + 'static) {
        self.spawner().spawn(future).expect("more tasks than the simulation may have");
    }

    /// Starts a task by that name; names need not be unique.
    ///
    /// # Panics
    ///
    /// If there are as many tasks as [may be](Self::max_tasks).
    #[track_caller]
    pub fn spawn_named(
        &self,
        name: impl Into<Cow<'static, str>>,
        future: impl Future<Output = ()> + 'static,
    ) {
        let spawned = self.spawner().spawn_named(name, future);
        spawned.expect("more tasks than the simulation may have");
    }

    /// Runs everything until `root` is done, and gives its output.
    ///
    /// The root is a task like the others, named `root`. It may borrow; it is gone when this
    /// returns. Other tasks stay, and go on in the next run. To let time pass, run a sleep.
    ///
    /// # Errors
    ///
    /// [`RunError`] if nothing can happen any more, if it takes too many polls, if a task panics
    /// and [that is not tolerated](Self::tolerate_panics), or if the root panics.
    ///
    /// # Panics
    ///
    /// If it is called by one of the simulation's own tasks.
    pub fn run<F: Future>(&self, root: F) -> Result<F::Output, RunError> {
        let _running = self.enter();
        self.executor.run(root)
    }

    /// Runs everything until no task is ready; time stands still.
    ///
    /// # Errors
    ///
    /// [`RunError`] if it takes too many polls, or if a task panics and
    /// [that is not tolerated](Self::tolerate_panics).
    ///
    /// # Panics
    ///
    /// If it is called by one of the simulation's own tasks.
    pub fn run_until_stalled(&self) -> Result<(), RunError> {
        let _running = self.enter();
        self.executor.drive(None)
    }

    fn enter(&self) -> Running<'_> {
        assert!(!self.executor.running.replace(true), "a task cannot run its own simulation");
        Running(&self.executor.running)
    }

    /// Injects a fault from now on, besides those that are injected already.
    pub fn inject(&self, injection: Injection) {
        self.executor.faults.borrow_mut().injections.push(injection);
    }

    /// The faults that were injected so far, the first one first.
    pub fn faults(&self) -> Vec<Fault> {
        self.executor.faults.borrow().record.clone()
    }

    /// Whether tasks may panic without ending the run; roots may not. They may not at first.
    pub fn tolerate_panics(&self, tolerate: bool) {
        self.executor.tolerant.set(tolerate);
    }

    /// How many panics there were, those that were injected apart.
    pub fn panics(&self) -> usize {
        self.executor.panics.get()
    }

    /// How many polls each run may take; 1,000,000 unless given.
    pub fn max_polls(&self, polls: u64) {
        self.executor.max_polls.set(polls);
    }

    /// How many tasks there may be at a time, the root included; any number unless given.
    ///
    /// A spawner that finds as many gives [`SpawnErrorKind::Full`](crate::SpawnErrorKind::Full).
    pub fn max_tasks(&self, tasks: usize) {
        self.executor.max_tasks.set(tasks);
    }

    /// How many tasks there are, the root included.
    pub fn tasks(&self) -> usize {
        self.executor.tasks.borrow().len()
    }

    /// Starts to write down what happens, or stops and forgets it.
    ///
    /// The newest 100,000 events are kept.
    pub fn trace(&self, on: bool) {
        let _before = self.executor.trace.replace(on.then(Trace::default));
    }

    /// What was written down since [`trace`](Self::trace) was turned on, the first event first.
    pub fn events(&self) -> Vec<Event> {
        let trace = self.executor.trace.borrow();
        trace.as_ref().map_or_else(Vec::new, |trace| trace.iter().cloned().collect())
    }
}

struct Running<'a>(&'a Cell<bool>);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        if let Some(panic) = self.executor.shut_down()
            && !thread::panicking()
        {
            resume_unwind(panic.into_payload());
        }
    }
}

impl fmt::Debug for Sim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sim").field("seed", &self.seed).finish_non_exhaustive()
    }
}
