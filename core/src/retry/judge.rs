//! Which errors are worth another call.

use crate::cancel::is_cancelled;
use core::{error::Error, time::Duration};

/// Whether to call again after an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// No: another call would fail too.
    No,
    /// Yes, when the schedule says.
    Yes,
    /// Yes, in as much time as this: what a server asked for, say.
    ///
    /// It stands for the schedule's next delay; neither its maximum nor jitter change it.
    After(Duration),
}

/// Says which errors are worth another call.
pub trait Judge<E> {
    /// Judges the error of the call with this number; the first one is 1.
    fn judge(&mut self, error: &E, attempt: u32) -> Retry;
}

/// Every error but [`Cancelled`](crate::Cancelled) is worth another call: the default.
#[derive(Clone, Copy, Debug)]
pub struct AnyError;

/// A closure judges every error but [`Cancelled`](crate::Cancelled); made by
/// [`Policy::retry_if`](super::Policy::retry_if).
#[derive(Clone, Copy, Debug)]
pub struct RetryIf<F>(pub(super) F);

/// A closure judges every error; made by [`Policy::classify`](super::Policy::classify).
#[derive(Clone, Copy, Debug)]
pub struct Classify<F>(pub(super) F);

impl<E: Error + 'static> Judge<E> for AnyError {
    fn judge(&mut self, error: &E, _: u32) -> Retry {
        if is_cancelled(error) { Retry::No } else { Retry::Yes }
    }
}

impl<E: Error + 'static, F: FnMut(&E, u32) -> Retry> Judge<E> for RetryIf<F> {
    fn judge(&mut self, error: &E, attempt: u32) -> Retry {
        if is_cancelled(error) { Retry::No } else { self.0(error, attempt) }
    }
}

impl<E, F: FnMut(&E, u32) -> Retry> Judge<E> for Classify<F> {
    fn judge(&mut self, error: &E, attempt: u32) -> Retry {
        self.0(error, attempt)
    }
}
