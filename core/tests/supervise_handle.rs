//! Supervisors that are spoken to while they run, in both forms; OTP's statements by number.

#![cfg(feature = "std")]

mod executor;
mod probe;
mod supervised;
mod virtual_clock;

use klaw::{
    CancelToken, Restart, Runtime, Shutdown,
    supervise::{
        AnyChild, ChildId, ChildSpec, ChildState, Factory, Refused, SupervisorRef, nested,
    },
    task,
};
use probe::{Msg, tell};
use supervised::{Bench, Running, SECOND, SEEDS, actor, in_both_forms, lives, supervisor};

const fn id(name: &'static str) -> ChildId {
    ChildId { name, index: None }
}

/// A child as most tests want it.
const fn always<F: Factory>(name: &'static str, factory: F) -> ChildSpec<F> {
    ChildSpec::new(id(name), Restart::Always, Shutdown::Infinite, factory)
}

/// Runs `supervisor` as a task, with a reference to it.
macro_rules! open {
    ($bench:ident, $supervisor:expr) => {{
        let (running, supervisor) =
            $supervisor.run_open::<_, dyn AnyChild, _>($bench.driver(), &$bench.clock);
        let stop = CancelToken::new();
        let result = $bench.executor.start(running.until(stop.cancelled()));
        $bench.executor.run();
        (Running { stop, result }, supervisor)
    }};
}

/// The output of an async block with clones of references, once all has settled.
macro_rules! settled {
    ($bench:ident, $supervisor:ident, $body:expr) => {{
        let $supervisor = $supervisor.clone();
        $bench.executor.settle(async move { $body.await })
    }};
}

