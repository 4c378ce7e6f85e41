//! A place where a task can be stopped and lets others run.

use super::node::Handle;
use crate::cancel::Cancelled;
use core::{
    fmt, mem,
    pin::Pin,
    task::{Context, Poll},
};

/// A yield that answers whether its scope `S` is to stop; made by `checkpoint`.
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct Checkpoint<S> {
    scope: S,
    yielded: bool,
}

impl<S> Checkpoint<S> {
    pub(super) const fn new(scope: S) -> Self {
        Self { scope, yielded: false }
    }
}

impl<S: Handle + Unpin> Future for Checkpoint<S> {
    type Output = Result<(), Cancelled>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let checked = self.scope.node().answer().map_or(Ok(()), Err);
        if checked.is_err() || mem::replace(&mut self.yielded, true) {
            return Poll::Ready(checked);
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl<S> fmt::Debug for Checkpoint<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Checkpoint").field("yielded", &self.yielded).finish_non_exhaustive()
    }
}
