//! Dynamic supervisors, in both forms, and partitions.

#![cfg(feature = "std")]

mod executor;
mod probe;
mod supervised;
mod virtual_clock;

use klaw::{
    CancelToken, Restart, Runtime, Shutdown, serve,
    supervise::{ChildId, DynamicSupervisor, Partitions, Refused},
    task,
};
use probe::{Log, Msg, Probe, tell};
use std::num::NonZeroUsize;
use supervised::{Bench, Running, SECOND, SEEDS, in_both_forms, supervisor};

const fn id(index: usize) -> ChildId {
    ChildId { name: "x", index: Some(index) }
}

macro_rules! open {
    ($bench:ident, $supervisor:expr) => {{
        let (running, supervisor) = $supervisor.run_with($bench.driver(), &$bench.clock);
        let stop = CancelToken::new();
        let result = $bench.executor.start(running.until(stop.cancelled()));
        $bench.executor.run();
        (Running { stop, result }, supervisor)
    }};
}

macro_rules! settled {
    ($bench:ident, $supervisor:ident, $body:expr) => {{
        let $supervisor = $supervisor.clone();
        $bench.executor.settle(async move { $body.await }).expect("it was answered")
    }};
}

in_both_forms! {
    fn children_are_made_from_arguments_and_numbered(bench) {
        let log = bench.log.clone();
        let children = DynamicSupervisor::new("x", move |word: &'static str| {
            let log = log.clone();
            move || {
                log.add(word);
                task(std::future::pending::<()>())
            }
        });
        let (_running, children) = open!(bench, children);
        for (index, word) in ["one", "two"].into_iter().enumerate() {
            assert_eq!(settled!(bench, children, children.start_child(word)).unwrap(), id(index));
        }
        assert_eq!(bench.log.take(), ["one", "two"]);
        let listed = settled!(bench, children, children.which_children()).unwrap();
        let listed: Vec<_> = listed.iter().map(|info| info.child).collect();
        assert_eq!(listed, [id(0), id(1)]);
    }

    fn one_too_many_is_refused_with_its_argument_and_places_are_free_again(bench) {
        let children = DynamicSupervisor::new("x", |end: CancelToken| move || {
            let end = end.clone();
            task(async move { end.cancelled().await; })
        }).restart(Restart::OnFailure).max_children(2);
        let (_running, children) = open!(bench, children);
        let ends = [(); 3].map(|()| CancelToken::new());
        for end in &ends[..2] {
            let end = end.clone();
            settled!(bench, children, children.start_child(end)).unwrap();
        }
        let third = ends[2].clone();
        let refused = settled!(bench, children, children.start_child(third)).unwrap_err();
        assert_eq!(refused.why, Refused::MaxChildren);
        let third = refused.refused.expect("the argument comes back");
        assert!(!third.is_cancelled());

        // One that ends by itself is forgotten.
        ends[0].cancel("its work is done");
        bench.executor.run();
        assert_eq!(settled!(bench, children, children.start_child(third)).unwrap(), id(2));
        let counts = settled!(bench, children, children.count_children()).unwrap();
        assert_eq!((counts.specs, counts.active), (2, 2));
        // And so is one that was stopped.
        assert_eq!(settled!(bench, children, children.stop_child(id(1))), Ok(()));
        assert_eq!(settled!(bench, children, children.stop_child(id(1))), Err(Refused::NotFound));
        let counts = settled!(bench, children, children.count_children()).unwrap();
        assert_eq!(counts.specs, 1);
    }

    fn a_child_is_restarted_from_the_same_argument_three_times_within_five_seconds(bench) {
        let log = bench.log.clone();
        let children = DynamicSupervisor::new("x", move |word: &'static str| {
            let log = log.clone();
            move || {
                log.add(word);
                let fails = word == "bad";
                task(async move {
                    if fails { Err("bad") } else { std::future::pending().await }
                })
            }
        });
        let (running, children) = open!(bench, children);
        settled!(bench, children, children.start_child("good")).unwrap();
        let _ = settled!(bench, children, children.start_child("bad"));
        assert_eq!(bench.log.take(), ["good", "bad", "bad", "bad", "bad"]);
        assert_eq!(running.gave_up().child, id(1));
    }

    fn a_start_that_fails_or_panics_keeps_nothing(bench) {
        let log = bench.log.clone();
        let children = DynamicSupervisor::new("x", move |panics: bool| {
            assert!(!panics, "told to panic");
            let (me, log) = (klaw::mailbox_named::<Msg>("x", 4), log.clone());
            move || serve(Probe::new("x", &log).fail_in_started(), me.clone())
        }).max_children(1);
        let (running, children) = open!(bench, children);
        for panics in [false, true, false] {
            let failed = settled!(bench, children, children.start_child(panics)).unwrap_err();
            assert_eq!(failed.why, Refused::StartFailed);
        }
        assert_eq!(settled!(bench, children, children.count_children()).unwrap().specs, 0);
        assert!(!running.result.is_ready());
    }

    fn otp_s38_all_children_are_stopped_at_the_same_time(bench) {
        let (gate, log) = (CancelToken::new(), bench.log.clone());
        let held = gate.clone();
        let children = DynamicSupervisor::new("x", move |number: usize| {
            let (gate, log) = (held.clone(), log.clone());
            move || {
                let (stop, gate, log) = (CancelToken::new(), gate.clone(), log.clone());
                let asked = stop.clone();
                task(async move {
                    asked.cancelled().await;
                    log.add(format!("asked {number}"));
                    gate.cancelled().await;
                }).stop_with(stop)
            }
        }).shutdown(Shutdown::Drain(SECOND));
        let (running, children) = open!(bench, children);
        for number in 0..3 {
            settled!(bench, children, children.start_child(number)).unwrap();
        }
        bench.stop(&running);
        let mut asked = bench.log.take();
        asked.sort();
        assert_eq!(asked, ["asked 0", "asked 1", "asked 2"], "none has ended");
        bench.advance(SECOND);
        assert_eq!(running.result.take(), Some(Ok(())), "and all are killed together");
    }

    fn a_key_leads_to_the_same_actor_over_its_restarts(bench) {
        let four = NonZeroUsize::new(4).unwrap();
        let partitions = Partitions::<Msg>::new("part", four, 8);
        let log = bench.log.clone();
        let running = bench.run(supervisor().partitions(
            &partitions,
            Restart::Always,
            move |number, me| {
                let name = ["p0", "p1", "p2", "p3"][number];
                serve(Probe::new(name, &log), me)
            },
        ));
        assert_eq!(bench.log.take(), ["p0 up 0", "p1 up 0", "p2 up 0", "p3 up 0"]);
        let actor = partitions.partition("apples").clone();
        tell(&actor, Msg::Fail);
        bench.executor.run();
        assert_eq!(actor.incarnations(), 2);
        assert_eq!(partitions.partition("apples"), &actor);
        let others = partitions.all().iter().filter(|other| **other != actor);
        assert_eq!(others.map(|other| other.incarnations()).collect::<Vec<_>>(), [1; 3]);
        bench.stop(&running);
    }
}

