//! Waiting for a value that meets a condition.

use super::{super::error::RecvError, receiver::Receiver, value::Ref};
use crate::wait::{Attempt, List, Until};
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};
use pin_project_lite::pin_project;

pin_project! {
    /// Waits for a value of which a predicate is true; made by [`Receiver::wait_for`].
    ///
    /// # Cancel safety
    ///
    /// Dropping it before it is done costs nothing: of what it marked as seen, the predicate was
    /// false.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct WaitFor<'a, T, F>
    where
        T: Clone,
    {
        #[pin]
        until: Until<Look<'a, T>>,
        predicate: F,
    }
}

struct Look<'a, T> {
    receiver: &'a mut Receiver<T>,
    /// The first look is at the current value, also if it is seen.
    first: bool,
}

impl<'a, T: Clone, F> WaitFor<'a, T, F> {
    pub(super) fn new(receiver: &'a mut Receiver<T>, predicate: F) -> Self {
        Self { until: Until::new(Look { receiver, first: true }), predicate }
    }
}

impl<T: Clone> Attempt for Look<'_, T> {
    type Output = Result<Ref<T>, RecvError>;

    fn attempt(&mut self) -> Poll<Self::Output> {
        if core::mem::take(&mut self.first) {
            return Poll::Ready(Ok(self.receiver.borrow_and_update()));
        }
        self.receiver.try_next().map_or(Poll::Pending, Poll::Ready)
    }

    fn with_list<R>(&self, f: impl FnOnce(&mut List, bool) -> R) -> R {
        self.receiver.with_list(f)
    }
}

impl<T: Clone, F: FnMut(&T) -> bool> Future for WaitFor<'_, T, F> {
    type Output = Result<Ref<T>, RecvError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            // Each value ends one wait. The next one parks behind those that wait now, so who wakes
            // them all does not find it again.
            match core::task::ready!(this.until.as_mut().poll(cx)) {
                Ok(value) if !(this.predicate)(&value) => {}
                done => return Poll::Ready(done),
            }
        }
    }
}

impl<T: Clone, F> fmt::Debug for WaitFor<'_, T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WaitFor").field(&self.until.operation().receiver).finish()
    }
}
