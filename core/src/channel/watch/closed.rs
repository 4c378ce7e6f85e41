//! Waiting for the receivers to leave.

use super::state::State;
use crate::wait::{Attempt, List, Until};
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};
use pin_project_lite::pin_project;

pin_project! {
    /// Waits until there is no receiver; made by [`Sender::closed`](super::Sender::closed).
    ///
    /// # Cancel safety
    ///
    /// Dropping it before it is done costs nothing.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Closed<'a> {
        #[pin]
        until: Until<NoReceiver<'a>>,
    }
}

struct NoReceiver<'a>(&'a State);

impl<'a> Closed<'a> {
    pub(super) fn new(state: &'a State) -> Self {
        Self { until: Until::new(NoReceiver(state)) }
    }
}

impl Attempt for NoReceiver<'_> {
    type Output = ();

    fn attempt(&mut self) -> Poll<()> {
        if self.0.receivers() == 0 { Poll::Ready(()) } else { Poll::Pending }
    }

    fn with_list<R>(&self, f: impl FnOnce(&mut List, bool) -> R) -> R {
        self.0.with_awaiting_close(f)
    }
}

impl Future for Closed<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.project().until.poll(cx)
    }
}

impl fmt::Debug for Closed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.until.operation().0.fmt_as("Closed", f)
    }
}
