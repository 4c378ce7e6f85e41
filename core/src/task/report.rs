//! The last steps of a task, in their order: destructors, hook, result, wakers.

use super::{JoinError, OnExit, cell::Cell};
use crate::{
    cancel::Cancelled,
    context::Context,
    panic::{Panic, catch},
    sync::Arc,
};
use core::task::Waker;

/// A task's end of its cell.
pub(super) struct Report<T, X>(Option<(Arc<Cell<T>>, X)>);

impl<T, X: OnExit<T>> Report<T, X> {
    pub(super) const fn new(cell: Arc<Cell<T>>, hook: X) -> Self {
        Self(Some((cell, hook)))
    }

    /// Why the task is to be dropped where it stands, if it is.
    #[inline]
    pub(super) fn stopped(&self) -> Option<Cancelled> {
        let (cell, hook) = self.0.as_ref()?;
        match cell.asked() {
            None if X::STOPS => hook.stopped(),
            asked => asked,
        }
    }

    /// The same, and has the task woken by `waker` when that changes. Where the hook says it, too, the
    /// task's future sees to that.
    #[inline]
    pub(super) fn park(&self, waker: &Waker) -> Option<Cancelled> {
        if X::STOPS { self.stopped() } else { self.0.as_ref()?.0.park(waker) }
    }

    pub(super) const fn is_sent(&self) -> bool {
        self.0.is_none()
    }

    /// Ends the task, once: drops what is left of it, tells the hook, then everyone who waits.
    ///
    /// Everything that is the user's runs in the task's context. The first panic among it is what
    /// the task ended with.
    pub(super) fn send(
        &mut self,
        context: &mut Context,
        result: Result<T, JoinError>,
        drop_rest: impl FnOnce(),
    ) {
        let Some((cell, hook)) = self.0.take() else { return };
        let mut last = None;
        context.enter_mut(|| {
            let mut result = first_panic(result, catch(drop_rest));
            if X::LISTENS {
                let told = catch(|| last = Some(hook.exited(&result)));
                result = first_panic(result, told);
            }
            cell.finish(result);
        });
        drop(last);
    }
}

/// What a task or an item comes to when the last step `last` of it panicked or did not: the first
/// panic, else the result.
pub(super) fn first_panic<T>(
    result: Result<T, JoinError>,
    last: Result<(), Panic>,
) -> Result<T, JoinError> {
    match (result, last) {
        (result @ Err(JoinError::Panicked(_)), _) | (result, Ok(())) => result,
        (result, Err(panic)) => {
            // There is a panic to report already; one more while the value goes adds nothing.
            let _: Result<(), Panic> = catch(|| drop(result));
            Err(JoinError::Panicked(panic))
        }
    }
}
