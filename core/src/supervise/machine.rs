//! What a supervisor decides: exits, requests and the time in, actions out. No futures here.

use super::{
    intensity::Intensity,
    spec::{Restart, Shutdown},
};
use crate::{sync, time::Instant};

/// How a child's incarnation ended, as far as supervision cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// By itself, without a failure.
    Normal,
    /// For good, since it was asked to.
    Stopped,
    /// By an error, a panic, a kill or a refusal of the executor.
    Failed,
}

/// What becomes of a child whose incarnation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Another incarnation will be started.
    Restart,
    /// No further incarnation will be started.
    Over,
    /// One restart too many: the supervisor ends, and every child with it.
    GiveUp,
}

/// What is to be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Start(usize),
    /// Ask this child to end.
    Stop(usize),
    Kill(usize),
    /// A child that will not run again; its mailbox can be closed.
    Retire(usize),
    /// Nothing before this moment, unless a child ends or a stop is asked for.
    Wait(Instant),
    /// Every child has ended.
    Finish,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// To be started.
    Pending,
    Running,
    /// Asked to end; to be killed at that moment.
    Stopping(Instant),
    /// Killed, not yet gone.
    Killed,
    Over,
}

struct Entry {
    restart: Restart,
    shutdown: Shutdown,
    state: State,
}

pub(super) struct Machine {
    children: sync::Table<Entry>,
    /// No child before this one is to be started.
    first_pending: usize,
    intensity: Intensity,
    stopping: bool,
}

impl Machine {
    pub(super) fn new(intensity: Intensity) -> Self {
        Self { children: sync::Table::new(), first_pending: 0, intensity, stopping: false }
    }

    /// Adds a child after those before; it is started after them. False if there is no room.
    pub(super) fn add(&mut self, restart: Restart, shutdown: Shutdown) -> bool {
        let entry = Entry { restart, shutdown, state: State::Pending };
        sync::push(&mut self.children, entry).is_ok()
    }

    pub(super) fn restarts(&self) -> usize {
        self.intensity.count()
    }

    /// Whether this child has been started and has not ended.
    pub(super) fn is_alive(&self, child: usize) -> bool {
        matches!(self.children[child].state, State::Running | State::Stopping(_) | State::Killed)
    }

    /// The supervisor is asked to end, and every child with it.
    pub(super) fn stop(&mut self) {
        self.stopping = true;
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.stopping
    }

    /// A child's incarnation is gone, its destructors included.
    pub(super) fn exited(&mut self, child: usize, end: End, now: Instant) -> Verdict {
        let entry = &mut self.children[child];
        entry.state = State::Over;
        let again = match (entry.restart, end) {
            (Restart::Never, _) | (_, End::Stopped) => false,
            (Restart::OnFailure, end) => end == End::Failed,
            (Restart::Always, _) => true,
        };
        if self.stopping || !again {
            return Verdict::Over;
        }
        if !self.intensity.restart(now) {
            self.stopping = true;
            return Verdict::GiveUp;
        }
        entry.state = State::Pending;
        self.first_pending = self.first_pending.min(child);
        Verdict::Restart
    }

    /// What to do now; the driver does it and asks again until it is told to wait or finish.
    pub(super) fn next(&mut self, now: Instant) -> Action {
        if self.stopping { self.next_stop(now) } else { self.next_start() }
    }

    /// Children start in the order in which they were added.
    fn next_start(&mut self) -> Action {
        while let Some(entry) = self.children.get_mut(self.first_pending) {
            let child = self.first_pending;
            self.first_pending += 1;
            if entry.state == State::Pending {
                entry.state = State::Running;
                return Action::Start(child);
            }
        }
        if self.children.iter().all(|entry| entry.state == State::Over) {
            return Action::Finish;
        }
        Action::Wait(Instant::FAR_FUTURE)
    }

