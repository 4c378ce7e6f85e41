//! What is done with single children because somebody asked for it.
//!
//! One request at a time, as in OTP; `answer` is set when it is done with, which may be at once.

use super::refused::Refused;
use crate::supervise::{
    entry::{Entries, Entry, Origin, State, Then},
    machine::Machine,
    policy::Policy,
    spec::{AutoShutdown, Restart},
};
use crate::time::Instant;

impl<P: Policy> Machine<P> {
    /// Stops a child, which keeps its specification unless it is temporary; it counts nothing.
    ///
    /// True if it is gone for good and did not run.
    pub(in crate::supervise) fn stop_child(
        &mut self,
        children: &mut impl Entries,
        child: usize,
    ) -> bool {
        if self.refuses() {
            return false;
        }
        let entry = children.entry(child);
        let temporary = self.policy.forgets() || entry.restart == Restart::Never;
        let then = if temporary { Then::Over } else { Then::Down };
        match &mut entry.state {
            State::Over => self.answer = Some(Err(Refused::NotFound)),
            State::Down => self.answer = Some(Ok(())),
            State::Pending => {
                entry.state = if temporary { State::Over } else { State::Down };
                self.answer = Some(Ok(()));
                return temporary;
            }
            State::Starting | State::Running => {
                if entry.state == State::Starting {
                    self.starting = false;
                }
                entry.state = State::Leaving(then);
                entry.asked = true;
                self.ending += 1;
            }
            State::Leaving(old) | State::Stopping(old) | State::Killed(old) => {
                if *old != Then::Over {
                    *old = then;
                }
                entry.asked = true;
            }
        }
        false
    }

    /// Starts a child that does not run.
    pub(in crate::supervise) fn restart_child(
        &mut self,
        children: &mut impl Entries,
        child: usize,
    ) {
        if self.refuses() {
            return;
        }
        let entry = children.entry(child);
        match entry.state {
            State::Down => {
                entry.start(Instant::EPOCH);
                entry.origin = Origin::ByHand;
                entry.asked = true;
                self.first_pending = self.first_pending.min(child);
            }
            _ => self.answer = Some(Err(in_the_way(entry))),
        }
    }

    /// Removes a child that does not run; true if it is gone for good.
    pub(in crate::supervise) fn delete_child(
        &mut self,
        children: &mut impl Entries,
        child: usize,
    ) -> bool {
        if self.refuses() {
            return false;
        }
        let entry = children.entry(child);
        let stopped = entry.state == State::Down;
        self.answer = Some(if stopped {
            entry.state = State::Over;
            Ok(())
        } else {
            Err(in_the_way(entry))
        });
        stopped
    }

    /// Whether a child like this may be added while the supervisor runs.
    pub(in crate::supervise) fn may_add(&self, entry: &Entry) -> Result<(), Refused> {
        if self.stopping {
            return Err(Refused::Stopping);
        }
        let fits =
            self.policy.auto_shutdown() != AutoShutdown::Never && entry.restart != Restart::Always;
        if entry.significant && !fits { Err(Refused::Significant) } else { Ok(()) }
    }

    /// A child was added after all others; it is started.
    pub(in crate::supervise) fn added(&mut self, children: &mut impl Entries, child: usize) {
        let entry = children.entry(child);
        entry.start(Instant::EPOCH);
        entry.origin = Origin::Added;
        entry.added = true;
        entry.asked = true;
        self.first_pending = self.first_pending.min(child);
    }

    /// A child that was over was taken away; those after it have moved up.
    pub(in crate::supervise) const fn removed(&mut self, child: usize) {
        if child < self.first_pending {
            self.first_pending -= 1;
        }
    }

    /// A supervisor that stops refuses everything.
    fn refuses(&mut self) -> bool {
        if self.stopping {
            self.answer = Some(Err(Refused::Stopping));
        }
        self.stopping
    }
}

/// Why a child that is in this state can be neither started nor removed.
const fn in_the_way(entry: &Entry) -> Refused {
    match entry.state {
        State::Over => Refused::NotFound,
        State::Starting | State::Running => Refused::Running,
        _ => Refused::Restarting,
    }
}
