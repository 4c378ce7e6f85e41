//! Supervisors below supervisors, in both forms, and what can be seen of them.

#![cfg(feature = "std")]
#![allow(clippy::clone_on_copy, reason = "one of the two drivers is `Copy`")]

mod executor;
mod probe;
mod supervised;
mod virtual_clock;

use core::{cell::Cell, time::Duration};
use klaw::{
    Backoff, CancelToken, Clock, Restart, Runtime, Strategy, Supervisor, mailbox_named, serve,
    supervise::{ChildKind, ChildState, RestartDelays, TreeSnapshot},
    task,
};
use probe::{Msg, Probe, tell};
use std::rc::Rc;
use supervised::{
    Bench, Running, SECOND, SEEDS, actor, decisions, in_both_forms, lives, supervisor,
};

/// `below!(bench, strategy, max, [mailbox "name", ..])`: makes runs of a supervisor of actors.
macro_rules! below {
    ($bench:ident, $supervisor:expr, $($mailbox:ident $name:literal),+) => {{
        let (driver, clock, log) = ($bench.driver(), $bench.clock.clone(), $bench.log.clone());
        $(let $mailbox = $mailbox.clone();)+
        move || {
            $supervisor
                $(.actor(&$mailbox, Restart::Always, {
                    let log = log.clone();
                    move |me| serve(Probe::new($name, &log), me)
                }))+
                .run_with(driver.clone(), &clock)
        }
    }};
}

/// Runs `supervisor` as a task, with what can be seen of it.
macro_rules! seen {
    ($bench:ident, $supervisor:expr) => {{
        let stop = CancelToken::new();
        let (running, view) =
            $supervisor.run_with($bench.driver(), &$bench.clock).until(stop.cancelled()).seen();
        let result = $bench.executor.start(running);
        $bench.executor.run();
        (Running { stop, result }, view)
    }};
}

