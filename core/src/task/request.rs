//! What ends a task early.

use super::cell::Cell;
use crate::{
    cancel::{CancelToken, Cancelled, Request},
    sync::Arc,
    wait::{Attempt, List},
};
use core::task::Poll;

/// Where a task hears that it is to stop: from a token that it was given, or from its cell, which costs
/// no allocation.
pub(super) enum Heard<T> {
    Given(CancelToken),
    Own(Arc<Cell<T>>),
}

impl<T> Heard<T> {
    fn request(&self) -> &Request {
        match self {
            Self::Given(token) => token.request(),
            Self::Own(cell) => &cell.request,
        }
    }
}

impl<T> Attempt for Heard<T> {
    type Output = Cancelled;

    fn attempt(&mut self) -> Poll<Cancelled> {
        self.request().checkpoint().err().map_or(Poll::Pending, Poll::Ready)
    }

    fn with_list<R>(&self, f: impl FnOnce(&mut List, bool) -> R) -> R {
        self.request().with_list(f)
    }
}
