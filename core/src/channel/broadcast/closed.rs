//! Waiting until nobody receives any more.

use super::shared::Shared;
use crate::wait::{Attempt, List, Until};
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};
use pin_project_lite::pin_project;

pin_project! {
    /// Completes when a message would come back; made by [`Sender::closed`](super::Sender::closed).
    ///
    /// # Cancel safety
    ///
    /// Dropping it costs nothing.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Closed<'a, T> {
        #[pin]
        until: Until<End<'a, T>>,
    }
}

struct End<'a, T>(&'a Shared<T>);

impl<'a, T> Closed<'a, T> {
    pub(super) fn new(shared: &'a Shared<T>) -> Self {
        Self { until: Until::new(End(shared)) }
    }
}

impl<T> Attempt for End<'_, T> {
    type Output = ();

    fn attempt(&mut self) -> Poll<()> {
        if self.0.is_closed() { Poll::Ready(()) } else { Poll::Pending }
    }

    fn with_list<R>(&self, f: impl FnOnce(&mut List, bool) -> R) -> R {
        self.0.with_watching(f)
    }
}

impl<T> Future for Closed<'_, T> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.project().until.poll(cx)
    }
}

impl<T> fmt::Debug for Closed<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let closed = self.until.operation().0.is_closed();
        f.debug_struct("Closed").field("closed", &closed).finish_non_exhaustive()
    }
}
