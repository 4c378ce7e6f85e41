//! Several futures in a scope that has no tasks.

use super::Borrowed;
use crate::{cancel::Cause, combine::Group, scope::node::Handle};
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};
use pin_project_lite::pin_project;

pin_project! {
    /// All values, or the error that came first; made by [`InPlaceScope::join`](super::InPlaceScope::join).
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct InPlaceJoin<'a, G> {
        #[pin]
        group: G,
        scope: Borrowed<'a>,
        failed: Option<usize>,
    }
}

impl<'a, G> InPlaceJoin<'a, G> {
    pub(super) const fn new(group: G, scope: Borrowed<'a>) -> Self {
        Self { group, scope, failed: None }
    }
}

impl<G: Group> Future for InPlaceJoin<'_, G> {
    type Output = Result<G::Values, G::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let mut pending = false;
        for at in 0..this.group.as_mut().count() {
            match this.group.as_mut().poll_at(at, cx) {
                Poll::Ready(true) => {}
                Poll::Ready(false) if this.failed.is_some() => {}
                Poll::Ready(false) => {
                    *this.failed = Some(at);
                    this.scope.node().cancel_for(Cause::Failed, "a future of the scope failed");
                }
                Poll::Pending => pending = true,
            }
        }
        if pending {
            return Poll::Pending;
        }
        Poll::Ready(match this.failed.take() {
            None => Ok(this.group.take_values()),
            Some(at) => {
                let error = this.group.as_mut().take_error(at);
                this.group.clear();
                Err(error)
            }
        })
    }
}

impl<G> fmt::Debug for InPlaceJoin<'_, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InPlaceJoin").field("scope", &self.scope).finish_non_exhaustive()
    }
}
