//! How supervisors start: in order, each child when the one before is ready; in both forms.

#![cfg(feature = "std")]

mod executor;
mod probe;
mod supervised;
mod virtual_clock;

use core::{cell::Cell, time::Duration};
use klaw::{CancelToken, Restart, Strategy, Supervisor, mailbox_named, serve, task};
use probe::{Msg, Probe, tell};
use supervised::{Bench, NOTHING, SECOND, SEEDS, actor, in_both_forms, supervisor};

in_both_forms! {
    fn otp_s01_each_child_waits_until_the_one_before_is_ready(bench) {
        let gates = [CancelToken::new(), CancelToken::new()];
        let [first, second] = gates.clone();
        let (_a, a) = actor!(bench, "a", |probe| probe.wait_in_started(&first));
        let (_b, b) = actor!(bench, "b", |probe| probe.wait_in_started(&second));
        let (_c, c) = actor!(bench, "c");
        let children = supervisor()
            .observe(bench.log.observer())
            .child("a", Restart::Always, a)
            .child("b", Restart::Always, b)
            .child("c", Restart::Always, c);
        let running = bench.run(children);
        assert_eq!(bench.log.take(), ["Started a 0", "a up 0"]);
        gates[0].cancel("ready");
        bench.executor.run();
        assert_eq!(bench.log.take(), ["Started b 0", "b up 0"]);
        gates[1].cancel("ready");
        bench.executor.run();
        assert_eq!(bench.log.take(), ["Started c 0", "c up 0"]);
        drop(running);
    }

    fn a_supervisor_stopped_while_a_child_starts_stops_what_it_has(bench) {
        let gate = CancelToken::new();
        let (_a, a) = actor!(bench, "a");
        let (_b, b) = actor!(bench, "b", |probe| probe.wait_in_started(&gate));
        let (c_ref, log) = (mailbox_named::<Msg>("c", 8), bench.log.clone());
        let children = supervisor()
            .child("a", Restart::Always, a)
            .child("b", Restart::Always, b)
            .actor(&c_ref, Restart::Always, move |me| serve(Probe::new("c", &log), me));
        let running = bench.run(children);
        bench.log.take();
        bench.stop(&running);
        assert!(c_ref.is_closed(), "it will never be started");
        bench.advance(5 * SECOND);
        assert_eq!(bench.log.take(), ["b gone", "a stopped Stopped", "a gone"]);
        assert_eq!(running.result.take(), Some(Ok(())));
        assert_eq!(c_ref.incarnations(), 0);
    }

    fn otp_s03_a_failure_in_the_first_start_ends_the_supervisor_without_a_retry(bench) {
        for restart in [Restart::Always, Restart::OnFailure, Restart::Never] {
            let ((_a, a), (_b, b)) = (actor!(bench, "a"), actor!(bench, "b"));
            let (c_ref, c) = actor!(bench, "c", |probe| probe.fail_in_started());
            let (d_ref, log) = (mailbox_named::<Msg>("d", 8), bench.log.clone());
            let children = supervisor()
                .max_restarts(9)
                .observe(bench.log.observer())
                .child("a", Restart::Always, a)
                .child("b", Restart::Always, b)
                .child("c", restart, c)
                .actor(&d_ref, Restart::Always, move |me| serve(Probe::new("d", &log), me));
            let running = bench.run(children);
            let expected = [
                "Started a 0", "a up 0",
                "Started b 0", "b up 0",
                "Started c 0", "c up 0", "c stopped Failed(\"no start\")", "c gone",
                "Failed c 0 \"no start\"", "StartFailed c",
                "b stopped Stopped", "b gone", "Ended b",
                "a stopped Stopped", "a gone", "Ended a",
            ];
            assert_eq!(bench.log.take(), expected);
            let text = running.result.take().unwrap().unwrap_err().to_string();
            assert_eq!(text, "c failed before it was ready");
            assert_eq!((c_ref.incarnations(), d_ref.incarnations()), (1, 0));
            assert!(c_ref.is_closed() && d_ref.is_closed());
        }
    }

    fn otp_s04_who_stops_before_it_is_ready_is_left_out(bench) {
        let (a_ref, a) = actor!(bench, "a", |probe| probe.end_in_started_from(0));
        let (b_ref, b) = actor!(bench, "b");
        let children = supervisor()
            .max_restarts(0)
            .child("a", Restart::Always, a)
            .child("b", Restart::Always, b);
        let running = bench.run(children);
        assert_eq!((a_ref.incarnations(), b_ref.incarnations()), (1, 1));
        assert!(!running.result.is_ready(), "it does not fail the others, and counts nothing");
    }

    /// A task has nothing to become ready for: what fails at its first poll has run.
    fn a_task_that_fails_at_once_was_started(bench) {
        let failing = || task(async { Err::<(), _>("at once") });
        let running =
            bench.run(supervisor().max_restarts(2).child("task", Restart::Always, failing));
        assert_eq!(running.gave_up().restarts, 2);
    }

    fn otp_s21_a_restart_whose_start_fails_is_retried_while_others_are_served(bench) {
        let (a_ref, a) = actor!(bench, "a", |probe| probe.fail_to_start_from(1));
        let (b_ref, b) = actor!(bench, "b");
        let children = supervisor()
            .max_restarts(usize::MAX)
            .child("a", Restart::Always, a)
            .child("b", Restart::OnFailure, b);
        let running = bench.run(children);
        tell(&a_ref, Msg::Fail);
        for _ in 0..200 {
            if a_ref.incarnations() > 2 {
                break;
            }
            bench.executor.step();
        }
        assert!(a_ref.incarnations() > 2, "it is tried again and again");
        tell(&b_ref, Msg::End);
        for _ in 0..2000 {
            if b_ref.is_closed() {
                break;
            }
            bench.executor.step();
        }
        assert!(b_ref.is_closed(), "the end of another child is seen in between");
        running.stop.cancel("and so is this");
        bench.executor.run();
        assert_eq!(running.result.take(), Some(Ok(())));
    }

    fn an_array_is_so_many_children_by_number(bench) {
        let log = bench.log.clone();
        let ends = |number: usize| {
            let log = log.clone();
            move || {
                log.add(format!("made {number}"));
                task(core::future::ready(()))
            }
        };
        let children = supervisor()
            .observe(bench.log.observer())
            .child_array("pin", Restart::Never, [ends(0), ends(1), ends(2)]);
        let running = bench.run(children);
        assert_eq!(running.result.take(), Some(Ok(())));
        let mut lines = bench.log.take();
        lines.retain(|line| !line.starts_with("Started"));
        lines.sort();
        let expected =
            ["Ended pin[0]", "Ended pin[1]", "Ended pin[2]", "made 0", "made 1", "made 2"];
        assert_eq!(lines, expected);
    }
}

