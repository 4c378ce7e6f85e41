//! Waiting for a new version.

use super::{super::error::RecvError, receiver::Receiver};
use crate::wait::{Attempt, List, Until};
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};
use pin_project_lite::pin_project;

pin_project! {
    /// Waits for a version not yet seen and marks it as seen; made by [`Receiver::changed`].
    ///
    /// # Cancel safety
    ///
    /// Dropping it before it is done costs nothing: no version is marked as seen.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Changed<'a, T> {
        #[pin]
        until: Until<Mark<'a, T>>,
    }
}

struct Mark<'a, T>(&'a mut Receiver<T>);

impl<'a, T> Changed<'a, T> {
    pub(super) fn new(receiver: &'a mut Receiver<T>) -> Self {
        Self { until: Until::new(Mark(receiver)) }
    }
}

impl<T> Attempt for Mark<'_, T> {
    type Output = Result<(), RecvError>;

    #[inline]
    fn attempt(&mut self) -> Poll<Self::Output> {
        self.0.try_changed().map_or(Poll::Pending, Poll::Ready)
    }

    fn with_list<R>(&self, f: impl FnOnce(&mut List, bool) -> R) -> R {
        self.0.with_list(f)
    }
}

impl<T> Future for Changed<'_, T> {
    type Output = Result<(), RecvError>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().until.poll(cx)
    }
}

impl<T> fmt::Debug for Changed<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Changed").field(&self.until.operation().0).finish()
    }
}
