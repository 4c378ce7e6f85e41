//! Work that a cancelled scope waits for.

use super::{Scope, shared::Shared};
use crate::{
    cancel::{Elapsed, Timeout, timeout},
    sync::Arc,
    time::Clock,
};
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use pin_project_lite::pin_project;

impl<S, C: Clock> Scope<S, C> {
    /// Runs `future` to its end, though the scope or one around it be cancelled meanwhile.
    ///
    /// What was asked for stays asked for: when the outermost shield goes and the time of grace is
    /// over, the scope ends there, and the value with it. A shield without a limit of time holds up
    /// the scope for as long as it likes, so prefer [`shield_for`](Self::shield_for).
    ///
    /// It holds against scopes only. A `select`, a timeout around it and the end of the executor
    /// drop it, as they drop every future.
    ///
    /// # Cancel safety
    ///
    /// Dropping the returned future drops `future`.
    pub fn shield<F: Future>(&self, future: F) -> Shield<F> {
        Shield { future: Some(future), up: None, shared: self.shared().clone(), ended: false }
    }

    /// The same for as long as `limit`.
    ///
    /// # Errors
    ///
    /// [`Elapsed`] if the time ran out.
    ///
    /// # Cancel safety
    ///
    /// Dropping the returned future drops `future`.
    pub fn shield_for<F: Future>(&self, limit: Duration, future: F) -> Shield<Timeout<F, C::Sleep>>
    where
        Timeout<F, C::Sleep>: Future<Output = Result<F::Output, Elapsed>>,
    {
        self.shield(timeout(self.runtime().clock(), limit, future))
    }
}

pin_project! {
    /// A future that its scope does not drop; made by [`Scope::shield`].
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Shield<F> {
        // Before the shield, which goes only after it.
        #[pin]
        future: Option<F>,
        up: Option<Up>,
        shared: Arc<Shared>,
        ended: bool,
    }
}

/// A shield that is up, until this is dropped.
struct Up(Arc<Shared>);

impl Up {
    fn new(shared: &Arc<Shared>) -> Self {
        shared.shield();
        Self(shared.clone())
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        self.0.unshield();
    }
}

impl<F: Future> Future for Shield<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        if *this.ended {
            return Poll::Pending; // the scope drops what waits for this
        }
        this.up.get_or_insert_with(|| Up::new(this.shared));
        let future = this.future.as_mut().as_pin_mut().expect("polled after it was done");
        let Poll::Ready(value) = future.poll(cx) else { return Poll::Pending };
        this.future.set(None);
        *this.up = None;
        if this.shared.is_ending() {
            *this.ended = true;
            return Poll::Pending;
        }
        Poll::Ready(value)
    }
}

impl<F> fmt::Debug for Shield<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shield").field("up", &self.up.is_some()).finish_non_exhaustive()
    }
}