in_both_forms! {
    fn otp_s33_a_nested_supervisor_that_gave_up_is_restarted_with_its_children(bench) {
        let (a, b) = (mailbox_named::<Msg>("a", 8), mailbox_named::<Msg>("b", 8));
        let children = supervisor()
            .observe(bench.log.observer())
            .supervisor("below", Restart::Always, below!(bench, supervisor().max_restarts(0), a "a", b "b"));
        let running = bench.run(children);
        bench.log.take();
        tell(&a, Msg::Fail);
        bench.executor.run();
        assert_eq!((a.incarnations(), b.incarnations()), (2, 2));
        let decided = decisions(&bench.log);
        assert_eq!(decided[1..], ["Restarting below 1", "Started below 1"]);
        assert!(!a.is_closed() && !b.is_closed(), "they go on with their mailboxes");
        // It counted one in its parent, whose budget that was.
        tell(&b, Msg::Fail);
        bench.executor.run();
        assert_eq!(running.gave_up().child.name, "below");
        assert!(a.is_closed() && b.is_closed(), "the outermost says that no run follows");
    }

    fn messages_outlast_the_supervisor_of_their_actor(bench) {
        let (a, b) = (mailbox_named::<Msg>("a", 8), mailbox_named::<Msg>("b", 8));
        let children = supervisor()
            .supervisor("below", Restart::Always, below!(bench, supervisor().max_restarts(0), a "a", b "b"));
        let running = bench.run(children);
        for note in 0..3 {
            tell(&a, Msg::Note(note));
        }
        tell(&b, Msg::Fail);
        bench.executor.run();
        let asked = a.clone();
        tell(&b, Msg::Note(7));
        let notes = bench.executor.start(async move { asked.ask(Msg::Notes).await.is_ok() });
        bench.executor.run();
        assert_eq!((a.incarnations(), b.incarnations(), notes.take()), (2, 2, Some(true)));
        bench.stop(&running);
        assert_eq!(running.result.take(), Some(Ok(())));
        assert!(a.is_closed() && b.is_closed());
    }

    fn mailboxes_outlast_two_supervisors_that_give_up_together(bench) {
        let a = mailbox_named::<Msg>("a", 8);
        let (clock, driver) = (bench.clock.clone(), bench.driver());
        let lower = below!(bench, supervisor().max_restarts(0), a "a");
        let middle = move || {
            supervisor()
                .max_restarts(0)
                .supervisor("lower", Restart::Always, lower.clone())
                .run_with(driver.clone(), &clock)
        };
        let running = bench.run(supervisor().supervisor("middle", Restart::Always, middle));
        tell(&a, Msg::Fail);
        bench.executor.run();
        assert_eq!((a.incarnations(), a.is_closed()), (2, false));
        tell(&a, Msg::Note(1));
        bench.executor.run();
        assert!(a.is_empty(), "it is served");
        tell(&a, Msg::Fail);
        bench.executor.run();
        assert_eq!(running.gave_up().child.name, "middle");
        assert!(a.is_closed());
        assert!(bench.executor.settle(a.closed()).is_some());
    }

    fn a_mailbox_made_anew_for_each_run_is_closed_with_its_run(bench) {
        let made = Rc::new(core::cell::RefCell::new(Vec::new()));
        let (clock, driver) = (bench.clock.clone(), bench.driver());
        let (log, all) = (bench.log.clone(), made.clone());
        let below = move || {
            let me = mailbox_named::<Msg>("a", 8);
            all.borrow_mut().push(me.clone());
            let log = log.clone();
            supervisor()
                .max_restarts(0)
                .actor(&me, Restart::Always, move |me| serve(Probe::new("a", &log), me))
                .run_with(driver.clone(), &clock)
        };
        let running = bench.run(supervisor().supervisor("below", Restart::Always, below));
        let first = made.borrow()[0].clone();
        tell(&first, Msg::Fail);
        bench.executor.run();
        let second = made.borrow()[1].clone();
        assert_eq!((first.is_closed(), second.is_closed()), (true, false));
        bench.stop(&running);
        assert!(second.is_closed());
    }

    fn otp_s09_a_nested_supervisor_is_restarted_with_its_group(bench) {
        let (a, b) = (mailbox_named::<Msg>("a", 8), mailbox_named::<Msg>("b", 8));
        let log = bench.log.clone();
        let children = Supervisor::new(Strategy::OneForAll)
            .actor(&b, Restart::Always, move |me| serve(Probe::new("b", &log), me))
            .supervisor("below", Restart::Always, below!(bench, supervisor(), a "a"));
        let running = bench.run(children);
        tell(&b, Msg::Fail);
        bench.executor.run();
        assert_eq!((a.incarnations(), b.incarnations(), a.is_closed()), (2, 2, false));
        bench.stop(&running);
        assert!(a.is_closed() && b.is_closed());
    }

    /// Where klaw differs: giving up is a failure, so a transient one is restarted too.
    fn otp_s34_a_nested_transient_supervisor_that_gave_up_is_restarted(bench) {
        let a = mailbox_named::<Msg>("a", 8);
        let children = supervisor()
            .supervisor("below", Restart::OnFailure, below!(bench, supervisor().max_restarts(0), a "a"));
        let running = bench.run(children);
        tell(&a, Msg::Fail);
        bench.executor.run();
        assert_eq!((a.incarnations(), a.is_closed()), (2, false));
        bench.stop(&running);
    }

    fn otp_s02_nested_children_stop_in_order_with_their_parent(bench) {
        let (a, b) = (mailbox_named::<Msg>("a", 8), mailbox_named::<Msg>("b", 8));
        let (c, log) = (mailbox_named::<Msg>("c", 8), bench.log.clone());
        let children = supervisor()
            .supervisor("below", Restart::Always, below!(bench, supervisor(), a "a", b "b"))
            .actor(&c, Restart::Always, move |me| serve(Probe::new("c", &log), me));
        let running = bench.run(children);
        assert_eq!(bench.log.take(), ["a up 0", "b up 0", "c up 0"], "it is ready after its children");
        tell(&a, Msg::Note(1));
        bench.stop(&running);
        let expected = [
            "c stopped Stopped", "c gone", "b stopped Stopped", "b gone", "a stopped Stopped", "a gone",
        ];
        assert_eq!(bench.log.take(), expected);
        assert_eq!(running.result.take(), Some(Ok(())));
    }

    fn otp_s28_a_nested_supervisor_has_as_much_time_to_stop_as_it_needs(bench) {
        let a = mailbox_named::<Msg>("a", 8);
        let slow = supervised::supervisor;
        let below = below!(bench, slow().shutdown(klaw::Shutdown::Drain(SECOND * 60)), a "a");
        let children = supervisor()
            .shutdown(klaw::Shutdown::Drain(SECOND))
            .supervisor("below", Restart::Always, below);
        let running = bench.run(children);
        tell(&a, Msg::Hang);
        bench.executor.run();
        bench.stop(&running);
        bench.advance(SECOND * 59);
        assert!(!running.result.is_ready());
        bench.advance(SECOND);
        assert_eq!(running.result.take(), Some(Ok(())));
    }

    fn otp_s03_a_nested_start_that_fails_is_a_failed_start(bench) {
        let (clock, driver, log) = (bench.clock.clone(), bench.driver(), bench.log.clone());
        let (a, b) = (mailbox_named::<Msg>("a", 8), mailbox_named::<Msg>("b", 8));
        let (a_in, b_in) = (a.clone(), b.clone());
        let below = move || {
            let (log, more) = (log.clone(), log.clone());
            supervisor()
                .actor(&a_in, Restart::Always, move |me| serve(Probe::new("a", &log), me))
                .actor(&b_in, Restart::Always, move |me| {
                    serve(Probe::new("b", &more).fail_in_started(), me)
                })
                .run_with(driver.clone(), &clock)
        };
        let running = bench.run(supervisor().supervisor("below", Restart::Always, below));
        assert_eq!(running.start_failed(), "below");
        assert_eq!((a.incarnations(), b.incarnations()), (1, 1));
        assert!(a.is_closed() && b.is_closed());
    }

    fn a_nested_supervisor_that_is_dropped_closes_its_mailboxes(bench) {
        let a = mailbox_named::<Msg>("a", 8);
        let children =
            supervisor().supervisor("below", Restart::Always, below!(bench, supervisor(), a "a"));
        let dropper = CancelToken::new();
        let dropped = dropper.clone();
        let running = children.run_with(bench.driver(), &bench.clock);
        let _result = bench.executor.start(async move { dropped.run(running).await.is_err() });
        bench.executor.run();
        assert!(!a.is_closed());
        dropper.cancel("dropped");
        bench.executor.run();
        assert!(a.is_closed());
        assert_eq!(lives(&bench.log).last().unwrap(), "a gone");
    }

    fn the_view_shows_every_kind_and_what_is_below(bench) {
        let (a, b) = (mailbox_named::<Msg>("a", 8), mailbox_named::<Msg>("b", 64));
        let log = bench.log.clone();
        let children = supervisor()
            .actor(&b, Restart::Always, move |me| serve(Probe::new("b", &log), me))
            .supervisor("below", Restart::Always, below!(bench, supervisor(), a "a"))
            .child("idle", Restart::Always, || task(std::future::pending::<()>()));
        let (running, view) = seen!(bench, children);
        tell(&a, Msg::Fail);
        tell(&b, Msg::Hang);
        bench.executor.run();
        for note in 0..3 {
            tell(&b, Msg::Note(note));
        }
        view.snapshot(bench.clock.clone().now()); // looking has the mailboxes counted
        bench.advance(Duration::from_millis(1200));
        let tree = view.snapshot(bench.clock.now());
        let expected = "\
├─ b  running  restarts 0  mailbox 3/64  up 1.2s
├─ below  supervisor  running  restarts 0  up 1.2s
│  └─ a  running  restarts 1  mailbox 0/8  up 1.2s  last error: \"told to fail\"
└─ idle  running  restarts 0  up 1.2s
";
        assert_eq!(tree.to_string(), expected);
        let kinds: Vec<_> = tree.children.iter().map(|child| child.kind).collect();
        assert_eq!(kinds, [ChildKind::Actor, ChildKind::Supervisor, ChildKind::Task]);

        bench.stop(&running);
        bench.advance(SECOND * 5);
        assert_eq!(running.result.take(), Some(Ok(())));
        let tree = view.snapshot(bench.clock.now());
        assert!(states(&tree).iter().all(|state| *state == ChildState::Ended), "{tree}");
    }

    fn the_view_shows_who_starts_waits_backs_off_and_stops(bench) {
        let (gate, clock) = (CancelToken::new(), bench.clock.clone());
        let (fails, log) = (Rc::new(Cell::new(false)), bench.log.clone());
        let (failing, c) = (fails.clone(), mailbox_named::<Msg>("c", 8));
        let held = gate.clone();
        let delays = RestartDelays::new(Backoff::constant(SECOND * 3)).first_too();
        let children = supervisor()
            .child("a", Restart::Always, move || {
                let failing = failing.clone();
                task(std::future::poll_fn(move |_| {
                    if failing.get() { std::task::Poll::Ready(Err("dry")) }
                    else { std::task::Poll::Pending }
                }))
            })
            .backoff(delays)
            .actor(&c, Restart::Always, move |me| {
                serve(Probe::new("c", &log).wait_in_started(&held), me)
            })
            .child("d", Restart::Always, || task(std::future::pending::<()>()));
        fails.set(true);
        let (running, view) = seen!(bench, children);
        let seen = view.snapshot(clock.now());
        assert_eq!(states(&seen), [ChildState::Waiting, ChildState::Starting, ChildState::Waiting]);
        assert_eq!((seen.children[0].starts_in, seen.children[2].starts_in), (Some(SECOND * 3), None));
        assert!(seen.to_string().contains("a  backing off 3.0s"), "{seen}");
        gate.cancel("go on");
        fails.set(false);
        bench.advance(SECOND * 3);
        let seen = view.snapshot(clock.now());
        assert_eq!(states(&seen), [ChildState::Running; 3]);
        assert_eq!((seen.children[0].restarts, seen.children[0].last_error.as_deref()), (1, Some("\"dry\"")));
        tell(&c, Msg::Hang);
        bench.executor.run();
        bench.stop(&running);
        let seen = view.snapshot(clock.now());
        assert_eq!(states(&seen)[1..], [ChildState::Stopping, ChildState::Ended]);
    }
}

