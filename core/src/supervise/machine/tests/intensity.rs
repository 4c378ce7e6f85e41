//! How often children are restarted, when, and with which the supervisor ends.

use super::*;

#[test]
fn otp_s14_s16_s17_giving_up_stops_the_survivors_in_reverse() {
    for max in [0, 2] {
        let mut bench = Bench::up(Strategy::OneForOne, max, &[ALWAYS; 3]);
        for _ in 0..max {
            assert_eq!(bench.fails(1), AT_ONCE);
            bench.settle();
        }
        assert_eq!(bench.fails(1), Verdict::GiveUp);
        assert_eq!(bench.act(), vec![Action::Stop(2), FAR]);
        bench.exits(2, End::Stopped);
        assert_eq!(bench.act(), vec![Action::Stop(0), FAR]);
        bench.exits(0, End::Stopped);
        assert_eq!(bench.act(), vec![Action::Finish]);
    }
}

#[test]
fn otp_s15_the_count_is_the_supervisors() {
    let mut bench = Bench::up(Strategy::OneForOne, 1, &[ALWAYS; 2]);
    assert_eq!(bench.fails(0), AT_ONCE);
    assert_eq!(bench.fails(1), Verdict::GiveUp);
}

#[test]
fn otp_s18_the_window_slides() {
    let mut bench = Bench::up(Strategy::OneForOne, 1, &[ALWAYS]);
    for at in [0, 5001, 10_002] {
        bench.now = now(at);
        assert!(matches!(bench.fails(0), Verdict::Restart { .. }), "{at}");
        bench.settle();
    }
    bench.now = now(15_002);
    assert_eq!(bench.fails(0), Verdict::GiveUp, "10,002 is on the far edge");
}

#[test]
fn otp_s19_a_group_restart_counts_once() {
    let mut bench = Bench::up(Strategy::OneForAll, 1, &[ALWAYS; 3]);
    assert_eq!(bench.fails(0), AT_ONCE);
    for child in [2, 1] {
        bench.act();
        bench.exits(child, End::Normal);
    }
    assert_eq!(bench.settle(), starts([0, 1, 2]));
    assert_eq!(bench.machine.restarts(), 1);
}

#[test]
fn otp_s20_exits_that_need_no_restart_count_nothing() {
    let mut bench = Bench::up(Strategy::OneForOne, 1, &[ON_FAILURE, NEVER, ALWAYS]);
    assert_eq!(bench.exits(0, End::Normal), Verdict::Over, "nothing can start it again");
    assert_eq!(bench.fails(1), Verdict::Over);
    assert_eq!(bench.fails(2), AT_ONCE);
}

#[test]
fn otp_s21_a_restart_whose_start_fails_is_retried_at_once_and_counted() {
    // Also where an end without readiness would not be restarted after a normal exit.
    for restart in [ALWAYS, ON_FAILURE] {
        let mut bench = Bench::up(Strategy::OneForOne, 3, &[restart]);
        for verdict in [AT_ONCE, AT_ONCE, AT_ONCE, Verdict::GiveUp] {
            assert_eq!(bench.fails(0), verdict);
            if verdict == AT_ONCE {
                assert_eq!(bench.act(), starts([0]));
            }
        }
    }
}

// Delays.

#[test]
fn a_child_that_waits_holds_up_nobody_else() {
    let mut bench = Bench::up(Strategy::OneForOne, 9, &[ALWAYS; 2]);
    assert_eq!(bench.fails(0), AT_ONCE);
    bench.machine.postpone(&mut bench.children, 0, now(7));
    assert_eq!(bench.settle(), vec![Action::Wait(now(7))]);
    assert_eq!(bench.fails(1), AT_ONCE);
    assert_eq!(bench.settle(), vec![Action::Start(1), Action::Wait(now(7))]);
    bench.now = now(7);
    assert_eq!(bench.settle(), starts([0]));
}

