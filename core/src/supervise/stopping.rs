//! In which order children are brought to their end.

use super::{
    entry::{Entries, Entry, State, Then, later},
    machine::{Action, Machine, Now},
    spec::Shutdown,
};
use crate::time::Instant;

impl Machine {
    /// Children stop in the reverse order, each after the one before is gone, or all at once.
    pub(super) fn next_stop(
        &mut self,
        children: &mut impl Entries,
        now: &mut impl Now,
    ) -> Option<Action> {
        let mut wait = None;
        for child in (0..children.count().min(self.over_from)).rev() {
            let entry = children.entry(child);
            if self.stopping && entry.state == State::Over {
                if wait.is_none() {
                    self.over_from = child;
                }
                continue;
            }
            if !self.stopping && !entry.is_ending() {
                continue;
            }
            match self.stop_one(entry, child, now) {
                Action::Wait(until) if self.stop_at_once && self.stopping => {
                    wait = Some(wait.map_or(until, |wait: Instant| wait.min(until)));
                }
                action => return Some(action),
            }
        }
        wait.map(Action::Wait)
    }

    fn stop_one(&mut self, entry: &mut Entry, child: usize, now: &mut impl Now) -> Action {
        let then = match entry.state {
            State::Pending(_) | State::Down | State::Over => {
                entry.state = State::Over;
                return Action::Retire(child);
            }
            State::Stopping(deadline, _) if deadline > now.now() => return Action::Wait(deadline),
            State::Killed(_) => return Action::Wait(Instant::FAR_FUTURE),
            State::Stopping(_, then) => {
                entry.state = State::Killed(then);
                return Action::Kill(child);
            }
            State::Leaving(then) => then,
            State::Starting | State::Running => {
                self.ending += 1;
                Then::Over
            }
        };
        let deadline = match entry.shutdown {
            Shutdown::Kill => {
                entry.state = State::Killed(then);
                return Action::Kill(child);
            }
            Shutdown::Drain(time) => later(now.now(), time),
            Shutdown::Infinite => Instant::FAR_FUTURE,
        };
        entry.state = State::Stopping(deadline, then);
        match then {
            _ if self.stopping && !self.may_return => Action::Stop(child),
            _ if self.stopping => Action::EndIncarnation(child),
            Then::Over => Action::Stop(child),
            Then::Start(_) | Then::Down => Action::EndIncarnation(child),
        }
    }
}
