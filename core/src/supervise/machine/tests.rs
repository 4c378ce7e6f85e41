//! The statements about OTP that are decided without futures, as tables.

use super::*;
use crate::supervise::{entry::later, spec::Shutdown};
use alloc::{vec, vec::Vec};
use core::time::Duration;

mod by_hand;
mod fixed;
mod intensity;
mod laws;
mod starting;
mod strategies;

/// Entries in a row, as the children of a supervisor keep them.
impl Entries for Vec<Entry> {
    fn count(&mut self) -> usize {
        self.len()
    }

    fn entry(&mut self, at: usize) -> &mut Entry {
        &mut self[at]
    }
}

/// A machine, its children, and the time.
struct Bench {
    machine: Machine,
    children: Vec<Entry>,
    now: Instant,
}

const FAR: Action = Action::Wait(Instant::FAR_FUTURE);
const ALWAYS: (Restart, Shutdown) = (Restart::Always, Shutdown::Infinite);
const ON_FAILURE: (Restart, Shutdown) = (Restart::OnFailure, Shutdown::Infinite);
const NEVER: (Restart, Shutdown) = (Restart::Never, Shutdown::Infinite);
const AT_ONCE: Verdict = Verdict::Restart { quiet: false };

fn now(ms: u64) -> Instant {
    Instant::from_nanos(ms * 1_000_000)
}

impl Bench {
    fn new(strategy: Strategy, max: usize, children: &[(Restart, Shutdown)]) -> Self {
        let intensity = Intensity { max_restarts: max, ..Intensity::new() };
        let children =
            children.iter().map(|&(restart, shutdown)| Entry::new(restart, shutdown)).collect();
        Self { machine: Machine::new(Values::new(strategy), intensity), children, now: now(0) }
    }

    /// The same with every child up.
    fn up(strategy: Strategy, max: usize, children: &[(Restart, Shutdown)]) -> Self {
        let mut bench = Self::new(strategy, max, children);
        bench.settle();
        bench
    }

    /// Everything to be done now, until a child has to end or to become ready.
    fn act(&mut self) -> Vec<Action> {
        let mut actions = vec![];
        loop {
            let action = self.machine.next(&mut self.children, self.now);
            actions.push(action);
            if matches!(action, Action::Wait(_) | Action::Finish) {
                return actions;
            }
        }
    }

    /// As `act`, where every child is ready as soon as it has been started.
    fn settle(&mut self) -> Vec<Action> {
        let mut actions = vec![];
        loop {
            let action = self.machine.next(&mut self.children, self.now);
            actions.push(action);
            match action {
                Action::Start(child) => self.ready(child),
                Action::Wait(_) | Action::Finish => return actions,
                _ => {}
            }
        }
    }

    fn ready(&mut self, child: usize) {
        self.machine.ready(&mut self.children, child);
    }

    fn exits(&mut self, child: usize, end: End) -> Verdict {
        self.machine.exited(&mut self.children, child, end, self.now)
    }

    fn fails(&mut self, child: usize) -> Verdict {
        self.exits(child, End::Failed)
    }

    fn states(&self) -> Vec<State> {
        self.children.iter().map(|entry| entry.state).collect()
    }
}

fn starts(children: impl IntoIterator<Item = usize>) -> Vec<Action> {
    children.into_iter().map(Action::Start).chain([FAR]).collect()
}
