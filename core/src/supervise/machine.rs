//! What a supervisor decides: exits, readiness, requests and the time in, actions out.
//!
//! No futures here, and no table: the entry of each child lies where the child does.

use super::{
    changes::refused::Refused,
    entry::{Entries, Entry, Origin, State, Then},
    intensity::Intensity,
    policy::{Policy, Values},
    spec::{AutoShutdown, Restart, Strategy},
};
use crate::time::Instant;

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

/// The present moment, for whoever needs it: most of what a machine decides takes no time.
pub(super) trait Now {
    /// The same at each call, unless somebody else ran in between.
    fn now(&mut self) -> Instant;
}

impl<N: Now> Now for &mut N {
    fn now(&mut self) -> Instant {
        (**self).now()
    }
}

/// A moment that does not pass.
impl Now for Instant {
    fn now(&mut self) -> Instant {
        *self
    }
}

/// What becomes of a child whose incarnation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is restarted; [`Machine::postpone`] may delay that. `quiet` if it ran for longer than
    /// the restart window.
    Restart { quiet: bool },
    /// It is started again with its group, after this moment.
    Group(Instant),
    /// It does not run; it may be started again.
    Down,
    /// No further incarnation will be started.
    Over,
    /// As `Over`, and since it was significant, the supervisor ends with every child.
    AutoShutdown,
    /// It failed before it was ever ready: the supervisor ends, and every child with it.
    StartFailed,
    /// One restart too many: the supervisor ends, and every child with it.
    GiveUp,
}

/// What is to be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Start(usize),
    /// Ask this child to end for good.
    Stop(usize),
    /// Ask this incarnation to end; there may be another one.
    EndIncarnation(usize),
    Kill(usize),
    /// A child that will not run again; its mailbox can be closed.
    Retire(usize),
    /// Nothing before this moment, unless a child ends or is ready, or something is asked for.
    Wait(Instant),
    /// Every child has ended.
    Finish,
}

pub(super) struct Machine<P = Values> {
    pub(super) policy: P,
    pub(super) intensity: Intensity,
    pub(super) stopping: bool,
    /// The answer to the request that was made last, once it is known.
    pub(super) answer: Option<Result<(), Refused>>,
    /// No child before this one is to be started.
    pub(super) first_pending: usize,
    /// A child was started and is not ready yet; the others wait for it.
    pub(super) starting: bool,
    /// How many children are on their way to an end that was asked for.
    pub(super) ending: usize,
    /// Every child from this one on is over, when the supervisor stops.
    pub(super) over_from: usize,
}

impl<P: Policy> Machine<P> {
    pub(super) const fn new(policy: P, intensity: Intensity) -> Self {
        Self {
            policy,
            intensity,
            stopping: false,
            answer: None,
            first_pending: 0,
            starting: false,
            ending: 0,
            over_from: usize::MAX,
        }
    }

    pub(super) fn restarts(&self) -> usize {
        self.intensity.count()
    }

    /// The supervisor is asked to end, and every child with it.
    pub(super) const fn stop(&mut self) {
        self.stopping = true;
    }

    pub(super) const fn is_stopping(&self) -> bool {
        self.stopping
    }

    /// A child that was started is ready: the one after it can be started.
    ///
    /// False if that was known.
    pub(super) fn ready(&mut self, children: &mut impl Entries, child: usize) -> bool {
        let entry = children.entry(child);
        let news = entry.state == State::Starting;
        if news {
            entry.state = State::Running;
            self.starting = false;
            self.settle(entry, Ok(()));
        }
        news
    }

    /// The start that somebody waited for has come out like this.
    #[inline(never)]
    fn settle(&mut self, entry: &mut Entry, outcome: Result<(), Refused>) {
        entry.origin = Origin::Restart;
        if P::BY_HAND && core::mem::take(&mut entry.asked) {
            self.answer = Some(outcome);
        }
    }

    /// A child's incarnation is gone, its destructors included.
    pub(super) fn exited(
        &mut self,
        children: &mut impl Entries,
        child: usize,
        end: End,
        mut now: impl Now,
    ) -> Verdict {
        let entry = children.entry(child);
        let was = entry.state;
        match was {
            State::Starting => self.starting = false,
            State::Leaving(_) | State::Stopping(_) | State::Killed(_) => self.ending -= 1,
            _ => {}
        }
        if self.stopping {
            entry.state = State::Over;
            return Verdict::Over;
        }
        match was {
            // It ended for good before it could be asked to.
            State::Leaving(_) if P::STOPS_SOME && end == End::Stopped => self.over(entry),
            State::Leaving(then) | State::Stopping(then) | State::Killed(then) if P::STOPS_SOME => {
                self.left(entry, child, then)
            }
            State::Starting => match end {
                End::Normal => {
                    // OTP's `ignore`: nothing runs, which is no failure.
                    self.settle(entry, Ok(()));
                    self.down_or_over(entry)
                }
                End::Stopped => self.over(entry),
                End::Failed => match entry.origin {
                    Origin::First => {
                        entry.state = State::Over;
                        self.stopping = true;
                        Verdict::StartFailed
                    }
                    Origin::Added if P::BY_HAND => {
                        self.settle(entry, Err(Refused::StartFailed));
                        self.over(entry)
                    }
                    Origin::ByHand if P::BY_HAND => {
                        self.settle(entry, Err(Refused::StartFailed));
                        self.down_or_over(entry)
                    }
                    _ => self.restart(children, child, now.now()),
                },
            },
            _ => {
                let again = match (entry.restart, end) {
                    (Restart::Never, _) | (_, End::Stopped) => false,
                    (Restart::OnFailure, end) => end == End::Failed,
                    (Restart::Always, _) => true,
                };
                if again {
                    return self.restart(children, child, now.now());
                }
                let significant = entry.significant;
                let verdict = match end {
                    End::Stopped => self.over(entry),
                    _ => self.down_or_over(entry),
                };
                if significant && self.ends_with(children) {
                    children.entry(child).state = State::Over;
                    self.stopping = true;
                    return Verdict::AutoShutdown;
                }
                verdict
            }
        }
    }

