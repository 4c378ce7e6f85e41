//! Waiting until a channel closes.

use super::ring::{Ring, Slot};
use crate::{
    sync::{Shared, Sharing},
    wait::{Attempt, List, Until},
};
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};
use pin_project_lite::pin_project;

pin_project! {
    /// Waits until a channel takes no more messages; made by `closed`.
    ///
    /// # Cancel safety
    ///
    /// Dropping it costs nothing.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Closed<'a, T, M: Sharing = Shared> {
        #[pin]
        until: Until<Shut<'a, T, M>>,
    }
}

struct Shut<'a, T, M: Sharing>(&'a Ring<T, [Slot<T>], M>);

impl<'a, T, M: Sharing> Closed<'a, T, M> {
    pub(super) fn new(ring: &'a Ring<T, [Slot<T>], M>) -> Self {
        Self { until: Until::new(Shut(ring)) }
    }
}

impl<T, M: Sharing> Attempt for Shut<'_, T, M> {
    type Output = ();

    fn attempt(&mut self) -> Poll<()> {
        if self.0.is_closed() { Poll::Ready(()) } else { Poll::Pending }
    }

    fn with_list<R>(&self, f: impl FnOnce(&mut List, bool) -> R) -> R {
        self.0.with_waiting_for_close(f)
    }
}

impl<T, M: Sharing> Future for Closed<'_, T, M> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.project().until.poll(cx)
    }
}

impl<T, M: Sharing> fmt::Debug for Closed<'_, T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Closed").finish_non_exhaustive()
    }
}