    /// Children stop in the reverse order, each after the one before is gone.
    fn next_stop(&mut self, now: Instant) -> Action {
        let Some(child) = self.children.iter().rposition(|entry| entry.state != State::Over) else {
            return Action::Finish;
        };
        let entry = &mut self.children[child];
        match entry.state {
            State::Pending => {
                entry.state = State::Over;
                Action::Retire(child)
            }
            State::Running if entry.shutdown == Shutdown::Kill => {
                entry.state = State::Killed;
                Action::Kill(child)
            }
            State::Running => {
                entry.state = State::Stopping(match entry.shutdown {
                    Shutdown::Drain(time) => now.saturating_add(time),
                    Shutdown::Infinite | Shutdown::Kill => Instant::FAR_FUTURE,
                });
                Action::Stop(child)
            }
            State::Stopping(deadline) if deadline <= now => {
                entry.state = State::Killed;
                Action::Kill(child)
            }
            State::Stopping(deadline) => Action::Wait(deadline),
            State::Killed | State::Over => Action::Wait(Instant::FAR_FUTURE),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{vec, vec::Vec};
    use core::time::Duration;

    fn machine(max: usize, children: &[(Restart, Shutdown)]) -> Machine {
        let intensity = Intensity { max_restarts: max, ..Intensity::new() };
        let mut machine = Machine::new(intensity);
        for &(restart, shutdown) in children {
            assert!(machine.add(restart, shutdown));
        }
        machine
    }

    fn now(ms: u64) -> Instant {
        Instant::from_nanos(ms * 1_000_000)
    }

    /// Everything to be done at once at `at`.
    fn actions(machine: &mut Machine, at: Instant) -> Vec<Action> {
        let mut actions = vec![];
        loop {
            match machine.next(at) {
                action @ (Action::Wait(_) | Action::Finish) => {
                    actions.push(action);
                    return actions;
                }
                action => actions.push(action),
            }
        }
    }

    const FAR: Action = Action::Wait(Instant::FAR_FUTURE);
    const ALWAYS: (Restart, Shutdown) = (Restart::Always, Shutdown::Infinite);

    #[test]
    fn otp_s01_children_start_in_order() {
        let mut machine = machine(1, &[ALWAYS; 3]);
        let expected = vec![Action::Start(0), Action::Start(1), Action::Start(2), FAR];
        assert_eq!(actions(&mut machine, now(0)), expected);
    }

    #[test]
    fn otp_s02_children_stop_in_reverse_one_at_a_time() {
        let mut machine = machine(1, &[ALWAYS; 3]);
        actions(&mut machine, now(0));
        machine.stop();
        for child in [2, 1, 0] {
            assert_eq!(actions(&mut machine, now(0)), vec![Action::Stop(child), FAR]);
            assert_eq!(machine.exited(child, End::Stopped, now(0)), Verdict::Over);
        }
        assert_eq!(actions(&mut machine, now(0)), vec![Action::Finish]);
    }

    #[test]
    fn otp_s05_s06_s07_restart_types() {
        for (restart, end, verdict) in [
            (Restart::Always, End::Normal, Verdict::Restart),
            (Restart::Always, End::Failed, Verdict::Restart),
            (Restart::Always, End::Stopped, Verdict::Over),
            (Restart::OnFailure, End::Normal, Verdict::Over),
            (Restart::OnFailure, End::Failed, Verdict::Restart),
            (Restart::OnFailure, End::Stopped, Verdict::Over),
            (Restart::Never, End::Normal, Verdict::Over),
            (Restart::Never, End::Failed, Verdict::Over),
        ] {
            let mut machine = machine(1, &[(restart, Shutdown::Infinite)]);
            actions(&mut machine, now(0));
            assert_eq!(machine.exited(0, end, now(0)), verdict, "{restart:?} {end:?}");
        }
    }

    #[test]
    fn otp_s08_one_for_one_touches_nobody_else() {
        let mut machine = machine(1, &[ALWAYS; 3]);
        actions(&mut machine, now(0));
        assert_eq!(machine.exited(1, End::Failed, now(0)), Verdict::Restart);
        assert_eq!(actions(&mut machine, now(0)), vec![Action::Start(1), FAR]);
    }

    #[test]
    fn otp_s14_s17_giving_up_stops_the_survivors_in_reverse() {
        let mut machine = machine(2, &[ALWAYS; 3]);
        actions(&mut machine, now(0));
        for verdict in [Verdict::Restart, Verdict::Restart, Verdict::GiveUp] {
            assert_eq!(machine.exited(1, End::Failed, now(0)), verdict);
            if verdict == Verdict::Restart {
                actions(&mut machine, now(0));
            }
        }
        assert_eq!(actions(&mut machine, now(0)), vec![Action::Stop(2), FAR]);
        machine.exited(2, End::Stopped, now(0));
        assert_eq!(actions(&mut machine, now(0)), vec![Action::Stop(0), FAR]);
        machine.exited(0, End::Stopped, now(0));
        assert_eq!(machine.next(now(0)), Action::Finish);
    }

    #[test]
    fn otp_s15_the_count_is_the_supervisors() {
        let mut machine = machine(1, &[ALWAYS; 2]);
        actions(&mut machine, now(0));
        assert_eq!(machine.exited(0, End::Failed, now(0)), Verdict::Restart);
        assert_eq!(machine.exited(1, End::Failed, now(0)), Verdict::GiveUp);
    }

    #[test]
    fn otp_s20_exits_that_need_no_restart_count_nothing() {
        let mut machine = machine(1, &[(Restart::OnFailure, Shutdown::Infinite), ALWAYS]);
        actions(&mut machine, now(0));
        assert_eq!(machine.exited(0, End::Normal, now(0)), Verdict::Over);
        assert_eq!(machine.exited(1, End::Failed, now(0)), Verdict::Restart);
    }

    #[test]
    fn otp_s26_a_child_that_does_not_stop_in_time_is_killed() {
        let drain = (Restart::Always, Shutdown::Drain(Duration::from_millis(10)));
        let mut machine = machine(1, &[drain]);
        actions(&mut machine, now(0));
        machine.stop();
        assert_eq!(actions(&mut machine, now(5)), vec![Action::Stop(0), Action::Wait(now(15))]);
        assert_eq!(actions(&mut machine, now(14)), vec![Action::Wait(now(15))]);
        assert_eq!(actions(&mut machine, now(15)), vec![Action::Kill(0), FAR]);
        machine.exited(0, End::Failed, now(15));
        assert_eq!(machine.next(now(15)), Action::Finish);
    }

    #[test]
    fn otp_s27_brutal_kill_does_not_ask() {
        let mut machine = machine(1, &[(Restart::Always, Shutdown::Kill)]);
        actions(&mut machine, now(0));
        machine.stop();
        assert_eq!(actions(&mut machine, now(0)), vec![Action::Kill(0), FAR]);
    }

    #[test]
    fn a_supervisor_whose_children_are_all_over_finishes() {
        let mut machine = machine(1, &[(Restart::Never, Shutdown::Infinite); 2]);
        actions(&mut machine, now(0));
        machine.exited(0, End::Normal, now(0));
        assert_eq!(machine.next(now(0)), FAR);
        machine.exited(1, End::Failed, now(0));
        assert_eq!(machine.next(now(0)), Action::Finish);
    }

    proptest::proptest! {
        /// Whatever children do and whenever a stop is asked for: no child is started while it
        /// runs, restarts keep within the window, and a stop ends with every child gone.
        #[test]
        fn laws(
            max in 0usize..4,
            kinds in proptest::collection::vec((0u8..3, 0u8..3), 0..6),
            script in proptest::collection::vec((0usize..6, 0u8..4, 0u64..4000), 0..60),
        ) {
            let children: Vec<_> = kinds.iter().map(|&(restart, shutdown)| (
                [Restart::Never, Restart::OnFailure, Restart::Always][restart as usize],
                [Shutdown::Drain(Duration::from_millis(5)), Shutdown::Infinite, Shutdown::Kill]
                    [shutdown as usize],
            )).collect();
            let mut machine = machine(max, &children);
            let mut alive = vec![false; children.len()];
            let mut restarted: Vec<u64> = vec![];
            let mut at = 0;
            let run = |machine: &mut Machine, alive: &mut Vec<bool>, at| {
                for action in actions(machine, now(at)) {
                    match action {
                        Action::Start(child) => {
                            proptest::prop_assert!(!alive[child]);
                            alive[child] = true;
                        }
                        Action::Stop(child) | Action::Kill(child) => {
                            proptest::prop_assert!(alive[child]);
                            proptest::prop_assert!(alive[child + 1..].iter().all(|alive| !alive));
                        }
                        Action::Retire(child) => proptest::prop_assert!(!alive[child]),
                        Action::Finish => {
                            proptest::prop_assert!(alive.iter().all(|alive| !alive));
                        }
                        Action::Wait(_) => {}
                    }
                }
                Ok(())
            };
            run(&mut machine, &mut alive, at)?;
            for (child, end, step) in script {
                at += step;
                if end == 3 {
                    machine.stop();
                } else if alive.get(child) == Some(&true) {
                    alive[child] = false;
                    let end = [End::Normal, End::Stopped, End::Failed][end as usize];
                    if machine.exited(child, end, now(at)) == Verdict::Restart {
                        restarted.push(at);
                        let within = restarted.iter().filter(|&&then| at - then <= 5000).count();
                        proptest::prop_assert!(within <= max);
                    }
                }
                run(&mut machine, &mut alive, at)?;
            }
            machine.stop();
            for _ in 0..=2 * children.len() {
                run(&mut machine, &mut alive, at)?;
                if let Some(child) = alive.iter().rposition(|&alive| alive) {
                    alive[child] = false;
                    machine.exited(child, End::Stopped, now(at));
                }
            }
            proptest::prop_assert_eq!(machine.next(now(at)), Action::Finish);
        }
    }
}