#[test]
fn keys_are_shared_out_evenly() {
    for count in [2, 3, 8, 16] {
        let partitions = Partitions::<u8>::new("part", NonZeroUsize::new(count).unwrap(), 1);
        let mut counts = vec![0; count];
        for key in 0..10_000_u64 {
            let actor = partitions.partition(&key);
            counts[partitions.all().iter().position(|other| other == actor).unwrap()] += 1;
        }
        let even = 10_000 / count;
        assert!(counts.iter().all(|&keys| keys > even * 8 / 10), "{count}: {counts:?}");
    }
}

#[test]
fn a_runtime_runs_a_dynamic_supervisor_in_the_background() {
    let bench = Bench::with(1, |_| ());
    let rt = Runtime::new(bench.executor.spawner(), bench.clock.clone());
    let log: Log = bench.log.clone();
    let children = DynamicSupervisor::new("x", move |word: &'static str| {
        let log = log.clone();
        move || {
            log.add(word);
            task(std::future::pending::<()>())
        }
    });
    let (tree, children) = rt.supervise_dynamic(children).unwrap();
    settled!(bench, children, children.start_child("one")).unwrap();
    assert_eq!(tree.snapshot(rt.now()).children.len(), 1);
    assert_eq!(bench.executor.settle(tree.stop()), Some(Ok(())));
    assert_eq!(bench.log.take(), ["one"]);
}
