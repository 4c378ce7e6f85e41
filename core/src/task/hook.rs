//! What is told of a task's end before anybody else.

use super::JoinError;
use crate::cancel::Cancelled;

/// Is called once, when a task has ended; every `FnOnce(&Result<T, JoinError>)` is one.
pub trait OnExit<T> {
    /// Whether there is anything to call.
    #[doc(hidden)]
    const LISTENS: bool = true;

    /// Whether this says when the task is to stop, or its future does, and not its handle.
    #[doc(hidden)]
    const STOPS: bool = false;

    /// What is dropped last of all, when the handle has resolved.
    type Last;

    /// The task ended with `result`, and its destructors ran.
    fn exited(self, result: &Result<T, JoinError>) -> Self::Last;

    /// Why the task is to be dropped where it stands, if it is.
    #[doc(hidden)]
    fn stopped(&self) -> Option<Cancelled> {
        None
    }
}

impl<T, F: FnOnce(&Result<T, JoinError>)> OnExit<T> for F {
    type Last = ();

    fn exited(self, result: &Result<T, JoinError>) {
        self(result);
    }
}

/// Is told nothing: the hook of a task for which none was given.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoHook;

impl<T> OnExit<T> for NoHook {
    const LISTENS: bool = false;

    type Last = ();

    fn exited(self, _: &Result<T, JoinError>) {}
}
