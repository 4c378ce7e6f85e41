//! Supervision: what OTP says, and where klaw differs, in both forms.

#![cfg(feature = "std")]

mod by_hand;
mod executor;
mod probe;
mod supervised;
mod virtual_clock;

use by_hand::{ByHand, now};
use core::{
    cell::{Cell, RefCell},
    future::pending,
    time::Duration,
};
use executor::{Executor, Spawner};
use klaw::{
    AskError, CancelToken, Restart, Runtime, SendError, Shutdown, SpawnErrorKind, SupervisorError,
    TreeError, TrySendError, mailbox_named, serve, supervise::Spawned, task,
};
use probe::{Log, Msg, Probe, tell};
use std::{panic::panic_any, rc::Rc};
use supervised::{
    Bench, NOTHING, SECOND, SEEDS, actor, decisions, in_both_forms, lives, supervisor,
};
use virtual_clock::VirtualClock;

/// Kills the incarnation that handles it, without waiting, and tells the actor one thing more.
fn kill_and_tell(log: &Log) -> Msg {
    let log = log.clone();
    Msg::With(Box::new(move |ctx| {
        log.add(format!("killed {}", ctx.incarnation()));
        ctx.me().kill();
        let then = Msg::With(Box::new(move |ctx| {
            log.add(format!("handled by {}", ctx.incarnation()));
        }));
        tell(ctx.me(), then);
    }))
}

// Start and stop.

in_both_forms! {
    fn otp_s01_children_start_in_order(bench) {
        let ((_a, a), (_b, b), (_c, c)) =
            (actor!(bench, "a"), actor!(bench, "b"), actor!(bench, "c"));
        let children = supervisor()
            .observe(bench.log.observer())
            .child("a", Restart::Always, a)
            .child("b", Restart::Always, b)
            .child("c", Restart::Always, c);
        let running = bench.run(children);
        assert_eq!(decisions(&bench.log), ["Started a 0", "Started b 0", "Started c 0"]);
        assert!(!running.result.is_ready());
    }

    fn otp_s02_children_stop_in_reverse_one_at_a_time(bench) {
        let ((_a, a), (_b, b), (_c, c)) =
            (actor!(bench, "a"), actor!(bench, "b"), actor!(bench, "c"));
        let children = supervisor()
            .child("a", Restart::Always, a)
            .child("b", Restart::Always, b)
            .child("c", Restart::Always, c);
        let running = bench.run(children);
        bench.log.take();
        bench.stop(&running);
        let expected = [
            "c stopped Stopped", "c gone",
            "b stopped Stopped", "b gone",
            "a stopped Stopped", "a gone",
        ];
        assert_eq!(bench.log.take(), expected);
        assert_eq!(running.result.take(), Some(Ok(())));
        assert_eq!(bench.executor.tasks(), 0);
    }

    fn otp_s29_a_child_that_is_stopped_drains_first(bench) {
        let (me, a) = actor!(bench, "a");
        let running = bench.run(supervisor().child("a", Restart::Always, a));
        tell(&me, Msg::Note(1));
        let asker = me.clone();
        let asked = bench.executor.start(async move { asker.ask(Msg::Notes).await });
        while me.len() < 2 && bench.executor.step() {}
        bench.stop(&running);
        assert_eq!(asked.take(), Some(Ok(vec![1])));
        assert!(me.is_closed());
    }

    /// As signals and messages from one process to another are in Erlang.
    fn what_is_sent_after_a_kill_is_for_the_next_incarnation(bench) {
        let (me, a) = actor!(bench, "a");
        let _running = bench.run(supervisor().child("a", Restart::OnFailure, a));
        bench.log.take();
        tell(&me, kill_and_tell(&bench.log));
        bench.executor.run();
        assert_eq!(bench.log.take(), ["killed 0", "a gone", "a up 1", "handled by 1"]);
    }

    /// The same for one that listens to more than its mailbox.
    fn what_is_sent_after_a_kill_is_for_the_next_one_beside_a_timer(bench) {
        let (me, a) = actor!(bench, "a");
        let _running = bench.run(supervisor().child("a", Restart::OnFailure, a));
        bench.log.take();
        let clock = bench.clock.clone();
        tell(&me, Msg::With(Box::new(move |ctx| {
            ctx.send_after(&clock, SECOND, Msg::Fail);
        })));
        tell(&me, kill_and_tell(&bench.log));
        bench.executor.run();
        assert_eq!(bench.log.take(), ["killed 0", "a gone", "a up 1", "handled by 1"]);
    }

    fn otp_s26_a_child_that_does_not_stop_in_time_is_killed(bench) {
        let ((me, a), (_b, b)) = (actor!(bench, "a"), actor!(bench, "b"));
        let children = supervisor()
            .observe(bench.log.observer())
            .child("b", Restart::Always, b)
            .shutdown(Shutdown::Drain(3 * SECOND))
            .child("a", Restart::Always, a);
        let running = bench.run(children);
        tell(&me, Msg::Hang);
        bench.executor.run();
        bench.log.take();
        bench.stop(&running);
        bench.advance(3 * SECOND - Duration::from_nanos(1));
        assert_eq!(bench.log.take(), NOTHING);
        assert!(!running.result.is_ready());
        bench.advance(Duration::from_nanos(1));
        let expected =
            ["Killed a", "a gone", "Ended a", "b stopped Stopped", "b gone", "Ended b"];
        assert_eq!(bench.log.take(), expected);
        assert_eq!(running.result.take(), Some(Ok(())));
        assert_eq!(bench.clock.timers(), 0);
    }

    fn otp_s26_a_child_that_hangs_as_it_stops_is_killed_too(bench) {
        let (me, a) = actor!(bench, "a", |probe| probe.hang_in_stopped());
        let running = bench.run(supervisor().child("a", Restart::Always, a));
        bench.log.take();
        bench.stop(&running);
        assert_eq!(bench.log.take(), ["a stopped Stopped"]);
        bench.advance(5 * SECOND);
        assert_eq!(bench.log.take(), ["a gone"]);
        assert_eq!(running.result.take(), Some(Ok(())));
        assert!(now(me.closed()).is_some());
    }

    fn otp_s27_brutal_kill_does_not_ask(bench) {
        let (me, a) = actor!(bench, "a");
        let children = supervisor()
            .observe(bench.log.observer())
            .shutdown(Shutdown::Kill)
            .child("a", Restart::Always, a);
        let running = bench.run(children);
        bench.log.take();
        bench.stop(&running);
        assert_eq!(bench.log.take(), ["Killed a", "a gone", "Ended a"]);
        assert_eq!(running.result.take(), Some(Ok(())));
        assert!(me.is_closed());
    }

    fn otp_s28_defaults(bench) {
        let ((me, a), (other, b)) = (actor!(bench, "a"), actor!(bench, "b"));
        let children = supervisor()
            .child("a", Restart::default(), a)
            .child("b", Restart::default(), b);
        let running = bench.run(children);
        tell(&me, Msg::Fail);
        bench.executor.run();
        assert_eq!(me.incarnations(), 2, "permanent, one restart");
        bench.advance(5 * SECOND + Duration::from_nanos(1));
        tell(&me, Msg::Fail);
        bench.executor.run();
        assert_eq!((me.incarnations(), other.incarnations()), (3, 1), "per 5 s");
        tell(&other, Msg::Hang);
        bench.executor.run();
        bench.stop(&running);
        bench.advance(5 * SECOND - Duration::from_nanos(1));
        assert!(!running.result.is_ready(), "5 s to stop in");
        bench.advance(Duration::from_nanos(1));
        assert_eq!(running.result.take(), Some(Ok(())));
    }

    fn infinite_shutdown_waits_however_long_it_takes(bench) {
        let (me, a) = actor!(bench, "a");
        let children =
            supervisor().shutdown(Shutdown::Infinite).child("a", Restart::Always, a);
        let running = bench.run(children);
        tell(&me, Msg::Hang);
        bench.executor.run();
        bench.stop(&running);
        bench.advance(Duration::MAX);
        assert!(!running.result.is_ready());
        me.kill();
        bench.executor.run();
        assert_eq!(running.result.take(), Some(Ok(())));
    }

    /// Stopping a supervisor before it could start anything starts nothing.
    fn a_supervisor_stopped_before_its_first_poll_starts_nothing(bench) {
        let (me, a) = actor!(bench, "a");
        let stop = CancelToken::new();
        stop.cancel("before");
        let running = supervisor()
            .child("a", Restart::Always, a)
            .run_with(bench.driver(), &bench.clock)
            .until(stop.cancelled());
        assert_eq!(bench.executor.settle(running), Some(Ok(())));
        assert_eq!(me.incarnations(), 0);
        assert_eq!(bench.log.take(), NOTHING);
    }

    fn a_supervisor_without_children_is_done_at_once(bench) {
        assert_eq!(bench.run(supervisor()).result.take(), Some(Ok(())));
    }
}

