//! A future whose task is ended by a token.

use crate::cancel::{CancelToken, WaitCancelled};
use core::{
    pin::Pin,
    task::{Context, Poll},
};
use pin_project_lite::pin_project;

pin_project! {
    /// A future that is polled once more when its token is cancelled; its [`Task`](super::Task) then
    /// asks its hook, and ends.
    ///
    /// Kept out of the task itself, so that one which only its handle stops has no room for it.
    #[allow(missing_debug_implementations, reason = "never in the hands of a user")]
    pub struct Stoppable<F> {
        #[pin]
        future: F,
        #[pin]
        stop: WaitCancelled,
    }
}

impl<F> Stoppable<F> {
    pub(crate) fn new(future: F, stop: &CancelToken) -> Self {
        Self { future, stop: stop.cancelled() }
    }
}

impl<F: Future> Future for Stoppable<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let polled = this.future.poll(cx);
        if polled.is_pending() {
            let _stopped: Poll<_> = this.stop.poll(cx);
        }
        polled
    }
}