fn states(tree: &TreeSnapshot) -> Vec<ChildState> {
    tree.children.iter().map(|child| child.state).collect()
}

/// The view is read from within a child's poll, in which its supervisor is stuck.
#[test]
fn the_view_works_while_the_supervisor_is_stuck_in_a_childs_poll() {
    let bench = Bench::with(0, |_| klaw::supervise::InPlace);
    let place = Rc::new(core::cell::OnceCell::<klaw::supervise::TreeView>::new());
    let (seen, inside, clock) = (Rc::new(Cell::new(None)), place.clone(), bench.clock.clone());
    let (see, calls) = (seen.clone(), Rc::new(Cell::new(0)));
    let children = supervisor().child("stuck", Restart::Always, move || {
        let (inside, see, clock, calls) =
            (inside.clone(), see.clone(), clock.clone(), calls.clone());
        task(async move {
            calls.set(calls.get() + 1);
            let now = clock.now();
            let tree = inside.get().expect("set before").snapshot(now);
            see.set(Some((tree.children[0].state, tree.children[0].restarts)));
            if calls.get() == 1 { Err("once") } else { std::future::pending().await }
        })
    });
    let (running, view) = children.run(&bench.clock).seen();
    place.set(view).expect("once");
    let _result = bench.executor.start(running);
    bench.executor.run();
    assert_eq!(seen.take(), Some((ChildState::Starting, 1)), "as it is in that very poll");
}