// Restart types.

in_both_forms! {
    fn otp_s05_permanent_is_restarted_after_every_exit(bench) {
        let (me, a) = actor!(bench, "a");
        let children = supervisor().max_restarts(9).child("a", Restart::Always, a);
        let running = bench.run(children);
        tell(&me, Msg::End);
        bench.executor.run();
        tell(&me, Msg::Fail);
        bench.executor.run();
        me.kill();
        bench.executor.run();
        assert_eq!(me.incarnations(), 4);
        me.stop();
        bench.executor.run();
        assert_eq!(me.incarnations(), 4, "asked to stop for good");
        assert_eq!(running.result.take(), Some(Ok(())));
    }

    fn otp_s06_transient_is_restarted_after_failures_only(bench) {
        let (me, a) = actor!(bench, "a");
        let children = supervisor().max_restarts(9).child("a", Restart::OnFailure, a);
        let running = bench.run(children);
        tell(&me, Msg::Panic);
        bench.executor.run();
        tell(&me, Msg::Fail);
        bench.executor.run();
        me.kill();
        bench.executor.run();
        assert_eq!((me.incarnations(), me.is_closed()), (4, false));
        tell(&me, Msg::End);
        bench.executor.run();
        assert_eq!((me.incarnations(), me.is_closed()), (4, true));
        assert_eq!(running.result.take(), Some(Ok(())));
    }

    fn otp_s07_temporary_is_never_restarted(bench) {
        for end in [Msg::End, Msg::Fail, Msg::Panic] {
            let ((me, a), (other, b)) = (actor!(bench, "a"), actor!(bench, "b"));
            let children =
                supervisor().child("a", Restart::Never, a).child("b", Restart::Never, b);
            let running = bench.run(children);
            tell(&me, end);
            bench.executor.run();
            assert_eq!((me.incarnations(), me.is_closed()), (1, true));
            assert!(!other.is_closed());
            bench.stop(&running);
            assert_eq!(running.result.take(), Some(Ok(())));
        }
    }

    fn otp_s08_one_for_one_touches_nobody_else(bench) {
        let ((a_ref, a), (b_ref, b), (c_ref, c)) =
            (actor!(bench, "a"), actor!(bench, "b"), actor!(bench, "c"));
        let children = supervisor()
            .child("a", Restart::Always, a)
            .child("b", Restart::Always, b)
            .child("c", Restart::Always, c);
        let running = bench.run(children);
        bench.log.take();
        tell(&b_ref, Msg::Fail);
        bench.executor.run();
        let expected = ["b stopped Failed(\"told to fail\")", "b gone", "b up 1"];
        assert_eq!(bench.log.take(), expected);
        assert_eq!((a_ref.incarnations(), c_ref.incarnations()), (1, 1));
        bench.stop(&running);
        let stopped = lives(&bench.log);
        let order: Vec<_> = stopped.iter().filter(|line| line.ends_with("gone")).collect();
        assert_eq!(order, ["c gone", "b gone", "a gone"], "the order is kept");
    }
}