#[test]
fn a_group_waits_as_a_whole() {
    for strategy in [Strategy::OneForAll, Strategy::RestForOne] {
        let mut bench = Bench::up(strategy, 9, &[ALWAYS; 3]);
        assert_eq!(bench.fails(0), AT_ONCE);
        bench.machine.postpone(&mut bench.children, 0, now(7));
        for child in [2, 1] {
            assert_eq!(bench.settle(), vec![Action::EndIncarnation(child), FAR]);
            assert_eq!(bench.exits(child, End::Normal), Verdict::Group(now(7)));
        }
        assert_eq!(bench.settle(), vec![Action::Wait(now(7))]);
        bench.now = now(7);
        assert_eq!(bench.settle(), starts([0, 1, 2]));
    }
}

#[test]
fn who_ran_for_longer_than_the_window_was_quiet() {
    let mut bench = Bench::up(Strategy::OneForOne, 9, &[ALWAYS]);
    bench.now = now(5000);
    assert_eq!(bench.fails(0), AT_ONCE);
    bench.settle();
    bench.now = now(10_001);
    assert_eq!(bench.fails(0), Verdict::Restart { quiet: true });
}

// Automatic shutdown.

fn significant(auto: AutoShutdown, children: &[(Restart, Shutdown)]) -> Bench {
    let mut bench = Bench::up(Strategy::OneForAll, 9, children);
    bench.machine.policy.auto_shutdown = auto;
    bench.children.iter_mut().take(2).for_each(|entry| entry.significant = true);
    bench
}

#[test]
fn otp_s35_the_first_significant_child_ends_the_supervisor() {
    let mut bench = significant(AutoShutdown::AnySignificant, &[ON_FAILURE, NEVER, ALWAYS]);
    assert_eq!(bench.fails(0), AT_ONCE, "it is restarted");
    for child in [2, 1] {
        bench.act();
        bench.exits(child, End::Normal);
    }
    bench.settle();
    assert_eq!(bench.exits(0, End::Normal), Verdict::AutoShutdown);
    assert_eq!(bench.act(), vec![Action::Stop(2), FAR]);
}

#[test]
fn otp_s36_the_last_significant_child_ends_it_and_stops_by_hand_do_not_count() {
    let mut bench = significant(AutoShutdown::AllSignificant, &[NEVER, NEVER, ALWAYS]);
    bench.machine.stop_child(&mut bench.children, 0);
    assert_eq!(bench.act(), vec![Action::Stop(0), FAR]);
    assert_eq!(bench.exits(0, End::Stopped), Verdict::Over);
    assert_eq!(bench.act(), vec![FAR]);
    assert_eq!(bench.fails(1), Verdict::AutoShutdown);

    let mut bench = significant(AutoShutdown::AllSignificant, &[NEVER, NEVER, ALWAYS]);
    assert_eq!(bench.fails(0), Verdict::Over, "another one runs");
    bench.fails(2);
    bench.act();
    assert_eq!(bench.exits(1, End::Stopped), Verdict::Over, "stopped with its group");
    assert_eq!(bench.settle(), starts([2]));
}

#[test]
fn otp_s37_significant_needs_an_end_by_itself_and_an_automatic_shutdown() {
    for (auto, restart, allowed) in [
        (AutoShutdown::AnySignificant, Restart::OnFailure, true),
        (AutoShutdown::AllSignificant, Restart::Never, true),
        (AutoShutdown::AnySignificant, Restart::Always, false),
        (AutoShutdown::Never, Restart::Never, false),
    ] {
        let mut bench = Bench::new(Strategy::OneForOne, 1, &[(restart, Shutdown::Infinite)]);
        bench.machine.policy.auto_shutdown = auto;
        bench.children[0].significant = true;
        let expected = if allowed { Ok(()) } else { Err(Refused::Significant) };
        assert_eq!(bench.machine.may_add(&bench.children[0]), expected, "{auto:?} {restart:?}");
    }
}
