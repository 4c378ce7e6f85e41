//! Which children are restarted when one has failed.

use super::*;

#[test]
fn otp_s08_one_for_one_touches_nobody_else() {
    let mut bench = Bench::up(Strategy::OneForOne, 1, &[ALWAYS; 3]);
    assert_eq!(bench.fails(1), AT_ONCE);
    assert_eq!(bench.settle(), starts([1]));
}

/// Everything that a failure of child 1 of four leads to, each child ending when it is asked to.
fn failure_of_the_second(strategy: Strategy) -> Vec<Action> {
    let mut bench = Bench::up(strategy, 1, &[ALWAYS; 4]);
    assert_eq!(bench.fails(1), AT_ONCE);
    let mut all = vec![];
    loop {
        let actions = bench.settle();
        let last = actions[0];
        all.extend(actions.into_iter().filter(|action| *action != FAR));
        let Action::EndIncarnation(child) = last else { return all };
        assert_eq!(bench.exits(child, End::Normal), Verdict::Group(now(0)));
    }
}

#[test]
fn otp_s09_one_for_all_stops_the_others_in_reverse_then_starts_all() {
    let mut expected = [3, 2, 0].map(Action::EndIncarnation).to_vec();
    expected.extend([0, 1, 2, 3].map(Action::Start));
    assert_eq!(failure_of_the_second(Strategy::OneForAll), expected);
}

#[test]
fn otp_s10_rest_for_one_stops_and_starts_those_after_it() {
    let mut expected = [3, 2].map(Action::EndIncarnation).to_vec();
    expected.extend([1, 2, 3].map(Action::Start));
    assert_eq!(failure_of_the_second(Strategy::RestForOne), expected);
}

#[test]
fn otp_s11_an_exit_without_a_restart_leaves_siblings_alone() {
    for strategy in [Strategy::OneForOne, Strategy::OneForAll, Strategy::RestForOne] {
        let mut bench = Bench::up(strategy, 0, &[ON_FAILURE, NEVER, ALWAYS]);
        bench.exits(0, End::Normal);
        bench.fails(1);
        assert_eq!(bench.act(), vec![FAR], "{strategy:?}");
    }
}

#[test]
fn otp_s12_a_temporary_sibling_does_not_come_back() {
    let mut bench = Bench::up(Strategy::OneForAll, 1, &[ALWAYS, NEVER, ALWAYS]);
    bench.fails(0);
    assert_eq!(bench.act(), vec![Action::EndIncarnation(2), FAR]);
    bench.exits(2, End::Normal);
    assert_eq!(bench.act(), vec![Action::Stop(1), FAR], "for good");
    assert_eq!(bench.exits(1, End::Stopped), Verdict::Over);
    assert_eq!(bench.settle(), starts([0, 2]));
}

#[test]
fn otp_s13_a_group_restart_starts_those_that_had_ended_or_were_stopped() {
    let mut bench = Bench::up(Strategy::OneForAll, 1, &[ALWAYS, ON_FAILURE, ALWAYS]);
    assert_eq!(bench.exits(1, End::Normal), Verdict::Down);
    bench.machine.stop_child(&mut bench.children, 2);
    assert_eq!(bench.act(), vec![Action::EndIncarnation(2), FAR]);
    assert_eq!(bench.exits(2, End::Normal), Verdict::Down);
    bench.fails(0);
    assert_eq!(bench.settle(), starts([0, 1, 2]));
}

#[test]
fn who_was_stopped_for_good_is_not_started_with_its_group() {
    let mut bench = Bench::up(Strategy::OneForAll, 1, &[ALWAYS; 3]);
    assert_eq!(bench.exits(1, End::Stopped), Verdict::Over);
    bench.fails(0);
    assert_eq!(bench.exits(2, End::Stopped), Verdict::Over, "before it was asked to end");
    assert_eq!(bench.settle(), starts([0]));
}

#[test]
fn otp_s22_a_failed_start_within_a_group_is_retried_by_strategy() {
    // Those already up stay, and are not started again.
    let mut bench = Bench::up(Strategy::RestForOne, 3, &[ALWAYS; 3]);
    bench.fails(0);
    for child in [2, 1] {
        assert_eq!(bench.act(), vec![Action::EndIncarnation(child), FAR]);
        bench.exits(child, End::Normal);
    }
    assert_eq!(bench.act(), starts([0]));
    bench.ready(0);
    for verdict in [AT_ONCE, AT_ONCE, Verdict::GiveUp] {
        assert_eq!(bench.act(), starts([1]));
        assert_eq!(bench.fails(1), verdict);
    }
    assert_eq!(bench.act(), vec![Action::Retire(2), Action::Stop(0), FAR]);

    // All of them again, those already up included.
    let mut bench = Bench::up(Strategy::OneForAll, 3, &[ALWAYS; 2]);
    bench.fails(0);
    assert_eq!(bench.act(), vec![Action::EndIncarnation(1), FAR]);
    bench.exits(1, End::Normal);
    assert_eq!(bench.act(), starts([0]));
    bench.ready(0);
    assert_eq!(bench.act(), starts([1]));
    assert_eq!(bench.fails(1), AT_ONCE);
    assert_eq!(bench.act(), vec![Action::EndIncarnation(0), FAR]);
    bench.exits(0, End::Normal);
    assert_eq!(bench.settle(), starts([0, 1]));
}

#[test]
fn otp_s39_a_second_failure_while_the_group_stops_costs_nothing() {
    let mut bench = Bench::up(Strategy::OneForAll, 1, &[ALWAYS; 3]);
    assert_eq!(bench.fails(0), AT_ONCE);
    assert_eq!(bench.fails(1), Verdict::Group(now(0)));
    assert_eq!(bench.act(), vec![Action::EndIncarnation(2), FAR]);
    assert_eq!(bench.fails(2), Verdict::Group(now(0)));
    assert_eq!(bench.settle(), starts([0, 1, 2]));
    assert_eq!(bench.machine.restarts(), 1);
}