// Intensity.

in_both_forms! {
    fn otp_s14_one_restart_too_many_ends_the_supervisor(bench) {
        let (me, a) = actor!(bench, "a");
        let children = supervisor()
            .max_restarts(2)
            .restart_window(SECOND)
            .observe(bench.log.observer())
            .child("a", Restart::Always, a);
        let running = bench.run(children);
        for _ in 0..2 {
            tell(&me, Msg::Fail);
            bench.executor.run();
            assert!(!running.result.is_ready());
        }
        tell(&me, Msg::Fail);
        bench.executor.run();
        let gave_up = running.gave_up();
        assert_eq!((gave_up.child.name, gave_up.child.index, gave_up.restarts), ("a", None, 2));
        let text = "a failed once more after 2 restarts within the restart window";
        assert_eq!(gave_up.to_string(), text);
        let expected = [
            "Started a 0", "Failed a 0 \"told to fail\"", "Restarting a 1",
            "Started a 1", "Failed a 1 \"told to fail\"", "Restarting a 2",
            "Started a 2", "Failed a 2 \"told to fail\"", "GaveUp a 2",
        ];
        assert_eq!(decisions(&bench.log), expected);
    }

    fn otp_s15_the_count_is_the_supervisors(bench) {
        let ((a_ref, a), (b_ref, b)) = (actor!(bench, "a"), actor!(bench, "b"));
        let children =
            supervisor().child("a", Restart::Always, a).child("b", Restart::Always, b);
        let running = bench.run(children);
        tell(&a_ref, Msg::Fail);
        bench.executor.run();
        assert!(!running.result.is_ready());
        tell(&b_ref, Msg::Fail);
        bench.executor.run();
        assert_eq!(running.gave_up().child.name, "b");
    }

    fn otp_s16_none_allowed_means_the_first_failure_ends_it(bench) {
        let (me, a) = actor!(bench, "a");
        let running =
            bench.run(supervisor().max_restarts(0).child("a", Restart::Always, a));
        tell(&me, Msg::Fail);
        bench.executor.run();
        assert_eq!(running.gave_up().restarts, 0);
        assert_eq!(me.incarnations(), 1);
    }

    fn otp_s17_giving_up_stops_the_survivors_in_reverse(bench) {
        let ((_a, a), (b_ref, b), (_c, c)) =
            (actor!(bench, "a"), actor!(bench, "b"), actor!(bench, "c"));
        let children = supervisor()
            .max_restarts(0)
            .child("a", Restart::Always, a)
            .child("b", Restart::Always, b)
            .child("c", Restart::Always, c);
        let running = bench.run(children);
        bench.log.take();
        tell(&b_ref, Msg::Fail);
        bench.executor.run();
        let expected = [
            "b stopped Failed(\"told to fail\")", "b gone",
            "c stopped Stopped", "c gone",
            "a stopped Stopped", "a gone",
        ];
        assert_eq!(bench.log.take(), expected);
        assert!(running.result.take().unwrap().is_err());
    }

    fn otp_s18_the_window_slides(bench) {
        let (me, a) = actor!(bench, "a");
        let children = supervisor()
            .max_restarts(2)
            .restart_window(SECOND)
            .child("a", Restart::Always, a);
        let running = bench.run(children);
        // One failure each 0.6 s: two restarts are within any second, never three.
        for _ in 0..10 {
            tell(&me, Msg::Fail);
            bench.executor.run();
            assert!(!running.result.is_ready());
            bench.advance(Duration::from_millis(600));
        }
        tell(&me, Msg::Fail);
        bench.executor.run();
        tell(&me, Msg::Fail);
        bench.executor.run();
        assert!(running.result.take().unwrap().is_err());
    }

    fn otp_s20_exits_that_need_no_restart_count_nothing(bench) {
        let ((a_ref, a), (b_ref, b), (c_ref, c)) =
            (actor!(bench, "a"), actor!(bench, "b"), actor!(bench, "c"));
        let children = supervisor()
            .child("a", Restart::OnFailure, a)
            .child("b", Restart::Never, b)
            .child("c", Restart::Always, c);
        let running = bench.run(children);
        tell(&a_ref, Msg::End);
        tell(&b_ref, Msg::Fail);
        tell(&c_ref, Msg::Fail);
        bench.executor.run();
        assert_eq!(c_ref.incarnations(), 2);
        assert!(!running.result.is_ready());
    }

    /// S21: the retry is at once, and every try counts.
    fn otp_s21_a_start_that_fails_is_retried_and_counted(bench) {
        let (me, a) = actor!(bench, "a", |probe| probe.fail_to_start_from(1));
        let running =
            bench.run(supervisor().max_restarts(3).child("a", Restart::Always, a));
        tell(&me, Msg::Fail);
        bench.executor.run();
        assert_eq!(running.gave_up().restarts, 3);
        assert_eq!((me.incarnations(), me.is_closed()), (4, true));
    }

    /// However many restarts are allowed, other tasks have their turn between them.
    fn a_hot_restart_loop_lets_others_run(bench) {
        let stop = CancelToken::new();
        let others = Rc::new(Cell::new(0));
        let tries = Rc::new(Cell::new(0));
        let counted = tries.clone();
        let factory = move || {
            counted.set(counted.get() + 1);
            assert!(counted.get() < 10_000, "others are starved");
            task(async { Err::<(), _>("at once") })
        };
        let running = supervisor()
            .max_restarts(usize::MAX)
            .child("hot", Restart::Always, factory)
            .run_with(bench.driver(), &bench.clock)
            .until(stop.cancelled());
        let result = bench.executor.start(running);
        let (turns, token) = (others.clone(), stop.clone());
        let _other = bench.executor.start(async move {
            for _ in 0..5 {
                turns.set(turns.get() + 1);
                let mut yielded = false;
                core::future::poll_fn(|cx| {
                    cx.waker().wake_by_ref();
                    if core::mem::replace(&mut yielded, true) {
                        core::task::Poll::Ready(())
                    } else {
                        core::task::Poll::Pending
                    }
                })
                .await;
            }
            token.cancel("enough");
        });
        bench.executor.run();
        assert_eq!(others.get(), 5);
        assert_eq!(result.take(), Some(Ok(())));
    }
}

