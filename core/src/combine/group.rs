//! What all combinators ask of the futures they combine.

use core::{
    pin::Pin,
    task::{Context, Poll},
};

/// What can be combined: an array, a vector or a tuple of futures of results.
///
/// In an array or a vector they are of one type; in a tuple of up to six only their errors need be.
pub trait IntoGroup {
    /// The futures, side by side.
    type Group: Group;

    /// Takes the futures; nothing is polled.
    fn into_group(self) -> Self::Group;
}

/// Futures of results, side by side.
pub trait Group {
    /// What they fail with.
    type Error;
    /// All values together: an array, a vector or a tuple.
    type Values;

    #[doc(hidden)]
    fn count(self: Pin<&mut Self>) -> usize;

    /// Polls the one at `at` if it is running; whether it has succeeded, once it is done.
    #[doc(hidden)]
    fn poll_at(self: Pin<&mut Self>, at: usize, cx: &mut Context<'_>) -> Poll<bool>;

    /// The error of the one at `at`, which has failed.
    #[doc(hidden)]
    fn take_error(self: Pin<&mut Self>, at: usize) -> Self::Error;

    /// All values; all have succeeded.
    #[doc(hidden)]
    fn take_values(self: Pin<&mut Self>) -> Self::Values;

    /// Drops what is left of them.
    #[doc(hidden)]
    fn clear(self: Pin<&mut Self>);
}

/// Futures whose values are of one type, side by side.
pub trait Uniform: Group {
    /// What they succeed with.
    type Value;
    /// All errors together: an array or a vector.
    type Errors;

    /// The result of the one at `at`, which is done.
    #[doc(hidden)]
    fn take(self: Pin<&mut Self>, at: usize) -> Result<Self::Value, Self::Error>;

    /// All errors; all have failed.
    #[doc(hidden)]
    fn take_errors(self: Pin<&mut Self>) -> Self::Errors;
}

/// The error of a result that is known to be one.
pub(super) fn failed<T, E>(result: Result<T, E>) -> E {
    result.err().expect("it has failed")
}

/// The value of a result that is known to have one.
pub(super) fn succeeded<T, E>(result: Result<T, E>) -> T {
    result.ok().expect("it has succeeded")
}
