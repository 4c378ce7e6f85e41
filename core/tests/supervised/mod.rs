//! What the tests of supervision share: an executor, a clock, a log, and both forms.

#![allow(dead_code, unused_macros, unused_imports, reason = "every test binary uses a part of it")]

use crate::{
    executor::{Executor, Output, Spawner},
    probe::Log,
    virtual_clock::VirtualClock,
};
use core::time::Duration;
use klaw::{
    CancelToken, GaveUp, Strategy, Supervisor, SupervisorError,
    supervise::{Build, ChildSet, Observer, Requests},
};

pub(crate) const SEEDS: u64 = if cfg!(miri) { 1 } else { 16 };
pub(crate) const SECOND: Duration = Duration::from_secs(1);
pub(crate) const NOTHING: [&str; 0] = [];

/// An executor, a clock, a log, and the form in which supervisors run.
pub(crate) struct Bench<D> {
    pub(crate) executor: Executor,
    pub(crate) clock: VirtualClock,
    pub(crate) log: Log,
    driver: D,
}

/// A supervisor that runs.
pub(crate) struct Running {
    pub(crate) stop: CancelToken,
    pub(crate) result: Output<Result<(), SupervisorError>>,
}

impl<D: Clone> Bench<D> {
    /// The driver of the form that is tested.
    pub(crate) fn driver(&self) -> D {
        self.driver.clone()
    }

    pub(crate) fn with(seed: u64, driver: impl FnOnce(Spawner) -> D) -> Self {
        let executor = Executor::new(seed);
        let driver = driver(executor.spawner());
        Self { executor, clock: VirtualClock::new(), log: Log::default(), driver }
    }

    /// Runs `supervisor` as a task until nothing is left to do.
    pub(crate) fn run<Set, O>(&self, supervisor: Supervisor<Set, O>) -> Running
    where
        Set: Build<D>,
        Set::Set: ChildSet + 'static,
        O: Observer + 'static,
    {
        let stop = CancelToken::new();
        let running = supervisor.run_with(self.driver.clone(), &self.clock).until(stop.cancelled());
        let result = self.executor.start(running);
        self.executor.run();
        Running { stop, result }
    }

    /// As `run`, with requests from `requests`.
    pub(crate) fn run_asked<Set, O, R>(
        &self,
        supervisor: Supervisor<Set, O>,
        requests: R,
    ) -> Running
    where
        Set: Build<D>,
        Set::Set: ChildSet + 'static,
        O: Observer + 'static,
        R: Requests<<Set::Set as ChildSet>::New> + 'static,
    {
        let stop = CancelToken::new();
        let running = supervisor
            .run_with(self.driver.clone(), &self.clock)
            .requests(requests)
            .until(stop.cancelled());
        let result = self.executor.start(running);
        self.executor.run();
        Running { stop, result }
    }

    /// Stops what runs, as far as it goes without time passing.
    pub(crate) fn stop(&self, running: &Running) {
        running.stop.cancel("the test is over");
        self.executor.run();
    }

    pub(crate) fn advance(&self, duration: Duration) {
        self.clock.advance(duration);
        self.executor.run();
    }
}

/// Declares scenarios that run in both forms, each in many wake orders.
macro_rules! in_both_forms {
    ($($(#[$meta:meta])* fn $name:ident($bench:ident) $body:block)*) => {$(
        $(#[$meta])*
        mod $name {
            use super::*;
            use klaw::supervise::{InPlace, Spawned};

            #[test]
            fn in_place() {
                for seed in 0..SEEDS {
                    let $bench = Bench::with(seed, |_| InPlace);
                    $body
                    assert_eq!($bench.executor.panics(), 0, "seed {seed}");
                }
            }

            #[test]
            fn spawned() {
                for seed in 0..SEEDS {
                    let $bench = Bench::with(seed, Spawned);
                    $body
                    assert_eq!($bench.executor.panics(), 0, "seed {seed}");
                }
            }
        }
    )*};
}

pub(crate) fn supervisor() -> Supervisor {
    Supervisor::new(Strategy::OneForOne)
}

impl Running {
    /// Why the supervisor gave up; it has.
    #[track_caller]
    pub(crate) fn gave_up(&self) -> GaveUp {
        match self.result.take() {
            Some(Err(SupervisorError::GaveUp(gave_up))) => gave_up,
            other => panic!("it was to give up: {other:?}"),
        }
    }

    /// The child whose start failed, which ended the supervisor.
    #[track_caller]
    pub(crate) fn start_failed(&self) -> String {
        match self.result.take() {
            Some(Err(SupervisorError::StartFailed { child })) => child.to_string(),
            other => panic!("it was to fail: {other:?}"),
        }
    }
}

/// The lines that are about the lives of actors, not the decisions of their supervisor.
pub(crate) fn lives(log: &Log) -> Vec<String> {
    let lives = log.take().into_iter();
    lives.filter(|line| line.starts_with(char::is_lowercase)).collect()
}

/// The decisions of a supervisor, without the lives of actors.
pub(crate) fn decisions(log: &Log) -> Vec<String> {
    let decisions = log.take().into_iter();
    decisions.filter(|line| line.starts_with(char::is_uppercase)).collect()
}

pub(crate) use in_both_forms;

/// `actor!(bench, a)`: a mailbox and a factory of probes that serve it.
macro_rules! actor {
    ($bench:ident, $name:literal) => {
        actor!($bench, $name, |probe| probe)
    };
    ($bench:ident, $name:literal, |$probe:ident| $make:expr) => {{
        let me = klaw::mailbox_named::<crate::probe::Msg>($name, 8);
        let (address, log) = (me.clone(), $bench.log.clone());
        let factory = move || {
            let $probe = crate::probe::Probe::new($name, &log);
            klaw::serve($make, address.clone())
        };
        (me, factory)
    }};
}
pub(crate) use actor;