// What survives a restart, and what does not.

in_both_forms! {
    /// Where klaw differs: the queue outlives the incarnation.
    fn otp_s30_queued_tells_and_asks_survive_a_restart_and_the_message_in_hand_does_not(bench) {
        let (me, a) = actor!(bench, "a");
        let running = bench.run(supervisor().child("a", Restart::Always, a));
        tell(&me, Msg::Note(1));
        let (first, second) = (me.clone(), me.clone());
        let mut in_hand = ByHand::parked(async move { first.ask(Msg::FailAsked).await });
        tell(&me, Msg::Note(2));
        let mut queued = ByHand::parked(async move { second.ask(Msg::Notes).await });
        bench.executor.run();
        assert_eq!(in_hand.ready(), Err(AskError::NoReply));
        assert_eq!(queued.ready(), Ok(vec![2]), "1 went with the state, 2 was queued");
        assert_eq!(me.incarnations(), 2);
        assert!(!running.result.is_ready());
    }

    fn otp_s31_who_asked_learns_of_a_panic_at_once(bench) {
        let (me, a) = actor!(bench, "a");
        let running = bench.run(supervisor().child("a", Restart::Always, a));
        let asker = me.clone();
        let asked = bench.executor.settle(async move { asker.ask(Msg::PanicAsked).await });
        assert_eq!(asked, Some(Err(AskError::NoReply)));
        let asker = me.clone();
        let again = bench.executor.settle(async move { asker.ask(Msg::Notes).await });
        assert_eq!(again, Some(Ok(vec![])));
        assert!(!running.result.is_ready());
    }

    fn otp_s32_a_question_that_timed_out_leaves_the_actor_running(bench) {
        let (me, a) = actor!(bench, "a");
        let running = bench.run(supervisor().child("a", Restart::Always, a));
        let (asker, clock) = (me.clone(), bench.clock.clone());
        let asked = bench
            .executor
            .start(async move { klaw::timeout(&clock, SECOND, asker.ask(Msg::Keep)).await });
        bench.executor.run();
        bench.advance(SECOND);
        assert!(matches!(asked.take(), Some(Err(klaw::Elapsed))));
        tell(&me, Msg::Settle(7)); // the late answer reaches nobody
        let asker = me.clone();
        let notes = bench.executor.settle(async move { asker.ask(Msg::Notes).await });
        assert_eq!(notes, Some(Ok(vec![])));
        assert_eq!((me.incarnations(), running.result.is_ready()), (1, false));
    }

    /// The row where the new incarnation starts while the old one ends.
    fn the_old_incarnation_is_gone_before_the_new_one_starts(bench) {
        let (me, a) = actor!(bench, "a");
        let running = bench.run(supervisor().max_restarts(9).child("a", Restart::Always, a));
        tell(&me, Msg::Fail);
        bench.executor.run();
        tell(&me, Msg::Panic);
        bench.executor.run();
        tell(&me, Msg::Hang);
        bench.executor.run();
        me.kill();
        bench.executor.run();
        let expected = [
            "a up 0", "a stopped Failed(\"told to fail\")", "a gone",
            "a up 1", "a gone",
            "a up 2", "a gone",
            "a up 3",
        ];
        assert_eq!(bench.log.take(), expected);
        drop(running);
    }

    fn references_survive_restarts(bench) {
        let (me, a) = actor!(bench, "a");
        let before = me.clone();
        let running = bench.run(supervisor().child("a", Restart::Always, a));
        tell(&before, Msg::Panic);
        bench.executor.run();
        tell(&before, Msg::Note(1));
        before.kill();
        bench.executor.run();
        assert!(running.result.is_ready(), "the kill reached the running incarnation");
    }

    fn giving_up_answers_what_is_queued_and_closes(bench) {
        let (me, a) = actor!(bench, "a");
        let running = bench.run(supervisor().max_restarts(0).child("a", Restart::Always, a));
        tell(&me, Msg::Fail);
        let asker = me.clone();
        let mut queued = ByHand::parked(async move { asker.ask(Msg::Notes).await });
        for _ in 0..6 {
            tell(&me, Msg::Note(0));
        }
        let sender = me.clone();
        let mut waiting = ByHand::parked(async move { sender.tell(Msg::Note(9)).await });
        let mut closed = ByHand::parked(me.closed());
        bench.executor.run();
        assert!(running.result.take().unwrap().is_err());
        assert_eq!(queued.ready(), Err(AskError::NoReply));
        assert!(matches!(waiting.ready(), Err(SendError(Msg::Note(9)))), "it comes back");
        assert!(matches!(me.try_tell(Msg::Note(1)), Err(TrySendError::Closed(Msg::Note(1)))));
        assert_eq!(now(me.ask(Msg::Notes)), Some(Err(AskError::Closed)));
        closed.ready();
    }

    fn a_child_that_is_over_closes_its_mailbox_while_others_run(bench) {
        let ((me, a), (_b, b)) = (actor!(bench, "a"), actor!(bench, "b"));
        let children =
            supervisor().child("a", Restart::OnFailure, a).child("b", Restart::Always, b);
        let running = bench.run(children);
        let mut closed = ByHand::parked(me.closed());
        tell(&me, Msg::End);
        bench.executor.run();
        closed.ready();
        assert!(!running.result.is_ready());
    }
}

// Panics.