    /// Whether the end of a significant child is the end of all.
    fn ends_with(&self, children: &mut impl Entries) -> bool {
        match self.policy.auto_shutdown() {
            AutoShutdown::Never => false,
            AutoShutdown::AnySignificant => true,
            AutoShutdown::AllSignificant => !(0..children.count()).any(|at| {
                let entry = children.entry(at);
                entry.significant && !matches!(entry.state, State::Down | State::Over)
            }),
        }
    }

    /// An end that was asked for has come.
    fn left(&mut self, entry: &mut Entry, child: usize, then: Then) -> Verdict {
        match then {
            Then::Start => {
                entry.state = State::Pending;
                self.first_pending = self.first_pending.min(child);
                Verdict::Group(entry.after)
            }
            Then::Down => {
                self.settle(entry, Ok(()));
                entry.state = State::Down;
                Verdict::Down
            }
            Then::Over => self.over(entry),
        }
    }

    fn over(&mut self, entry: &mut Entry) -> Verdict {
        self.settle(entry, Ok(()));
        entry.state = State::Over;
        Verdict::Over
    }

    /// It does not run any more; only if something could start it again its specification stays.
    fn down_or_over(&mut self, entry: &mut Entry) -> Verdict {
        let may_return = self.policy.is_by_hand() || self.policy.strategy() != Strategy::OneForOne;
        if self.policy.forgets() || entry.restart == Restart::Never || !may_return {
            return self.over(entry);
        }
        entry.state = State::Down;
        Verdict::Down
    }

    /// A child needs a restart, and others with it.
    fn restart(&mut self, children: &mut impl Entries, child: usize, now: Instant) -> Verdict {
        if !self.intensity.restart(now) {
            children.entry(child).state = State::Over;
            self.stopping = true;
            return Verdict::GiveUp;
        }
        for at in self.policy.strategy().group(child, children.count()) {
            if at != child {
                self.regroup(children.entry(at), now);
            }
        }
        let entry = children.entry(child);
        entry.start(now);
        self.first_pending =
            self.first_pending.min(self.policy.strategy().group(child, child + 1).start);
        Verdict::Restart { quiet: self.intensity.window.is_over(entry.started, now) }
    }

    /// A sibling has to be restarted with the child that failed.
    fn regroup(&mut self, entry: &mut Entry, now: Instant) {
        let temporary = entry.restart == Restart::Never;
        let then = if temporary { Then::Over } else { Then::Start };
        match &mut entry.state {
            State::Starting | State::Running => {
                if entry.state == State::Starting {
                    self.starting = false;
                }
                entry.state = State::Leaving(then);
                entry.after = now;
                self.ending += 1;
            }
            // Who asked for its end gets it; then it starts with the others.
            State::Leaving(old) | State::Stopping(old) | State::Killed(old) => {
                if *old != Then::Over {
                    *old = then;
                    entry.after = now;
                    if core::mem::take(&mut entry.asked) {
                        self.answer = Some(Ok(()));
                    }
                }
            }
            State::Down => entry.start(now),
            State::Pending => entry.after = now.max(entry.after),
            State::Over => {}
        }
    }

    /// The restart that was decided on last, of `child` and its group, is not made before `after`.
    pub(super) fn postpone(&mut self, children: &mut impl Entries, child: usize, after: Instant) {
        for at in self.policy.strategy().group(child, children.count()) {
            // Whether it is to start or not: when it is next to, the moment is set anew.
            let entry = children.entry(at);
            entry.after = after.max(entry.after);
        }
    }

    /// What to do now; the driver does it and asks again until it is told to wait or finish.
    pub(super) fn next(&mut self, children: &mut impl Entries, mut now: impl Now) -> Action {
        if (self.stopping || P::STOPS_SOME && self.ending > 0)
            && let Some(action) = self.next_stop(children, &mut now)
        {
            return action;
        }
        if self.stopping { Action::Finish } else { self.next_start(children, &mut now) }
    }

    /// Children start in the order in which they were added, each when the one before is ready.
    fn next_start(&mut self, children: &mut impl Entries, now: &mut impl Now) -> Action {
        if self.starting {
            return Action::Wait(Instant::FAR_FUTURE);
        }
        let mut wait = Instant::FAR_FUTURE;
        let mut waits = false;
        for child in self.first_pending..children.count() {
            let entry = children.entry(child);
            match entry.state {
                State::Pending if entry.after <= now.now() => {
                    entry.state = State::Starting;
                    entry.started = now.now();
                    entry.incarnations += 1;
                    self.starting = true;
                    return Action::Start(child);
                }
                State::Pending => {
                    wait = wait.min(entry.after);
                    waits = true;
                    if self.policy.strategy() != Strategy::OneForOne {
                        break; // those after it start after it
                    }
                }
                _ if !waits => self.first_pending = child + 1,
                _ => {}
            }
        }
        let idle = !waits
            && !self.policy.is_by_hand()
            && (0..children.count())
                .all(|at| matches!(children.entry(at).state, State::Down | State::Over));
        if idle { Action::Finish } else { Action::Wait(wait) }
    }
}

#[cfg(test)]
mod tests;
