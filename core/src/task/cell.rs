//! Where a task and its handle meet.

use super::{ExitReason, JoinError};
use crate::{
    cancel::Request,
    sync::{Arc, Lock},
    wait::{Attempt, Flag, List},
};
use core::task::Poll;

/// The result of one task, and who waits for it.
pub(super) struct Cell<T> {
    end: Lock<End<T>>,
    /// What the handle asks of the task, if no token was given for that.
    pub(super) request: Request,
    // Raised after `end` is filled: the point of which H2 and H4 speak.
    over: Flag,
}

struct End<T> {
    /// Whether there is still a handle to give the result to.
    wanted: bool,
    result: Option<Result<T, JoinError>>,
    reason: Option<ExitReason>,
}

impl<T> Cell<T> {
    pub(super) fn new() -> Arc<Self> {
        let end = End { wanted: true, result: None, reason: None };
        Arc::new(Self { end: Lock::new(end), request: Request::new(), over: Flag::new() })
    }

    /// Puts the result in and wakes who waits; called once.
    ///
    /// A result that nobody wants any more is dropped here, before anybody is woken.
    pub(super) fn finish(&self, result: Result<T, JoinError>) {
        /// Raises the flag also if the destructor of the result panics.
        struct Raise<'a>(&'a Flag);
        impl Drop for Raise<'_> {
            fn drop(&mut self) {
                self.0.raise();
            }
        }

        let _raise = Raise(&self.over);
        let reason = ExitReason::of(&result);
        let unwanted = self.end.with(|end| {
            end.reason = Some(reason);
            if end.wanted { end.result.replace(result) } else { Some(result) }
        });
        drop(unwanted);
    }

    pub(super) fn is_over(&self) -> bool {
        self.over.is_raised()
    }

    pub(super) fn reason(&self) -> Option<ExitReason> {
        if self.is_over() { self.end.with(|end| end.reason) } else { None }
    }

    /// Takes the result, if it is there and was not taken before.
    pub(super) fn take(&self) -> Option<Result<T, JoinError>> {
        self.end.with(|end| end.result.take())
    }

    /// The handle is gone.
    pub(super) fn forsake(&self) {
        let unwanted = self.end.with(|end| {
            end.wanted = false;
            end.result.take()
        });
        drop(unwanted); // outside the lock (K4)
    }
}

/// What refers to a cell.
pub(super) trait Refer {
    type Value;

    fn cell(&self) -> &Cell<Self::Value>;
}

impl<T> Refer for Arc<Cell<T>> {
    type Value = T;

    fn cell(&self) -> &Cell<T> {
        self
    }
}

impl<R: Refer> Refer for &mut R {
    type Value = R::Value;

    fn cell(&self) -> &Cell<R::Value> {
        (**self).cell()
    }
}

/// The end of a task, as something to wait for.
pub(super) struct Over<R>(pub(super) R);

impl<R: Refer> Attempt for Over<R> {
    type Output = ();

    fn attempt(&mut self) -> Poll<()> {
        if self.0.cell().is_over() { Poll::Ready(()) } else { Poll::Pending }
    }

    fn with_list<Q>(&self, f: impl FnOnce(&mut List, bool) -> Q) -> Q {
        self.0.cell().over.with_list(f)
    }
}
