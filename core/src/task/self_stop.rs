//! How the future of a task ends its task early.

use super::cell::Cell;
use crate::{cancel::Cancelled, sync::Arc};

/// What a future keeps that says itself when it is to be dropped.
#[allow(missing_debug_implementations, reason = "never in the hands of a user")]
pub struct SelfStop<T>(pub(super) Arc<Cell<T>>);

impl<T> SelfStop<T> {
    /// For a task that is made with it.
    pub(crate) fn new() -> Self {
        Self(Cell::new())
    }

    /// Has the task dropped as soon as the poll that calls this has returned without a value.
    pub(crate) fn stop(&self, cancelled: Cancelled) {
        self.0.stop(cancelled);
    }
}

impl<T> Clone for SelfStop<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}