in_both_forms! {
    fn a_panic_in_a_handler_is_a_failure(bench) {
        let (me, a) = actor!(bench, "a");
        let children =
            supervisor().observe(bench.log.observer()).child("a", Restart::OnFailure, a);
        let running = bench.run(children);
        tell(&me, Msg::Panic);
        bench.executor.run();
        let expected = [
            "Started a 0",
            "Failed a 0 Panicked(panic: told to panic)",
            "Restarting a 1",
            "Started a 1",
        ];
        assert_eq!(decisions(&bench.log), expected);
        drop(running);
    }

    fn a_panic_with_any_payload_is_a_failure(bench) {
        let tries = Rc::new(Cell::new(0));
        let factory = move || {
            tries.set(tries.get() + 1);
            let number = tries.get();
            task(async move {
                if number == 1 {
                    panic_any(7u32);
                }
            })
        };
        let children =
            supervisor().observe(bench.log.observer()).child("odd", Restart::OnFailure, factory);
        let running = bench.run(children);
        assert!(decisions(&bench.log)[1].starts_with("Failed odd 0 Panicked("));
        assert_eq!(running.result.take(), Some(Ok(())));
    }

    fn a_panic_in_the_factory_is_a_failure(bench) {
        let (me, log) = (mailbox_named::<Msg>("a", 8), bench.log.clone());
        let (address, made) = (me.clone(), Cell::new(0));
        let factory = move || {
            made.set(made.get() + 1);
            assert!(made.get() != 2, "the second cannot be made");
            serve(Probe::new("a", &log), address.clone())
        };
        let children = supervisor()
            .max_restarts(2)
            .observe(bench.log.observer())
            .child("a", Restart::OnFailure, factory);
        let running = bench.run(children);
        tell(&me, Msg::Fail);
        tell(&me, Msg::Note(7));
        bench.executor.run();
        let expected = [
            "Started a 0",
            "Failed a 0 \"told to fail\"",
            "Restarting a 1",
            "Started a 1",
            "Failed a 1 Panicked(panic: the second cannot be made)",
            "Restarting a 2",
            "Started a 2",
        ];
        assert_eq!(decisions(&bench.log), expected);
        let asker = me.clone();
        let notes = bench.executor.settle(async move { asker.ask(Msg::Notes).await });
        assert_eq!(notes, Some(Ok(vec![7])), "the queue is kept");
        drop(running);
    }

    fn a_factory_that_always_panics_fails_to_start(bench) {
        let factory = || -> klaw::supervise::Task<core::future::Ready<()>> { panic!("never") };
        let running = bench.run(supervisor().child("none", Restart::Always, factory));
        assert_eq!(running.start_failed(), "none");
    }

    fn a_panic_in_a_destructor_is_a_failure_and_counts_once(bench) {
        let (me, a) = actor!(bench, "a");
        let children =
            supervisor().observe(bench.log.observer()).child("a", Restart::OnFailure, a);
        let running = bench.run(children);
        tell(&me, Msg::PanicLater);
        tell(&me, Msg::End);
        bench.executor.run();
        let expected = [
            "Started a 0",
            "Failed a 0 Panicked(panic: a destructor that panics)",
            "Restarting a 1",
            "Started a 1",
        ];
        assert_eq!(decisions(&bench.log), expected);
        assert!(!running.result.is_ready());
    }

    fn a_panic_in_the_destructor_of_a_killed_child_ends_it_all_the_same(bench) {
        let (me, a) = actor!(bench, "a", |probe| probe.panic_in_drop());
        let children =
            supervisor().shutdown(Shutdown::Kill).child("a", Restart::Always, a);
        let running = bench.run(children);
        bench.stop(&running);
        assert_eq!(running.result.take(), Some(Ok(())));
        assert!(now(me.closed()).is_some());
    }

    /// The messages of one child must not take the others down.
    fn a_panic_in_the_destructor_of_a_queued_message_is_contained(bench) {
        struct Bad;
        impl Drop for Bad {
            fn drop(&mut self) {
                panic!("a destructor that panics");
            }
        }
        let ((me, a), (other, b)) = (actor!(bench, "a"), actor!(bench, "b"));
        let children =
            supervisor().child("a", Restart::Never, a).child("b", Restart::Always, b);
        let running = bench.run(children);
        tell(&me, Msg::Fail);
        let bad = Bad;
        tell(&me, Msg::With(Box::new(move |_| drop(bad))));
        let asker = me.clone();
        let mut queued = ByHand::parked(async move { asker.ask(Msg::Notes).await });
        bench.executor.run();
        assert_eq!(queued.ready(), Err(AskError::NoReply));
        assert!(now(me.closed()).is_some());
        assert!(!running.result.is_ready() && !other.is_closed());
        let asker = other.clone();
        let alive = bench.executor.settle(async move { asker.ask(Msg::Notes).await });
        assert_eq!(alive, Some(Ok(vec![])));
    }
}

// Plain futures, groups, nesting.

