//! What is left when there are no more calls.

use super::history::History;
use core::{error::Error, fmt, num::NonZeroU32, time::Duration};

/// No call succeeded, and there will be no more.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Exhausted<E> {
    /// The error of the last call.
    pub last: E,
    /// The error of the first call, if that was not the last.
    pub first: Option<E>,
    /// How many calls were made.
    pub attempts: NonZeroU32,
    /// The time from the beginning of the first call to the end of the last.
    pub elapsed: Duration,
    /// Why there were no more.
    pub cause: Cause,
    pub(super) between: History<E>,
}

/// Why there were no more calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// The error was judged to be final, or was a [`Cancelled`](crate::Cancelled).
    NotRetryable,
    /// The schedule had come to its end.
    Attempts,
    /// The next call would have begun after the budget of time.
    Budget,
    /// The next call would have begun after the deadline.
    Deadline,
    /// The [`RetryBudget`](super::RetryBudget) had no token left.
    Throttled,
}

impl<E> Exhausted<E> {
    /// The errors that were kept, with the numbers of their calls, from the first to the last.
    pub fn errors(&self) -> impl Iterator<Item = (u32, &E)> {
        let (first, last) = (self.first.as_ref(), self.attempts.get());
        let between = self.between.iter();
        // They are those right before the last one. A deque longer than `u32` has no room.
        let begin = last - between.len() as u32;
        let between = (begin..).zip(between);
        first.map(|error| (1, error)).into_iter().chain(between).chain([(last, &self.last)])
    }

    /// Drops everything but the last error.
    pub fn into_last(self) -> E {
        self.last
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotRetryable => "the error was final",
            Self::Attempts => "no attempts were left",
            Self::Budget => "the time was used up",
            Self::Deadline => "the deadline was too near",
            Self::Throttled => "too many were retrying",
        })
    }
}

impl<E> fmt::Display for Exhausted<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { attempts, elapsed, cause, .. } = self;
        let calls = if attempts.get() == 1 { "attempt" } else { "attempts" };
        write!(f, "failed after {attempts} {calls} in {elapsed:?}: {cause}")
    }
}

impl<E: Error + 'static> Error for Exhausted<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.last)
    }
}
