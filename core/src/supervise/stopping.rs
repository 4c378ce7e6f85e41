//! In which order children are brought to their end.

use super::{
    entry::{Entries, Entry, State, Then},
    machine::{Action, Machine, Now},
    policy::Policy,
};
use crate::time::Instant;

impl<P: Policy> Machine<P> {
    /// Children stop in the reverse order, each after the one before is gone, or all at once.
    pub(super) fn next_stop(
        &mut self,
        children: &mut impl Entries,
        now: &mut impl Now,
    ) -> Option<Action> {
        let all = self.stopping || !P::STOPS_SOME;
        let mut wait = None;
        for child in (0..children.count().min(self.over_from)).rev() {
            let entry = children.entry(child);
            if all && entry.state == State::Over {
                if wait.is_none() {
                    self.over_from = child;
                }
                continue;
            }
            if !all && !entry.is_ending() {
                continue;
            }
            match self.stop_one(entry, child, now) {
                Action::Wait(until) if self.policy.stops_at_once() && self.stopping => {
                    wait = Some(wait.map_or(until, |wait: Instant| wait.min(until)));
                }
                action => return Some(action),
            }
        }
        wait.map(Action::Wait)
    }

    fn stop_one(&mut self, entry: &mut Entry, child: usize, now: &mut impl Now) -> Action {
        let then = match entry.state {
            State::Pending | State::Down | State::Over => {
                entry.state = State::Over;
                return Action::Retire(child);
            }
            State::Stopping(_) if P::ASKS && entry.deadline > now.now() => {
                return Action::Wait(entry.deadline);
            }
            State::Killed(_) => return Action::Wait(Instant::FAR_FUTURE),
            State::Stopping(then) if P::ASKS => {
                entry.state = State::Killed(then);
                return Action::Kill(child);
            }
            State::Leaving(then) if P::STOPS_SOME => then,
            _ => {
                self.ending += 1;
                Then::Over
            }
        };
        let patience = self.policy.patience(entry.patience);
        if patience.is_none() {
            entry.state = State::Killed(then);
            return Action::Kill(child);
        }
        entry.deadline = patience.lasts_until(|| now.now());
        entry.state = State::Stopping(then);
        match then {
            _ if self.stopping && !self.policy.may_return() => Action::Stop(child),
            _ if self.stopping => Action::EndIncarnation(child),
            Then::Over => Action::Stop(child),
            Then::Start | Then::Down => Action::EndIncarnation(child),
        }
    }
}
