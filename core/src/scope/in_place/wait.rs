//! Waiting for a scope in place to be asked to stop.

use super::{Borrowed, state::State};
use crate::{
    cancel::{Asking, Cancelled, Request},
    scope::node::{Handle, Node},
    wait::{Attempt, List, Until},
};
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};
use pin_project_lite::pin_project;

/// A request here, or one above that has not been passed on yet.
impl Attempt for Borrowed<'_> {
    type Output = Cancelled;

    fn attempt(&mut self) -> Poll<Cancelled> {
        self.node().answer().map_or(Poll::Pending, Poll::Ready)
    }

    fn with_list<R>(&self, f: impl FnOnce(&mut List, bool) -> R) -> R {
        self.0.request().with_list(f)
    }
}

pin_project! {
    /// Completes when a stop is asked for; made by [`InPlaceScope::cancelled`](super::InPlaceScope::cancelled).
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct InPlaceCancelled<'a> {
        #[pin]
        until: Until<Borrowed<'a>>,
    }
}

impl<'a> InPlaceCancelled<'a> {
    pub(super) fn new(scope: Borrowed<'a>) -> Self {
        Self { until: Until::new(scope) }
    }
}

impl Asking for InPlaceCancelled<'_> {
    fn answer(&self) -> Option<Cancelled> {
        self.until.operation().node().answer()
    }
}

impl Future for InPlaceCancelled<'_> {
    type Output = Cancelled;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Cancelled> {
        self.project().until.poll(cx)
    }
}

impl fmt::Debug for InPlaceCancelled<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("InPlaceCancelled").field(self.until.operation()).finish()
    }
}

pin_project! {
    /// The same for the future that runs the scope: it waits above, too, and passes on what comes.
    pub(super) struct Asked<'a> {
        state: &'a State<'a>,
        #[pin]
        here: Until<&'a Request>,
        #[pin]
        above: Option<Until<&'a Request>>,
    }
}

impl<'a> Asked<'a> {
    pub(super) fn new(state: &'a State<'a>) -> Self {
        let (here, above) = (Until::new(state.request()), state.above().map(Until::new));
        Self { state, here, above }
    }
}

impl Future for Asked<'_> {
    type Output = Cancelled;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Cancelled> {
        let this = self.project();
        if let Some(above) = this.above.as_pin_mut()
            && let Poll::Ready(cancelled) = above.poll(cx)
        {
            this.state.request().raise(cancelled);
        }
        this.here.poll(cx)
    }
}
