//! Supervisors whose strategy and shutdown are constants.

#![cfg(feature = "std")]

mod executor;
mod probe;
mod supervised;
mod virtual_clock;

use klaw::{
    Backoff, CancelToken, Event, Restart, Shutdown, Strategy, Supervisor,
    supervise::{Build, ChildSet, Constants, Fixed, InPlace, Observer},
};
use probe::{Msg, tell};
use supervised::{Bench, Running, SECOND, SEEDS, actor, decisions};

struct Killed;

impl Fixed for Killed {
    const STRATEGY: Strategy = Strategy::OneForOne;
    const SHUTDOWN: Shutdown = Shutdown::Kill;
}

struct Drained;

impl Fixed for Drained {
    const STRATEGY: Strategy = Strategy::RestForOne;
    const SHUTDOWN: Shutdown = Shutdown::Drain(SECOND);
}

/// As [`Killed`], and nobody is shown an error.
struct Silent;

impl Fixed for Silent {
    const STRATEGY: Strategy = Strategy::OneForOne;
    const SHUTDOWN: Shutdown = Shutdown::Kill;
    const ERRORS: bool = false;
}

fn run<Set, O, F>(bench: &Bench<InPlace>, supervisor: Supervisor<Set, O, Constants<F>>) -> Running
where
    F: Fixed + 'static,
    Set: Build<Constants<F>>,
    Set::Set: ChildSet + 'static,
    O: Observer + 'static,
{
    let stop = CancelToken::new();
    let result = bench.executor.start(supervisor.run(&bench.clock).until(stop.cancelled()));
    bench.executor.run();
    Running { stop, result }
}

fn each_order(test: impl Fn(&Bench<InPlace>)) {
    for seed in 0..SEEDS {
        let bench = Bench::with(seed, |_| InPlace);
        test(&bench);
        assert_eq!(bench.executor.panics(), 0, "seed {seed}");
    }
}

#[test]
fn what_waits_is_dropped_if_children_are_killed() {
    each_order(|bench| {
        let (a_ref, a) = actor!(bench, "a");
        let supervisor = Supervisor::fixed::<Killed>().observe(bench.log.observer()).child(
            "a",
            Restart::Always,
            a,
        );
        let running = run(bench, supervisor);
        tell(&a_ref, Msg::Hang);
        bench.executor.run();
        bench.log.take();
        bench.stop(&running);
        assert_eq!(decisions(&bench.log), ["Killed a", "Ended a"]);
        assert_eq!(running.result.take(), Some(Ok(())));
        assert!(a_ref.is_closed());
        assert_eq!(bench.clock.timers(), 0);
    });
}

#[test]
fn children_have_their_time_if_they_are_drained() {
    each_order(|bench| {
        let ((a_ref, a), (b_ref, b)) = (actor!(bench, "a"), actor!(bench, "b"));
        let supervisor = Supervisor::fixed::<Drained>()
            .observe(bench.log.observer())
            .child("a", Restart::Always, a)
            .child("b", Restart::Always, b);
        let running = run(bench, supervisor);
        tell(&a_ref, Msg::Fail);
        bench.executor.run();
        assert_eq!((a_ref.incarnations(), b_ref.incarnations()), (2, 2), "b started after a");
        tell(&a_ref, Msg::Hang);
        bench.executor.run();
        bench.log.take();
        bench.stop(&running);
        assert_eq!(decisions(&bench.log), ["Ended b"]);
        bench.advance(SECOND / 2);
        assert_eq!(running.result.take(), None, "a has half a second left");
        bench.advance(SECOND / 2);
        assert_eq!(decisions(&bench.log), ["Killed a", "Ended a"]);
        assert_eq!(running.result.take(), Some(Ok(())));
    });
}

#[test]
fn restarts_wait_where_nothing_else_does() {
    each_order(|bench| {
        let (a_ref, a) = actor!(bench, "a");
        let supervisor = Supervisor::fixed::<Killed>()
            .max_restarts(3)
            .restart_window(10 * SECOND)
            .child("a", Restart::Always, a)
            .backoff(Backoff::constant(SECOND));
        let _running = run(bench, supervisor);
        for (waited, incarnations) in [(0, 2), (1, 3)] {
            tell(&a_ref, Msg::Fail);
            bench.executor.run();
            assert_eq!(a_ref.incarnations(), incarnations - waited);
            bench.advance(SECOND * waited as u32);
            assert_eq!(a_ref.incarnations(), incarnations);
        }
    });
}

#[test]
fn one_restart_too_many_ends_it() {
    each_order(|bench| {
        let (a_ref, a) = actor!(bench, "a");
        let supervisor = Supervisor::fixed::<Killed>()
            .max_restarts(1)
            .observe(bench.log.observer())
            .child("a", Restart::Always, a);
        let running = run(bench, supervisor);
        for _ in 0..2 {
            tell(&a_ref, Msg::Fail);
            bench.executor.run();
        }
        let told = decisions(&bench.log);
        assert_eq!(told.last().map(String::as_str), Some("GaveUp a 1"));
        assert_eq!(told.iter().filter(|line| line.starts_with("Failed a")).count(), 2);
        assert_eq!(running.gave_up().restarts, 1);
    });
}

#[test]
fn nobody_is_shown_an_error_where_none_are_shown() {
    each_order(|bench| {
        let (a_ref, a) = actor!(bench, "a");
        let log = bench.log.clone();
        let supervisor = Supervisor::fixed::<Silent>()
            .observe(bench.log.observer())
            .observe(move |event| {
                if let Event::Restarting { error, .. } | Event::GaveUp { error, .. } = event {
                    log.add(format!("Error {error:?}"));
                }
            })
            .child("a", Restart::Always, a);
        let running = run(bench, supervisor);
        for _ in 0..2 {
            tell(&a_ref, Msg::Fail);
            bench.executor.run();
        }
        assert_eq!(
            decisions(&bench.log),
            [
                "Started a 0",
                "Restarting a 1",
                "Error None",
                "Started a 1",
                "GaveUp a 1",
                "Error None"
            ]
        );
        running.gave_up();
    });
}
