//! What to do after an error: a state machine without clock or future.

use super::{error::Cause, jitter::Jittered, judge::Retry};
use crate::time::Instant;
use core::{num::NonZeroU32, time::Duration};

/// The calls of one run so far, and what to do after the next error.
///
/// Made by [`Policy::start`](super::Policy::start), for those who drive it without futures;
/// [`Policy::run`](super::Policy::run) is built on it.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use klaw::{Instant, retry::{Backoff, Cause, Decision, Retry, retry}};
///
/// const S: Duration = Duration::from_secs(1);
/// let policy = retry(Backoff::constant(S)).budget(S * 5);
/// let mut attempts = policy.start(Instant::EPOCH);
/// let later = Instant::EPOCH.saturating_add(S * 3);
/// assert_eq!(attempts.failed(later, Retry::Yes), Decision::Wait(S));
/// // The server asks for more time than there is.
/// assert_eq!(attempts.failed(later, Retry::After(S * 3)), Decision::GiveUp(Cause::Budget));
/// ```
#[derive(Clone, Debug)]
pub struct Attempts<S> {
    schedule: S,
    jittered: Jittered,
    began: Instant,
    budget_ends: Instant,
    deadline: Instant,
    begun: NonZeroU32,
}

/// What to do after an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Wait for so long, then call again.
    Wait(Duration),
    /// Call no more.
    GiveUp(Cause),
}

impl<S: Iterator<Item = Duration>> Attempts<S> {
    pub(super) fn new(
        schedule: S,
        jittered: Jittered,
        began: Instant,
        budget: Duration,
        deadline: Instant,
    ) -> Self {
        let budget_ends = began.saturating_add(budget);
        Self { schedule, jittered, began, budget_ends, deadline, begun: NonZeroU32::MIN }
    }

    /// Decides what follows a call that failed at `now`, of which a judge said `answer`.
    ///
    /// A wait that would end past the budget or the deadline, or never, is not begun.
    pub fn failed(&mut self, now: Instant, answer: Retry) -> Decision {
        let hint = match answer {
            Retry::No => return Decision::GiveUp(Cause::NotRetryable),
            Retry::Yes => None,
            Retry::After(hint) => Some(hint),
        };
        // A hint stands for the schedule's next delay, and uses it up.
        let Some(delay) = self.schedule.next() else {
            return Decision::GiveUp(Cause::Attempts);
        };
        let wait = hint.unwrap_or_else(|| self.jittered.wait(delay));
        let ends = now.saturating_add(wait);
        if ends > self.deadline.min(self.budget_ends) || ends == Instant::FAR_FUTURE {
            let deadline_first = self.deadline <= self.budget_ends;
            return Decision::GiveUp(if deadline_first { Cause::Deadline } else { Cause::Budget });
        }
        self.begun = self.begun.saturating_add(1);
        Decision::Wait(wait)
    }

    /// How many calls were begun, the one that waits for its turn included.
    pub const fn begun(&self) -> NonZeroU32 {
        self.begun
    }

    /// How long before `now` the first call began.
    pub const fn elapsed(&self, now: Instant) -> Duration {
        now.saturating_since(self.began)
    }
}
