//! Work that a cancelled scope waits for.

use super::node::{self, Handle};
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};
use pin_project_lite::pin_project;

pin_project! {
    /// A future that its scope `S` does not drop; made by `shield`.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Shield<F, S: Handle> {
        // Before the shield, which goes only after it.
        #[pin]
        future: Option<F>,
        up: Up<S>,
        ended: bool,
    }
}

/// A shield, which is up from the first poll until this is dropped or the future is done.
struct Up<S: Handle> {
    scope: S,
    raised: bool,
}

impl<S: Handle> Up<S> {
    fn raise(&mut self) {
        if !core::mem::replace(&mut self.raised, true) {
            node::shield(self.scope.node());
        }
    }

    fn lower(&mut self) {
        if core::mem::take(&mut self.raised) {
            node::unshield(self.scope.node());
        }
    }
}

impl<S: Handle> Drop for Up<S> {
    fn drop(&mut self) {
        self.lower();
    }
}

impl<F, S: Handle> Shield<F, S> {
    pub(super) const fn new(future: F, scope: S) -> Self {
        Self { future: Some(future), up: Up { scope, raised: false }, ended: false }
    }
}

impl<F: Future, S: Handle> Future for Shield<F, S> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        if *this.ended {
            return Poll::Pending; // the scope drops what waits for this
        }
        this.up.raise();
        let future = this.future.as_mut().as_pin_mut().expect("polled after it was done");
        let Poll::Ready(value) = future.poll(cx) else { return Poll::Pending };
        this.future.set(None);
        this.up.lower();
        if node::is_ending(this.up.scope.node()) {
            *this.ended = true;
            return Poll::Pending;
        }
        Poll::Ready(value)
    }
}

impl<F, S: Handle> fmt::Debug for Shield<F, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shield").field("up", &self.up.raised).finish_non_exhaustive()
    }
}
