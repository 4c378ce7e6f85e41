//! Recognising a cancellation in any error.

use super::Cancelled;
use core::{error::Error, iter::successors};

/// Whether `error` is a [`Cancelled`], or came of one: whether any of its sources is.
///
/// Whoever handles errors by doing something else asks this first, so that a request to stop is
/// passed on instead.
///
/// # Examples
///
/// ```
/// use klaw::{CancelToken, cancel::is_cancelled};
///
/// let token = CancelToken::new();
/// token.cancel("shutdown");
/// assert!(is_cancelled(&token.checkpoint().unwrap_err()));
/// assert!(!is_cancelled(&klaw::Elapsed));
/// ```
pub fn is_cancelled(error: &(dyn Error + 'static)) -> bool {
    successors(Some(error), |&error| error.source()).any(|error| error.is::<Cancelled>())
}
