//! Which children are restarted when one has failed, in both forms.

#![cfg(feature = "std")]

mod executor;
mod probe;
mod supervised;
mod virtual_clock;

use klaw::{Restart, Strategy, Supervisor};
use probe::{Msg, tell};
use supervised::{Bench, SEEDS, actor, in_both_forms, lives};

const FAILED: &str = "stopped Failed(\"told to fail\")";

fn with(strategy: Strategy) -> Supervisor {
    Supervisor::new(strategy)
}

in_both_forms! {
    fn otp_s09_one_for_all_stops_the_others_in_reverse_then_starts_all(bench) {
        let ((_a, a), (b_ref, b), (c_ref, c)) =
            (actor!(bench, "a"), actor!(bench, "b"), actor!(bench, "c"));
        let children = with(Strategy::OneForAll)
            .observe(bench.log.observer())
            .child("a", Restart::Always, a)
            .child("b", Restart::Always, b)
            .child("c", Restart::Always, c);
        let running = bench.run(children);
        bench.log.take();
        tell(&b_ref, Msg::Fail);
        bench.executor.run();
        let b_failed = format!("b {FAILED}");
        let expected = [
            &b_failed, "b gone", "Failed b 0 \"told to fail\"", "Restarting b 1",
            "c stopped Normal", "c gone", "Restarting c 1",
            "a stopped Normal", "a gone", "Restarting a 1",
            "Started a 1", "a up 1",
            "Started b 1", "b up 1",
            "Started c 1", "c up 1",
        ];
        assert_eq!(bench.log.take(), expected);
        assert!(!c_ref.is_closed(), "the identity stays");
        // The order is kept, and siblings can fail again.
        bench.stop(&running);
        let gone: Vec<_> =
            lives(&bench.log).into_iter().filter(|line| line.ends_with("gone")).collect();
        assert_eq!(gone, ["c gone", "b gone", "a gone"]);
        assert_eq!(running.result.take(), Some(Ok(())));
    }

    fn otp_s10_rest_for_one_leaves_those_before_it_alone(bench) {
        let ((a_ref, a), (b_ref, b), (_c, c), (_d, d)) = (
            actor!(bench, "a"), actor!(bench, "b"), actor!(bench, "c"), actor!(bench, "d"),
        );
        let children = with(Strategy::RestForOne)
            .child("a", Restart::Always, a)
            .child("b", Restart::Always, b)
            .child("c", Restart::Always, c)
            .child("d", Restart::Always, d);
        let running = bench.run(children);
        bench.log.take();
        tell(&b_ref, Msg::Fail);
        bench.executor.run();
        let b_failed = format!("b {FAILED}");
        let expected = [
            &b_failed, "b gone", "d stopped Normal", "d gone", "c stopped Normal", "c gone",
            "b up 1", "c up 1", "d up 1",
        ];
        assert_eq!(bench.log.take(), expected);
        assert_eq!(a_ref.incarnations(), 1);
        assert!(!running.result.is_ready());
    }

    fn otp_s11_an_exit_without_a_restart_leaves_siblings_alone(bench) {
        for strategy in [Strategy::OneForOne, Strategy::OneForAll, Strategy::RestForOne] {
            let ((a_ref, a), (b_ref, b), (_c, c)) =
                (actor!(bench, "a"), actor!(bench, "b"), actor!(bench, "c"));
            let children = with(strategy)
                .max_restarts(0)
                .child("a", Restart::OnFailure, a)
                .child("b", Restart::Never, b)
                .child("c", Restart::Always, c);
            let running = bench.run(children);
            bench.log.take();
            tell(&a_ref, Msg::End);
            bench.executor.run();
            tell(&b_ref, Msg::Panic);
            bench.executor.run();
            assert_eq!(bench.log.take(), ["a stopped Normal", "a gone", "b gone"]);
            assert!(!running.result.is_ready(), "{strategy:?}");
        }
    }

    fn otp_s12_a_temporary_sibling_does_not_come_back(bench) {
        let ((a_ref, a), (b_ref, b), (_c, c)) =
            (actor!(bench, "a"), actor!(bench, "b"), actor!(bench, "c"));
        let children = with(Strategy::OneForAll)
            .child("a", Restart::Always, a)
            .child("b", Restart::Never, b)
            .child("c", Restart::Always, c);
        let running = bench.run(children);
        bench.log.take();
        tell(&a_ref, Msg::Fail);
        bench.executor.run();
        let a_failed = format!("a {FAILED}");
        let expected = [
            &a_failed, "a gone", "c stopped Normal", "c gone", "b stopped Stopped", "b gone",
            "a up 1", "c up 1",
        ];
        assert_eq!(bench.log.take(), expected);
        assert!(b_ref.is_closed());
        drop(running);
    }

    /// Stopped by hand: see `supervise_by_hand.rs`.
    fn otp_s13_a_group_restart_starts_those_that_had_ended_normally(bench) {
        let ((a_ref, a), (b_ref, b)) = (actor!(bench, "a"), actor!(bench, "b"));
        let children = with(Strategy::OneForAll)
            .child("a", Restart::Always, a)
            .child("b", Restart::OnFailure, b);
        let running = bench.run(children);
        tell(&b_ref, Msg::End);
        bench.executor.run();
        tell(&b_ref, Msg::Note(7)); // it may come back, so its mailbox is open
        bench.log.take();
        tell(&a_ref, Msg::Fail);
        bench.executor.run();
        let a_failed = format!("a {FAILED}");
        assert_eq!(bench.log.take(), [&a_failed, "a gone", "a up 1", "b up 1"]);
        assert!(b_ref.is_empty());
        drop(running);
    }

    fn an_actor_that_was_stopped_for_good_is_not_started_with_its_group(bench) {
        let ((a_ref, a), (b_ref, b)) = (actor!(bench, "a"), actor!(bench, "b"));
        let children = with(Strategy::OneForAll)
            .child("a", Restart::Always, a)
            .child("b", Restart::Always, b);
        let running = bench.run(children);
        b_ref.stop();
        bench.executor.run();
        bench.log.take();
        tell(&a_ref, Msg::Fail);
        bench.executor.run();
        let a_failed = format!("a {FAILED}");
        assert_eq!(bench.log.take(), [&a_failed, "a gone", "a up 1"]);
        drop(running);
    }

    fn otp_s19_a_group_restart_counts_once(bench) {
        let ((a_ref, a), (b_ref, b), (_c, c)) =
            (actor!(bench, "a"), actor!(bench, "b"), actor!(bench, "c"));
        let children = with(Strategy::OneForAll)
            .max_restarts(2)
            .child("a", Restart::Always, a)
            .child("b", Restart::Always, b)
            .child("c", Restart::Always, c);
        let running = bench.run(children);
        for me in [&a_ref, &b_ref] {
            tell(me, Msg::Fail);
            bench.executor.run();
            assert!(!running.result.is_ready());
        }
        assert_eq!((a_ref.incarnations(), b_ref.incarnations()), (3, 3));
        tell(&a_ref, Msg::Fail);
        bench.executor.run();
        assert_eq!(running.gave_up().restarts, 2);
    }

    fn otp_s22_a_failed_start_within_a_group_is_retried_by_strategy(bench) {
        for (strategy, ups) in [(Strategy::RestForOne, 1), (Strategy::OneForAll, 3)] {
            let (a_ref, a) = actor!(bench, "a");
            let (b_ref, b) = actor!(bench, "b", |probe| probe.fail_to_start_from(1));
            let (c_ref, c) = actor!(bench, "c");
            let children = with(strategy)
                .max_restarts(3)
                .child("a", Restart::Always, a)
                .child("b", Restart::Always, b)
                .child("c", Restart::Always, c);
            let running = bench.run(children);
            tell(&a_ref, Msg::Fail);
            bench.executor.run();
            assert_eq!(running.gave_up().child.name, "b");
            // Those already up stay with rest-for-one, and are restarted with one-for-all.
            assert_eq!(a_ref.incarnations(), 1 + ups, "{strategy:?}");
            assert_eq!((b_ref.incarnations(), c_ref.incarnations()), (4, 1), "{strategy:?}");
        }
    }

    fn otp_s39_two_failures_at_once_cost_one_restart(bench) {
        let ((a_ref, a), (b_ref, b), (_c, c)) =
            (actor!(bench, "a"), actor!(bench, "b"), actor!(bench, "c"));
        let children = with(Strategy::OneForAll)
            .child("a", Restart::Always, a)
            .child("b", Restart::Always, b)
            .child("c", Restart::Always, c);
        let running = bench.run(children);
        a_ref.kill();
        b_ref.kill();
        bench.executor.run();
        assert!(!running.result.is_ready());
        assert_eq!((a_ref.incarnations(), b_ref.incarnations()), (2, 2));
        tell(&a_ref, Msg::Fail);
        bench.executor.run();
        assert_eq!(running.gave_up().restarts, 1);
    }

    fn siblings_finish_the_message_in_hand_and_keep_their_queue(bench) {
        let ((a_ref, a), (b_ref, b)) = (actor!(bench, "a"), actor!(bench, "b"));
        let log = bench.log.clone();
        let address = a_ref.clone();
        let children = with(Strategy::OneForAll)
            .max_restarts(1)
            .child("a", Restart::Always, a)
            .child("b", Restart::Always, b);
        let running = bench.run(children);
        bench.log.take();
        tell(&b_ref, Msg::With(Box::new(move |_| {
            tell(&address, Msg::Fail);
            log.add("in hand");
        })));
        bench.executor.run();
        for note in 1..4 {
            tell(&b_ref, Msg::Note(note));
        }
        let asker = b_ref.clone();
        let notes = bench.executor.settle(async move { asker.ask(Msg::Notes).await });
        assert_eq!(notes, Some(Ok(vec![1, 2, 3])));
        assert_eq!(b_ref.incarnations(), 2);
        assert!(bench.log.take().contains(&"in hand".into()));
        drop(running);
    }
}