in_both_forms! {
    fn a_task_without_a_token_is_dropped_when_it_shall_stop(bench) {
        let log = bench.log.clone();
        let factory = move || {
            let gone = LogDrop(log.clone(), "task");
            task(async move {
                let _gone = gone;
                pending::<()>().await;
            })
        };
        let children =
            supervisor().observe(bench.log.observer()).child("task", Restart::Always, factory);
        let running = bench.run(children);
        bench.log.take();
        bench.stop(&running);
        assert_eq!(bench.log.take(), ["task gone", "Ended task"]);
        assert_eq!(running.result.take(), Some(Ok(())));
    }

    fn a_task_with_a_token_is_asked_each_incarnation_by_its_own(bench) {
        let log = bench.log.clone();
        let first = Cell::new(true);
        let factory = move || {
            let (token, log) = (CancelToken::new(), log.clone());
            let (asked, fails) = (token.clone(), first.replace(false));
            task(async move {
                if fails {
                    return Err("first");
                }
                log.add(asked.cancelled().await.reason);
                Ok(())
            })
            .stop_with(token)
        };
        let children =
            supervisor().observe(bench.log.observer()).child("task", Restart::Always, factory);
        let running = bench.run(children);
        bench.log.take();
        bench.stop(&running);
        assert_eq!(bench.log.take(), ["the supervisor stops", "Ended task"]);
        assert_eq!(running.result.take(), Some(Ok(())));
    }

    fn a_group_is_so_many_children_by_number(bench) {
        let log = bench.log.clone();
        let workers: Vec<_> = (0..3).map(|_| mailbox_named::<Msg>("worker", 4)).collect();
        let refs = workers.clone();
        let children = supervisor()
            .observe(bench.log.observer())
            .children("worker", 3, Restart::Always, move |index| {
                let (me, log) = (refs[index].clone(), log.clone());
                move || serve(Probe::new("worker", &log), me.clone())
            })
            .child("last", Restart::Never, || task(pending::<()>()));
        let running = bench.run(children);
        let started =
            ["Started worker[0] 0", "Started worker[1] 0", "Started worker[2] 0", "Started last 0"];
        assert_eq!(decisions(&bench.log), started);
        tell(&workers[1], Msg::Fail);
        bench.executor.run();
        assert_eq!(decisions(&bench.log).last().unwrap(), "Started worker[1] 1");
        bench.stop(&running);
        let ended =
            ["Ended last", "Ended worker[2]", "Ended worker[1]", "Ended worker[0]"];
        assert_eq!(decisions(&bench.log), ended);
        assert_eq!(running.result.take(), Some(Ok(())));
    }

    fn otp_s33_a_nested_supervisor_that_gave_up_is_restarted_with_its_children(bench) {
        let (me, log) = (mailbox_named::<Msg>("leaf", 8), bench.log.clone());
        let clock = bench.clock.clone();
        let (leaf, inner_log) = (me.clone(), log.clone());
        let inner = move || {
            let (leaf, log) = (leaf.clone(), inner_log.clone());
            let leaf = move || task(fails_at_once(leaf.clone(), log.clone()));
            task(supervisor().child("leaf", Restart::Always, leaf).run(&clock))
        };
        let children = supervisor()
            .observe(log.observer())
            .child("inner", Restart::OnFailure, inner);
        let running = bench.run(children);
        let expected = [
            "Started inner 0",
            "Failed inner 0 GaveUp(GaveUp { child: ChildId { name: \"leaf\", index: None }, restarts: 1 })",
            "Restarting inner 1",
            "Started inner 1",
            "Failed inner 1 GaveUp(GaveUp { child: ChildId { name: \"leaf\", index: None }, restarts: 1 })",
            "GaveUp inner 1",
        ];
        assert_eq!(bench.log.take().into_iter().filter(|l| !l.starts_with("leaf")).collect::<Vec<_>>(), expected);
        assert!(running.result.take().unwrap().is_err());
        drop(me);
    }

    /// Where klaw differs: giving up is a failure, so a transient one is restarted too.
    fn otp_s34_a_nested_transient_supervisor_that_gave_up_is_restarted(bench) {
        let (lives, clock) = (Rc::new(Cell::new(0)), bench.clock.clone());
        let counted = lives.clone();
        let inner = move || {
            counted.set(counted.get() + 1);
            let fails = counted.get() == 1;
            let leaf = move || task(async move { if fails { Err("at first") } else { Ok(()) } });
            task(supervisor().max_restarts(0).child("leaf", Restart::OnFailure, leaf).run(&clock))
        };
        let running = bench.run(supervisor().child("inner", Restart::OnFailure, inner));
        assert_eq!((running.result.take(), lives.get()), (Some(Ok(())), 2));
    }

    fn a_nested_supervisor_with_a_token_stops_its_children_in_order(bench) {
        let ((_a, a), (_b, b)) = (actor!(bench, "a"), actor!(bench, "b"));
        let clock = bench.clock.clone();
        let token = CancelToken::new();
        let stop = token.clone();
        let children = RefCell::new(Some((a, b)));
        let inner = move || {
            let (a, b) = children.take().expect("made once");
            let inner = supervisor()
                .child("a", Restart::Always, a)
                .child("b", Restart::Always, b)
                .run(&clock)
                .until(stop.cancelled());
            task(inner).stop_with(token.clone())
        };
        let outer = supervisor()
            .shutdown(Shutdown::Infinite)
            .child("inner", Restart::Always, inner);
        let running = bench.run(outer);
        bench.log.take();
        bench.stop(&running);
        let expected = ["b stopped Stopped", "b gone", "a stopped Stopped", "a gone"];
        assert_eq!(bench.log.take(), expected);
        assert_eq!(running.result.take(), Some(Ok(())));
    }
}

/// Writes down its end.
struct LogDrop(Log, &'static str);

impl Drop for LogDrop {
    fn drop(&mut self) {
        self.0.add(format!("{} gone", self.1));
    }
}

/// A future that fails at once.
async fn fails_at_once(_: klaw::ActorRef<Msg>, log: Log) -> Result<(), &'static str> {
    log.add("leaf");
    Err("at once")
}

// Dropping a supervisor.