in_both_forms! {
    fn otp_s23_a_stopped_child_stays_down_until_it_is_restarted(bench) {
        let ((a_ref, a), (b_ref, b)) = (actor!(bench, "a"), actor!(bench, "b"));
        let children = supervisor()
            .max_restarts(0)
            .child("a", Restart::Always, a)
            .child("b", Restart::Always, b);
        let (running, supervisor) = open!(bench, children);
        bench.log.take();
        assert_eq!(settled!(bench, supervisor, supervisor.stop_child(id("a"))), Some(Ok(())));
        assert_eq!(bench.log.take(), ["a stopped Normal", "a gone"]);
        tell(&a_ref, Msg::Note(7));
        bench.executor.run();
        assert_eq!((a_ref.incarnations(), a_ref.len()), (1, 1), "it is down, its mailbox open");
        assert_eq!(settled!(bench, supervisor, supervisor.restart_child(id("a"))), Some(Ok(())));
        assert_eq!((a_ref.incarnations(), a_ref.len(), b_ref.incarnations()), (2, 0, 1));
        let running_already = settled!(bench, supervisor, supervisor.restart_child(id("a")));
        assert_eq!(running_already, Some(Err(Refused::Running)));
        let unknown = settled!(bench, supervisor, supervisor.stop_child(id("none")));
        assert_eq!(unknown, Some(Err(Refused::NotFound)));
        assert!(!running.result.is_ready(), "nothing was counted");
    }

    fn otp_s23_who_stops_a_child_waits_until_it_is_gone(bench) {
        let (a_ref, a) = actor!(bench, "a");
        let children =
            supervisor().shutdown(Shutdown::Drain(SECOND)).child("a", Restart::Always, a);
        let (_running, supervisor) = open!(bench, children);
        tell(&a_ref, Msg::Hang);
        bench.executor.run();
        let asking = supervisor.clone();
        let stopped = bench.executor.start(async move { asking.stop_child(id("a")).await });
        bench.executor.run();
        assert!(!stopped.is_ready());
        bench.advance(SECOND);
        assert_eq!(stopped.take(), Some(Ok(())));
    }

    fn otp_s24_a_started_child_comes_last_and_a_taken_name_is_refused(bench) {
        let ((_a, a), (b_ref, b)) = (actor!(bench, "a"), actor!(bench, "b"));
        let (same_ref, same) = actor!(bench, "same");
        let children = supervisor().max_restarts(0).child("a", Restart::Always, a);
        let (running, supervisor) = open!(bench, children);
        let started = settled!(bench, supervisor, supervisor.start_child(always("b", b)));
        assert!(matches!(started, Some(Ok(()))));
        assert_eq!(b_ref.incarnations(), 1);

        let refused = settled!(bench, supervisor, supervisor.start_child(always("b", same)));
        let refused = refused.unwrap().unwrap_err();
        assert_eq!(refused.why, Refused::AlreadyRunning);
        let child = refused.refused.expect("it comes back");
        assert_eq!(settled!(bench, supervisor, supervisor.stop_child(id("b"))), Some(Ok(())));
        let refused = settled!(bench, supervisor, supervisor.start_boxed(child));
        let refused = refused.unwrap().unwrap_err();
        assert_eq!(refused.why, Refused::AlreadyPresent);
        let child = refused.refused.expect("it comes back");
        assert_eq!(same_ref.incarnations(), 0, "it was not touched");
        assert_eq!(settled!(bench, supervisor, supervisor.delete_child(id("b"))), Some(Ok(())));
        assert!(settled!(bench, supervisor, supervisor.start_boxed(child)).unwrap().is_ok());
        assert_eq!((same_ref.incarnations(), b_ref.is_closed()), (1, true));

        bench.log.take();
        bench.stop(&running);
        let gone: Vec<_> =
            lives(&bench.log).into_iter().filter(|line| line.ends_with("gone")).collect();
        assert_eq!(gone, ["same gone", "a gone"], "what was added last stops first");
        assert_eq!(running.result.take(), Some(Ok(())));
    }

    fn otp_s24_of_a_start_that_fails_nothing_is_kept(bench) {
        let (bad_ref, bad) = actor!(bench, "bad", |probe| probe.fail_in_started());
        let (running, supervisor) = open!(bench, supervisor().max_restarts(0));
        let failed = settled!(bench, supervisor, supervisor.start_child(always("bad", bad)));
        let failed = failed.unwrap().unwrap_err();
        assert_eq!((failed.why, failed.refused.is_none()), (Refused::StartFailed, true));
        assert_eq!(failed.to_string(), "the child failed before it was ready");
        assert!(bad_ref.is_closed());
        let children = settled!(bench, supervisor, supervisor.which_children());
        assert_eq!(children, Some(Ok(vec![])));
        assert!(!running.result.is_ready(), "the supervisor goes on");
    }

    fn otp_s25_only_a_stopped_child_can_be_deleted(bench) {
        let (a_ref, a) = actor!(bench, "a");
        let (_running, supervisor) = open!(bench, supervisor().child("a", Restart::Always, a));
        let refused = settled!(bench, supervisor, supervisor.delete_child(id("a")));
        assert_eq!(refused, Some(Err(Refused::Running)));
        let stopped = settled!(bench, supervisor, supervisor.stop_child(id("a")));
        assert_eq!(stopped, Some(Ok(())));
        let deleted = settled!(bench, supervisor, supervisor.delete_child(id("a")));
        assert_eq!((deleted, a_ref.is_closed()), (Some(Ok(())), true));
        let gone = settled!(bench, supervisor, supervisor.restart_child(id("a")));
        assert_eq!(gone, Some(Err(Refused::NotFound)));
    }

    fn children_of_any_kind_are_added_and_listed(bench) {
        let ((_a, a), (b_ref, b)) = (actor!(bench, "a"), actor!(bench, "b"));
        let (_running, supervisor) = open!(bench, supervisor().child("a", Restart::Always, a));
        let (clock, leaf) = (bench.clock.clone(), std::cell::RefCell::new(Some(b)));
        let below = move || {
            let leaf = leaf.take().expect("made once");
            nested(supervised::supervisor().child("b", Restart::Always, leaf).run(&clock))
        };
        let idle = || task(std::future::pending::<()>());
        assert!(settled!(bench, supervisor, supervisor.start_child(always("idle", idle)))
            .unwrap().is_ok());
        assert!(settled!(bench, supervisor, supervisor.start_child(always("below", below)))
            .unwrap().is_ok());
        assert_eq!(b_ref.incarnations(), 1, "a nested supervisor is ready after its children");
        let listed = settled!(bench, supervisor, supervisor.which_children()).unwrap().unwrap();
        let listed: Vec<_> = listed.iter().map(|info| (info.child.name, info.state)).collect();
        let up = ChildState::Running;
        assert_eq!(listed, [("a", up), ("idle", up), ("below", up)]);
        assert_eq!(settled!(bench, supervisor, supervisor.stop_child(id("idle"))), Some(Ok(())));
        let counts = settled!(bench, supervisor, supervisor.count_children()).unwrap().unwrap();
        assert_eq!((counts.specs, counts.active), (3, 2));
    }

    fn who_asks_a_supervisor_that_has_ended_is_told_so(bench) {
        let (_a, a) = actor!(bench, "a");
        let (running, supervisor) = open!(bench, supervisor().child("a", Restart::Always, a));
        bench.stop(&running);
        assert_eq!(running.result.take(), Some(Ok(())));
        let gone = settled!(bench, supervisor, supervisor.stop_child(id("a")));
        assert_eq!(gone, Some(Err(Refused::SupervisorGone)));
        let (b_ref, b) = actor!(bench, "b");
        let refused = settled!(bench, supervisor, supervisor.start_child(always("b", b)));
        let refused = refused.unwrap().unwrap_err();
        assert_eq!(refused.why, Refused::SupervisorGone);
        assert!(refused.refused.is_some() && b_ref.incarnations() == 0);
    }

    fn more_requests_than_have_room_wait_and_are_all_answered(bench) {
        let (_running, supervisor) = open!(bench, supervisor());
        let asked: Vec<_> = (0..100).map(|index| {
            let supervisor = supervisor.clone();
            bench.executor.start(async move {
                let id = ChildId { name: "x", index: Some(index) };
                let idle = || task(std::future::pending::<()>());
                let spec = ChildSpec::new(id, Restart::Always, Shutdown::Kill, idle);
                supervisor.start_child(spec).await.is_ok()
            })
        }).collect();
        bench.executor.run();
        assert!(asked.iter().all(|answer| answer.take() == Some(true)));
        let counts = settled!(bench, supervisor, supervisor.count_children()).unwrap().unwrap();
        assert_eq!((counts.specs, counts.active), (100, 100));
    }

    fn it_ends_when_no_child_is_left_and_the_last_reference_is_gone(bench) {
        let (running, supervisor) = open!(bench, supervisor());
        let second = supervisor.clone();
        drop(supervisor);
        bench.executor.run();
        assert!(!running.result.is_ready());
        drop(second);
        bench.executor.run();
        assert_eq!(running.result.take(), Some(Ok(())));
    }

    fn a_request_nobody_waits_for_is_done_all_the_same(bench) {
        let (a_ref, a) = actor!(bench, "a");
        let (_running, supervisor) = open!(bench, supervisor().child("a", Restart::Always, a));
        {
            use std::{pin::pin, task::{Context, Waker}};
            let mut asking = pin!(supervisor.stop_child(id("a")));
            assert!(asking.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        }
        bench.log.take();
        bench.executor.run();
        assert_eq!(bench.log.take(), ["a stopped Normal", "a gone"]);
        assert!(!a_ref.is_closed());
    }
}

/// A tree that runs in the background gives a reference, also where nothing may change threads.
#[test]
fn a_runtime_gives_a_reference_to_its_tree() {
    let bench = Bench::with(1, |_| ());
    let rt = Runtime::new(bench.executor.spawner(), bench.clock.clone());
    let (_a, a) = actor!(bench, "a");
    let (tree, supervisor) = rt
        .supervise_open::<dyn AnyChild, _, _>(supervisor().child("a", Restart::Always, a))
        .unwrap();
    let (b_ref, b) = actor!(bench, "b");
    let started = settled!(bench, supervisor, supervisor.start_child(always("b", b)));
    assert!(started.unwrap().is_ok());
    assert_eq!(b_ref.incarnations(), 1);
    let stopped = bench.executor.start(tree.stop());
    bench.executor.run();
    assert_eq!((stopped.take(), b_ref.is_closed()), (Some(Ok(())), true));
}

/// Everything is `Send` if its parts are.
#[test]
fn references_can_be_sent_to_other_threads() {
    fn check<T: Send + Sync>() {}
    check::<SupervisorRef<klaw::supervise::InPlace>>();
    check::<klaw::supervise::DynamicRef<String>>();
    fn future<T: Send>(_: &T) {}
    let _: fn(&SupervisorRef<klaw::supervise::InPlace>) = |supervisor| {
        future(&supervisor.start_child(always("x", || task(async {}))));
    };
}
