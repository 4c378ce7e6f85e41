//! A clock and one timer of it, whatever their types.

use crate::time::{Clock, Instant, Sleep};
use core::{
    pin::Pin,
    task::{Context, Poll},
};
use pin_project_lite::pin_project;

/// Tells the time, and waits for one moment at a time.
pub(in crate::actor) trait Timekeeper {
    /// The present moment.
    fn now(&self) -> Instant;

    /// Waits for `deadline`, and for no other moment any more.
    fn poll_at(self: Pin<&mut Self>, deadline: Instant, cx: &mut Context<'_>) -> Poll<()>;

    /// Waits for nothing any more.
    fn disarm(self: Pin<&mut Self>);
}

pin_project! {
    /// A clock with the one timer that is moved from deadline to deadline.
    pub(in crate::actor) struct OneSleep<C: Clock> {
        clock: C,
        // What the timer stands at; none once it has fired, or if it is not armed.
        deadline: Option<Instant>,
        #[pin]
        sleep: C::Sleep,
    }
}

impl<C: Clock> OneSleep<C> {
    pub(in crate::actor) fn new(clock: &C) -> Self {
        let sleep = clock.sleep_until(Instant::FAR_FUTURE);
        Self { clock: clock.clone(), deadline: None, sleep }
    }
}

impl<C: Clock> Timekeeper for OneSleep<C> {
    fn now(&self) -> Instant {
        self.clock.now()
    }

    fn poll_at(self: Pin<&mut Self>, deadline: Instant, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        if this.deadline.replace(deadline) != Some(deadline) {
            this.sleep.as_mut().reset(deadline);
        }
        let polled = this.sleep.poll(cx);
        if polled.is_ready() {
            *this.deadline = None;
        }
        polled
    }

    fn disarm(self: Pin<&mut Self>) {
        let this = self.project();
        if this.deadline.take().is_some() {
            this.sleep.reset(Instant::FAR_FUTURE);
        }
    }
}