#[test]
fn a_tree_in_the_background_can_be_looked_at() {
    let bench = Bench::with(3, |_| ());
    let rt = Runtime::new(bench.executor.spawner(), bench.clock.clone());
    let (a_ref, a) = actor!(bench, "a");
    let tree = rt.supervise(supervisor().child("a", Restart::Always, a)).unwrap();
    assert!(tree.snapshot(rt.now()).children.is_empty(), "it was not polled yet");
    bench.executor.run();
    tell(&a_ref, Msg::Panic);
    bench.executor.run();
    let seen = tree.snapshot(rt.now());
    assert_eq!((seen.children[0].restarts, seen.children[0].kind), (1, ChildKind::Actor));
    assert!(seen.children[0].last_error.as_ref().unwrap().contains("told to panic"));
}

/// Children that come and go leave no rows behind.
#[test]
fn rows_follow_children_that_are_added_and_removed() {
    use klaw::supervise::{AnyChild, ChildId, ChildSpec};
    let bench = Bench::with(3, |_| ());
    let rt = Runtime::new(bench.executor.spawner(), bench.clock.clone());
    let (tree, children) = rt.supervise_open::<dyn AnyChild, _, _>(supervisor()).unwrap();
    for round in 0..50 {
        let children = children.clone();
        let done = bench.executor.settle(async move {
            for index in [2 * round, 2 * round + 1] {
                let id = ChildId { name: "x", index: Some(index) };
                let idle = || task(std::future::pending::<()>());
                let spec = ChildSpec::new(id, Restart::Always, klaw::Shutdown::Kill, idle);
                children.start_child(spec).await.unwrap();
            }
            let id = ChildId { name: "x", index: Some(2 * round) };
            children.stop_child(id).await.unwrap();
            children.delete_child(id).await.unwrap();
        });
        assert!(done.is_some());
    }
    let rows = tree.snapshot(rt.now()).children;
    let numbers: Vec<_> = rows.iter().map(|row| row.child.index.unwrap()).collect();
    assert_eq!(numbers, (0..50).map(|round| 2 * round + 1).collect::<Vec<_>>());
    assert!(rows.iter().all(|row| row.state == ChildState::Running));
}
