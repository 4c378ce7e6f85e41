//! Starting, stopping, restart types.

use super::*;

#[test]
fn otp_s01_children_start_in_order_each_when_the_one_before_is_ready() {
    let mut bench = Bench::new(Strategy::OneForOne, 1, &[ALWAYS; 3]);
    for child in 0..3 {
        assert_eq!(bench.act(), starts([child]));
        assert_eq!(bench.act(), vec![FAR], "the next one waits");
        bench.ready(child);
    }
    assert_eq!(bench.act(), vec![FAR]);
}

#[test]
fn otp_s02_children_stop_in_reverse_one_at_a_time() {
    let mut bench = Bench::up(Strategy::OneForOne, 1, &[ALWAYS; 3]);
    bench.machine.stop();
    for child in [2, 1, 0] {
        assert_eq!(bench.act(), vec![Action::Stop(child), FAR]);
        assert_eq!(bench.exits(child, End::Stopped), Verdict::Over);
    }
    assert_eq!(bench.act(), vec![Action::Finish]);
}

#[test]
fn otp_s03_a_failure_in_the_first_start_ends_the_supervisor_without_a_retry() {
    for restart in [ALWAYS, ON_FAILURE, NEVER] {
        let mut bench = Bench::new(Strategy::OneForAll, 9, &[ALWAYS, ALWAYS, restart, ALWAYS]);
        for child in 0..2 {
            assert_eq!(bench.act(), starts([child]));
            bench.ready(child);
        }
        assert_eq!(bench.act(), starts([2]));
        assert_eq!(bench.fails(2), Verdict::StartFailed);
        assert_eq!(bench.act(), vec![Action::Retire(3), Action::Stop(1), FAR]);
        bench.exits(1, End::Stopped);
        assert_eq!(bench.act(), vec![Action::Stop(0), FAR]);
        bench.exits(0, End::Stopped);
        assert_eq!(bench.act(), vec![Action::Finish]);
        assert_eq!(bench.machine.restarts(), 0);
    }
}

#[test]
fn otp_s04_who_ends_before_it_was_ready_stays_down_and_counts_nothing() {
    let mut bench = Bench::new(Strategy::OneForAll, 0, &[ALWAYS, ALWAYS, NEVER]);
    assert_eq!(bench.act(), starts([0]));
    assert_eq!(bench.exits(0, End::Normal), Verdict::Down);
    assert_eq!(bench.act(), starts([1]));
    bench.ready(1);
    assert_eq!(bench.act(), starts([2]));
    assert_eq!(bench.exits(2, End::Normal), Verdict::Over, "a temporary one is not kept");
    assert_eq!(bench.states(), vec![State::Down, State::Running, State::Over]);
    assert_eq!(bench.act(), vec![FAR]);
}

#[test]
fn otp_s26_a_child_that_does_not_stop_in_time_is_killed() {
    let drain = (Restart::Always, Shutdown::Drain(Duration::from_millis(10)));
    let mut bench = Bench::up(Strategy::OneForOne, 1, &[drain]);
    bench.machine.stop();
    bench.now = now(5);
    assert_eq!(bench.act(), vec![Action::Stop(0), Action::Wait(now(15))]);
    bench.now = now(14);
    assert_eq!(bench.act(), vec![Action::Wait(now(15))]);
    bench.now = now(15);
    assert_eq!(bench.act(), vec![Action::Kill(0), FAR]);
    bench.fails(0);
    assert_eq!(bench.act(), vec![Action::Finish]);
}

#[test]
fn otp_s27_brutal_kill_does_not_ask() {
    let mut bench = Bench::up(Strategy::OneForOne, 1, &[(Restart::Always, Shutdown::Kill)]);
    bench.machine.stop();
    assert_eq!(bench.act(), vec![Action::Kill(0), FAR]);
}

#[test]
fn otp_s28_defaults() {
    assert_eq!(Strategy::default(), Strategy::OneForOne);
    assert_eq!(Restart::default(), Restart::Always);
    assert_eq!(Shutdown::default(), Shutdown::Drain(Duration::from_secs(5)));
    assert_eq!(AutoShutdown::default(), AutoShutdown::Never);
    let intensity = Intensity::new();
    assert_eq!((intensity.max_restarts, intensity.window), (1, Duration::from_secs(5).into()));
}

#[test]
fn otp_s38_all_are_stopped_at_the_same_time() {
    let drain = (Restart::Always, Shutdown::Drain(Duration::from_millis(10)));
    let kill = (Restart::Always, Shutdown::Kill);
    let mut bench = Bench::up(Strategy::OneForOne, 1, &[ALWAYS, drain, kill]);
    bench.machine.policy.stop_at_once = true;
    bench.machine.stop();
    let expected = [Action::Kill(2), Action::Stop(1), Action::Stop(0), Action::Wait(now(10))];
    assert_eq!(bench.act(), expected);
    bench.exits(0, End::Stopped);
    bench.now = now(10);
    assert_eq!(bench.act(), vec![Action::Kill(1), FAR]);
    bench.fails(1);
    bench.fails(2);
    assert_eq!(bench.act(), vec![Action::Finish]);
}

#[test]
fn a_supervisor_whose_children_are_all_over_finishes() {
    let mut bench = Bench::up(Strategy::OneForAll, 1, &[NEVER, ON_FAILURE]);
    bench.exits(0, End::Normal);
    assert_eq!(bench.act(), vec![FAR]);
    bench.exits(1, End::Normal);
    assert_eq!(bench.act(), vec![Action::Finish]);
}

#[test]
fn otp_s05_s06_s07_restart_types() {
    for (restart, end, verdict) in [
        (Restart::Always, End::Normal, AT_ONCE),
        (Restart::Always, End::Failed, AT_ONCE),
        (Restart::Always, End::Stopped, Verdict::Over),
        (Restart::OnFailure, End::Normal, Verdict::Down),
        (Restart::OnFailure, End::Failed, AT_ONCE),
        (Restart::OnFailure, End::Stopped, Verdict::Over),
        (Restart::Never, End::Normal, Verdict::Over),
        (Restart::Never, End::Failed, Verdict::Over),
    ] {
        let mut bench = Bench::up(Strategy::RestForOne, 1, &[(restart, Shutdown::Infinite)]);
        assert_eq!(bench.exits(0, end), verdict, "{restart:?} {end:?}");
    }
}
