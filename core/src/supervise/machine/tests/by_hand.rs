//! Requests for single children.

use super::*;

impl Bench {
    fn answer(&mut self) -> Option<Result<(), Refused>> {
        self.machine.answer.take()
    }

    fn stop_child(&mut self, child: usize) -> bool {
        self.machine.stop_child(&mut self.children, child)
    }

    fn restart_child(&mut self, child: usize) {
        self.machine.restart_child(&mut self.children, child);
    }

    fn delete_child(&mut self, child: usize) -> bool {
        self.machine.delete_child(&mut self.children, child)
    }

    fn add(&mut self, (restart, shutdown): (Restart, Shutdown)) {
        self.children.push(Entry::new(restart, shutdown));
        let last = self.children.len() - 1;
        self.machine.added(&mut self.children, last);
    }

    fn by_hand(strategy: Strategy, max: usize, children: &[(Restart, Shutdown)]) -> Self {
        let mut bench = Self::up(strategy, max, children);
        bench.machine.policy.by_hand = true;
        bench
    }
}

#[test]
fn otp_s23_a_stopped_child_stays_down_and_can_be_restarted() {
    let mut bench = Bench::by_hand(Strategy::OneForOne, 0, &[ALWAYS, ALWAYS]);
    assert!(!bench.stop_child(0));
    assert_eq!(bench.act(), vec![Action::EndIncarnation(0), FAR]);
    assert_eq!(bench.answer(), None, "not yet gone");
    assert_eq!(bench.exits(0, End::Normal), Verdict::Down);
    assert_eq!(bench.answer(), Some(Ok(())));
    assert_eq!(bench.act(), vec![FAR]);
    assert_eq!(bench.states()[0], State::Down);
    bench.stop_child(0);
    assert_eq!(bench.answer(), Some(Ok(())), "it is stopped");

    bench.restart_child(0);
    assert_eq!(bench.act(), starts([0]));
    assert_eq!(bench.answer(), None, "not yet ready");
    bench.ready(0);
    assert_eq!(bench.answer(), Some(Ok(())));
    bench.restart_child(0);
    assert_eq!(bench.answer(), Some(Err(Refused::Running)));
    assert_eq!(bench.machine.restarts(), 0);
}

#[test]
fn otp_s06_s23_a_child_that_has_ended_can_be_restarted() {
    let mut bench = Bench::by_hand(Strategy::OneForOne, 0, &[ON_FAILURE]);
    assert_eq!(bench.exits(0, End::Normal), Verdict::Down);
    assert_eq!(bench.act(), vec![FAR], "it waits for requests");
    bench.restart_child(0);
    assert_eq!(bench.settle(), starts([0]));
}

#[test]
fn otp_s23_a_restart_by_hand_that_fails_leaves_it_down() {
    let mut bench = Bench::by_hand(Strategy::OneForOne, 0, &[ALWAYS]);
    bench.stop_child(0);
    bench.act();
    bench.exits(0, End::Normal);
    bench.answer();
    bench.restart_child(0);
    assert_eq!(bench.act(), starts([0]));
    assert_eq!(bench.fails(0), Verdict::Down);
    assert_eq!(bench.answer(), Some(Err(Refused::StartFailed)));
    assert_eq!((bench.act(), bench.machine.restarts()), (vec![FAR], 0));
}

#[test]
fn otp_s23_a_temporary_child_that_is_stopped_is_gone() {
    let mut bench = Bench::by_hand(Strategy::OneForOne, 0, &[NEVER]);
    bench.stop_child(0);
    assert_eq!(bench.act(), vec![Action::Stop(0), FAR]);
    assert_eq!(bench.exits(0, End::Stopped), Verdict::Over);
    assert_eq!(bench.answer(), Some(Ok(())));
    bench.restart_child(0);
    assert_eq!(bench.answer(), Some(Err(Refused::NotFound)));
}

#[test]
fn otp_s24_an_added_child_is_started_last_and_nothing_is_kept_if_that_fails() {
    let mut bench = Bench::by_hand(Strategy::OneForOne, 0, &[ALWAYS]);
    bench.add(ALWAYS);
    assert_eq!(bench.act(), starts([1]));
    bench.ready(1);
    assert_eq!(bench.answer(), Some(Ok(())));
    bench.add(ALWAYS);
    assert_eq!(bench.act(), starts([2]));
    assert_eq!(bench.fails(2), Verdict::Over);
    assert_eq!(bench.answer(), Some(Err(Refused::StartFailed)));
    assert_eq!(bench.states(), vec![State::Running, State::Running, State::Over]);
    bench.machine.stop();
    assert_eq!(bench.act(), vec![Action::Stop(1), FAR]);
}

#[test]
fn otp_s25_only_what_does_not_run_can_be_deleted() {
    let mut bench = Bench::by_hand(Strategy::OneForOne, 1, &[ALWAYS, ALWAYS]);
    assert!(!bench.delete_child(0));
    assert_eq!(bench.answer(), Some(Err(Refused::Running)));
    bench.fails(1);
    bench.machine.postpone(&mut bench.children, 1, now(7));
    assert!(!bench.delete_child(1));
    assert_eq!(bench.answer(), Some(Err(Refused::Restarting)));
    bench.stop_child(0);
    bench.act();
    bench.exits(0, End::Normal);
    bench.answer();
    assert!(bench.delete_child(0));
    assert_eq!(bench.answer(), Some(Ok(())));
    assert!(!bench.delete_child(0));
    assert_eq!(bench.answer(), Some(Err(Refused::NotFound)));
}

#[test]
fn a_child_that_waits_is_stopped_at_once() {
    let mut bench = Bench::by_hand(Strategy::OneForOne, 1, &[ALWAYS]);
    bench.fails(0);
    bench.machine.postpone(&mut bench.children, 0, now(7));
    bench.stop_child(0);
    assert_eq!(bench.answer(), Some(Ok(())));
    bench.now = now(7);
    assert_eq!(bench.act(), vec![FAR]);
}

#[test]
fn a_supervisor_that_stops_refuses_everything() {
    let mut bench = Bench::by_hand(Strategy::OneForOne, 1, &[ALWAYS]);
    bench.machine.stop();
    bench.stop_child(0);
    assert_eq!(bench.answer(), Some(Err(Refused::Stopping)));
    bench.restart_child(0);
    assert_eq!(bench.answer(), Some(Err(Refused::Stopping)));
    assert!(!bench.delete_child(0));
    assert_eq!(bench.answer(), Some(Err(Refused::Stopping)));
    let entry = Entry::new(Restart::Always, Shutdown::Infinite);
    assert_eq!(bench.machine.may_add(&entry), Err(Refused::Stopping));
}

#[test]
fn what_was_taken_away_moves_the_others_up() {
    let mut bench = Bench::by_hand(Strategy::OneForOne, 1, &[NEVER, ALWAYS]);
    bench.fails(1);
    bench.machine.postpone(&mut bench.children, 1, now(7));
    assert_eq!(bench.act(), vec![Action::Wait(now(7))]);
    bench.exits(0, End::Normal);
    bench.children.remove(0);
    bench.machine.removed(0);
    bench.now = now(7);
    assert_eq!(bench.settle(), starts([0]));
}