/// While an actor becomes ready, its mailbox takes messages and its supervisor sleeps.
#[test]
fn readiness_wakes_the_supervisor_once() {
    let bench = Bench::with(0, klaw::supervise::Spawned);
    let gate = CancelToken::new();
    let token = gate.clone();
    let (a_ref, a) = actor!(bench, "a", |probe| probe.wait_in_started(&token));
    let (b_ref, b) = actor!(bench, "b");
    let made = Cell::new(0);
    let children = Supervisor::new(Strategy::OneForOne).child("a", Restart::Always, a).child(
        "b",
        Restart::Always,
        move || {
            made.set(made.get() + 1);
            assert_eq!(made.get(), 1);
            b()
        },
    );
    let running = bench.run(children);
    tell(&a_ref, Msg::Note(1));
    bench.executor.run();
    assert_eq!((bench.log.take(), b_ref.incarnations()), (vec!["a up 0".into()], 0));
    gate.cancel("ready");
    let polls = bench.executor.polls();
    bench.executor.run();
    assert_eq!(bench.log.take(), ["b up 0"]);
    assert!(bench.executor.polls() - polls <= 4, "a, the supervisor, b, the supervisor");
    bench.advance(Duration::from_secs(1));
    assert_eq!(bench.log.take(), NOTHING);
    drop(running);
}
