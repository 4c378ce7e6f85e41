//! A place where a task can be stopped and lets others run.

use super::Scope;
use crate::{
    cancel::{CancelToken, Cancelled},
    time::Clock,
};
use core::{
    mem,
    pin::Pin,
    task::{Context, Poll},
};

impl<S, C: Clock> Scope<S, C> {
    /// Lets other tasks run, and answers with an error once a stop was asked for.
    ///
    /// # Errors
    ///
    /// [`Cancelled`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future costs nothing.
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint { token: self.token().clone(), yielded: false }
    }
}

/// A yield that answers whether to stop; made by [`Scope::checkpoint`].
#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct Checkpoint {
    token: CancelToken,
    yielded: bool,
}

impl Future for Checkpoint {
    type Output = Result<(), Cancelled>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let checked = self.token.checkpoint();
        if checked.is_err() || mem::replace(&mut self.yielded, true) {
            return Poll::Ready(checked);
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}