in_both_forms! {
    /// An actor has ended when its destructors ran, also if its supervisor was dropped.
    fn a_dropped_supervisor_ends_its_children(bench) {
        let ((a_ref, a), (b_ref, b)) = (actor!(bench, "a"), actor!(bench, "b"));
        let running = supervisor()
            .child("a", Restart::Always, a)
            .child("b", Restart::Always, b)
            .run_with(bench.driver(), &bench.clock);
        let dropper = CancelToken::new();
        let dropped = dropper.clone();
        let _result = bench.executor.start(async move { dropped.run(running).await.is_err() });
        for (name, me) in [("a", &a_ref), ("b", &b_ref)] {
            let (me, log) = (me.clone(), bench.log.clone());
            let _watching = bench.executor.start(async move {
                me.closed().await;
                log.add(format!("{name} closed"));
            });
        }
        bench.executor.run();
        tell(&a_ref, Msg::Hang);
        bench.executor.run();
        bench.log.take();
        let asker = b_ref.clone();
        dropper.cancel("drop it");
        let mut queued = ByHand::parked(async move { asker.ask(Msg::Notes).await });
        bench.executor.run();
        // Either it was heard before the end, or nobody will hear it.
        assert!(matches!(queued.ready(), Ok(_) | Err(AskError::NoReply)));
        let lines = bench.log.take();
        for name in ["a", "b"] {
            let at = |what: &str| {
                let line = format!("{name} {what}");
                lines.iter().position(|l| *l == line).unwrap_or_else(|| panic!("{line}: {lines:?}"))
            };
            assert!(at("gone") < at("closed"), "{lines:?}");
        }
        assert!(a_ref.is_closed() && b_ref.is_closed());
        assert_eq!(bench.executor.tasks(), 0);
    }
}

// Executors that refuse, for children on tasks of their own.

#[test]
fn an_executor_without_room_fails_the_start() {
    let bench = Bench::with(0, Spawned);
    let ((a_ref, a), (b_ref, b)) = (actor!(bench, "a"), actor!(bench, "b"));
    bench.executor.set_room(1);
    let children = supervisor()
        .max_restarts(2)
        .observe(bench.log.observer())
        .child("a", Restart::Always, a)
        .child("b", Restart::OnFailure, b);
    let running = bench.run(children);
    assert_eq!(running.start_failed(), "b");
    let all = bench.log.take();
    assert_eq!(all.iter().filter(|line| line.ends_with("Abandoned")).count(), 1, "{all:?}");
    assert!(a_ref.is_closed() && b_ref.is_closed());
    assert_eq!(now(b_ref.ask(Msg::Notes)), Some(Err(AskError::Closed)));
    assert_eq!(b_ref.incarnations(), 0);
}

#[test]
fn an_executor_that_is_closed_fails_the_start() {
    let bench = Bench::with(0, Spawned);
    let (me, a) = actor!(bench, "a");
    let children = supervisor().child("a", Restart::OnFailure, a);
    let running = children.run_with(bench.driver(), &bench.clock);
    let mut running = ByHand::new(running);
    bench.executor.close();
    let Err(SupervisorError::StartFailed { child }) = running.ready() else { panic!() };
    assert_eq!(child.name, "a");
    assert!(me.is_closed());
}

#[test]
fn a_child_that_is_never_restarted_and_refused_fails_the_start() {
    let bench = Bench::with(0, Spawned);
    let (me, a) = actor!(bench, "a");
    bench.executor.set_room(0);
    let running = bench.run(supervisor().child("a", Restart::Never, a));
    assert_eq!(running.start_failed(), "a");
    assert!(me.is_closed());
}

/// What the executor gives back is dropped, and may panic at that.
#[test]
fn a_refused_child_whose_destructor_panics_is_a_failure() {
    let bench = Bench::with(0, Spawned);
    let (me, a) = actor!(bench, "a", |probe| probe.panic_in_drop());
    bench.executor.set_room(0);
    let running = bench.run(supervisor().child("a", Restart::Always, a));
    assert!(running.result.take().unwrap().is_err());
    assert!(me.is_closed());
    assert_eq!(bench.executor.panics(), 0);
}

#[test]
fn an_executor_that_drops_its_tasks_abandons_children() {
    let bench = Bench::with(0, Spawned);
    let (me, a) = actor!(bench, "a");
    let children = supervisor().observe(bench.log.observer()).child("a", Restart::OnFailure, a);
    let running = children.run_with(bench.driver(), &bench.clock);
    let mut running = ByHand::parked(running);
    bench.executor.run();
    let mut asking = ByHand::parked(me.ask(Msg::Keep));
    bench.executor.run();
    bench.executor.shut_down();
    assert!(running.is_woken());
    let Err(SupervisorError::GaveUp(gave_up)) = running.ready() else { panic!() };
    assert_eq!(gave_up.child.name, "a");
    assert_eq!(asking.ready(), Err(AskError::NoReply));
    assert!(me.is_closed());
}

// The runtime.

fn runtime(executor: &Executor) -> Runtime<Spawner, VirtualClock> {
    Runtime::new(executor.spawner(), VirtualClock::new())
}

#[test]
fn a_spawned_actor_restarts_and_stops() {
    for seed in 0..SEEDS {
        let (executor, log) = (Executor::new(seed), Log::default());
        let rt = runtime(&executor);
        let lines = log.clone();
        let me = rt
            .spawn_actor(move |me| serve(Probe::new("a", &lines), me))
            .name("a")
            .capacity(2)
            .start()
            .unwrap();
        assert_eq!((me.name(), me.capacity()), ("a", 2));
        tell(&me, Msg::Fail);
        tell(&me, Msg::Note(1));
        executor.run();
        let asker = me.clone();
        assert_eq!(executor.settle(async move { asker.ask(Msg::Notes).await }), Some(Ok(vec![1])));
        assert_eq!(me.incarnations(), 2);
        me.stop();
        let watched = me.clone();
        assert_eq!(executor.settle(async move { watched.closed().await }), Some(()));
        assert_eq!(executor.tasks(), 0);
        assert_eq!(log.take().last().unwrap(), "a gone");
    }
}

#[test]
fn a_spawned_actor_that_gives_up_closes() {
    let (executor, log) = (Executor::new(0), Log::default());
    let rt = runtime(&executor);
    let me = rt
        .spawn_actor(move |me| serve(Probe::new("a", &log).fail_to_start_from(1), me))
        .max_restarts(2)
        .restart_window(SECOND)
        .restart(Restart::Always)
        .start()
        .unwrap();
    tell(&me, Msg::Fail);
    executor.run();
    assert_eq!((me.incarnations(), me.is_closed(), executor.tasks()), (3, true, 0));
}

