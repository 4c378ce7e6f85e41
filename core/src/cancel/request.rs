//! One request to stop, sticky, with nothing below it.

use super::{Cancelled, Cause, Origin};
use crate::{
    sync::{Lock, const_fn},
    wait::{Flag, List},
};

/// What every token refers to, and what a task that no token was given for has by itself.
#[allow(missing_debug_implementations, reason = "never in the hands of a user")]
pub struct Request {
    made: Flag,
    answer: Lock<Option<Cancelled>>,
}

impl Request {
    const_fn! {
        pub(crate) const fn new() -> Self {
            Self { made: Flag::new(), answer: Lock::new(None) }
        }
    }

    /// Makes the request, here alone; true if nobody had made it before.
    pub(crate) fn raise(&self, cancelled: Cancelled) -> bool {
        let first = self.answer.with(|answer| {
            let first = answer.is_none();
            answer.get_or_insert(cancelled);
            first
        });
        if first {
            self.made.raise();
        }
        first
    }

    /// The answer of a request that is made here.
    pub(crate) fn answer_for(&self, cause: Cause, reason: &'static str) -> Cancelled {
        Cancelled { reason, cause, origin: Origin::of(self) }
    }

    pub(crate) fn answer(&self) -> Option<Cancelled> {
        self.answer.with(|answer| *answer)
    }

    #[inline]
    pub(crate) fn is_made(&self) -> bool {
        self.made.is_raised()
    }

    /// An error once the request was made.
    #[inline]
    pub(crate) fn checkpoint(&self) -> Result<(), Cancelled> {
        if !self.is_made() {
            return Ok(());
        }
        self.answer().map_or(Ok(()), Err) // there is one before the flag goes up
    }

    /// The list of those who wait for it, and whether it was made.
    pub(crate) fn with_list<R>(&self, f: impl FnOnce(&mut List, bool) -> R) -> R {
        self.made.with_list(f)
    }
}