#[test]
fn a_spawned_actor_that_never_ran_closes_with_its_executor() {
    let (executor, log) = (Executor::new(0), Log::default());
    let me =
        runtime(&executor).spawn_actor(move |me| serve(Probe::new("a", &log), me)).start().unwrap();
    let mut asking = ByHand::parked(me.ask(Msg::Notes));
    drop(executor);
    assert_eq!(asking.ready(), Err(AskError::NoReply));
    assert!(me.is_closed() && now(me.closed()).is_some());
}

#[test]
fn an_actor_that_is_refused_is_an_error() {
    let (executor, log) = (Executor::new(0), Log::default());
    let rt = runtime(&executor);
    let start = || {
        let log = log.clone();
        rt.spawn_actor(move |me| serve(Probe::new("a", &log), me)).start()
    };
    executor.set_room(0);
    assert_eq!(start().unwrap_err(), SpawnErrorKind::Full);
    executor.close();
    assert_eq!(start().unwrap_err(), SpawnErrorKind::Closed);
}

#[test]
fn a_spawned_actor_tells_its_hooks() {
    let bench = Bench::with(0, Spawned);
    let [failed, restarted, gave_up] = [(); 3].map(|()| bench.log.clone());
    let log = bench.log.clone();
    let me = runtime(&bench.executor)
        .spawn_actor(move |me| serve(Probe::new("a", &log), me))
        .name("a")
        .on_failure(move |child, error, attempt| {
            failed.add(format!("F {child} {error:?} {attempt}"))
        })
        .on_restart(move |child, _, attempt| restarted.add(format!("R {child} {attempt}")))
        .on_max_restarts(move |child, _, attempt| gave_up.add(format!("G {child} {attempt}")))
        .start()
        .unwrap();
    for _ in 0..2 {
        tell(&me, Msg::Fail);
        bench.executor.run();
    }
    let told = decisions(&bench.log);
    let why = "\"told to fail\"";
    let expected = [format!("F a {why} 0"), "R a 1".into(), format!("F a {why} 1"), "G a 1".into()];
    assert_eq!(told, expected);
}

#[test]
fn a_tree_stops_its_children_and_then_is_over() {
    for seed in 0..SEEDS {
        let bench = Bench::with(seed, Spawned);
        let ((_a, a), (_b, b)) = (actor!(bench, "a"), actor!(bench, "b"));
        let children = supervisor().child("a", Restart::Always, a).child("b", Restart::Always, b);
        let tree = runtime(&bench.executor).supervise(children).unwrap();
        bench.executor.run();
        assert!(!tree.is_over());
        bench.log.take();
        let (log, stopped, joined) = (bench.log.clone(), tree.stop(), tree.clone().join());
        let both = async move {
            let results = (stopped.await, joined.await);
            log.add("over");
            results
        };
        assert_eq!(bench.executor.settle(both), Some((Ok(()), Ok(()))));
        let expected = ["b stopped Stopped", "b gone", "a stopped Stopped", "a gone", "over"];
        assert_eq!(bench.log.take(), expected);
        assert!(tree.is_over());
        assert_eq!(now(tree.stop()), Some(Ok(())), "stopping what is over");
    }
}

#[test]
fn a_tree_that_gave_up_or_was_abandoned_says_so() {
    let bench = Bench::with(0, Spawned);
    let failing = || task(async { Err::<(), _>("at once") });
    let rt = runtime(&bench.executor);
    let tree = rt.supervise(supervisor().child("bad", Restart::Always, failing)).unwrap();
    bench.executor.run();
    let Some(Err(error @ TreeError::GaveUp(gave_up))) = now(tree.join()) else { panic!() };
    assert_eq!((gave_up.child.name, error.to_string()), ("bad", gave_up.to_string()));

    let quiet = || task(pending::<()>());
    let tree = rt.supervise(supervisor().child("quiet", Restart::Always, quiet)).unwrap();
    bench.executor.run();
    let mut joined = ByHand::parked(tree.join());
    bench.executor.shut_down();
    assert_eq!(joined.ready(), Err(TreeError::Abandoned));
    let refused = rt.supervise(supervisor().child("late", Restart::Always, quiet));
    assert_eq!(refused.unwrap_err(), SpawnErrorKind::Closed);
}

in_both_forms! {
    fn an_actor_that_never_began_has_its_mailbox_closed(bench) {
        for how in ["stopped", "dropped", "panicked"] {
            let me = mailbox_named("a", 4);
            let mut asked = ByHand::parked(me.ask(Msg::Notes));
            let (log, panics) = (bench.log.clone(), how == "panicked");
            let children = supervisor().actor(&me, Restart::Never, move |me| {
                assert!(!panics, "a factory that panics");
                serve(Probe::new("a", &log), me)
            });
            let stop = CancelToken::new();
            let running = children.run_with(bench.driver(), &bench.clock).until(stop.cancelled());
            match how {
                "stopped" => {
                    stop.cancel("before the first poll");
                    bench.executor.start(running);
                }
                "dropped" => drop(running),
                _ => drop(bench.executor.start(running)),
            }
            bench.executor.run();
            assert_eq!(asked.ready(), Err(AskError::NoReply), "{how}");
            assert!(now(me.closed()).is_some(), "{how}");
            assert_eq!(bench.log.take(), NOTHING, "{how}");
        }
    }

    fn a_failure_while_stopping_is_told(bench) {
        let me = mailbox_named("a", 4);
        let log = bench.log.clone();
        let children = supervisor()
            .observe(bench.log.observer())
            .actor(&me, Restart::Always, move |me| serve(Probe::new("a", &log), me));
        let running = bench.run(children);
        bench.log.take();
        tell(&me, Msg::Fail);
        running.stop.cancel("with a failure in the queue");
        bench.executor.run();
        let expected = [
            r#"a stopped Failed("told to fail")"#,
            "a gone",
            r#"Failed a 0 "told to fail""#,
            "Ended a",
        ];
        assert_eq!(bench.log.take(), expected);
    }
}
