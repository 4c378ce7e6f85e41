//! A task's future that is given time to stop when it is asked to.

use super::{node::Node, shared::Shared};
use crate::{
    cancel::{Asking, CancelToken, WaitCancelled},
    sync::Arc,
    time::Clock,
    wait::{Attempt, List, Until},
};
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};
use pin_project_lite::pin_project;

pin_project! {
    /// The future of a task in a scope: polled on for the time of grace when it is asked to stop, and
    /// for as long as a shield is up, then dropped.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Graceful<F, C: Clock> {
        #[pin]
        future: F,
        phase: Phase,
        #[pin]
        asked: WaitCancelled,
        #[pin]
        timer: Option<C::Sleep>,
        #[pin]
        unshielded: Until<Unshielded>,
        abort: CancelToken,
        clock: C,
        grace: Duration,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    New,
    Running,
    Grace,
    Ending,
    /// To be ended, though it was never polled.
    Unbegun,
}

/// The end of the last shield, as something to wait for.
struct Unshielded(Arc<Shared>);

impl Attempt for Unshielded {
    type Output = ();

    fn attempt(&mut self) -> Poll<()> {
        if self.0.life().is_shielded() { Poll::Pending } else { Poll::Ready(()) }
    }

    fn with_list<R>(&self, f: impl FnOnce(&mut List, bool) -> R) -> R {
        self.0.with_waiting_for_shields(f)
    }
}

impl<F, C: Clock> Graceful<F, C> {
    /// A future that is asked by `asked`, and ended by `abort`, which it raises itself.
    pub(super) fn new(
        future: F,
        asked: &CancelToken,
        abort: CancelToken,
        shared: &Arc<Shared>,
        clock: C,
        grace: Duration,
    ) -> Self {
        Self {
            future,
            phase: Phase::New,
            asked: asked.cancelled(),
            timer: None,
            unshielded: Until::new(Unshielded(shared.clone())),
            abort,
            clock,
            grace,
        }
    }

    pub(super) fn into_inner(self) -> F {
        self.future
    }
}

impl<F: Future, C: Clock> Future for Graceful<F, C> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        if *this.phase == Phase::New {
            // Asked before it began: then it does not begin.
            let asked = this.asked.answer().is_some();
            *this.phase = if asked { Phase::Unbegun } else { Phase::Running };
        }
        if *this.phase != Phase::Unbegun
            && let Poll::Ready(value) = this.future.poll(cx)
        {
            return Poll::Ready(value);
        }
        loop {
            *this.phase = match *this.phase {
                Phase::New | Phase::Running => {
                    ready!(this.asked.as_mut().poll(cx));
                    let end = this.clock.now().saturating_add(*this.grace);
                    this.timer.set(Some(this.clock.sleep_until(end)));
                    Phase::Grace
                }
                Phase::Grace => {
                    if let Some(timer) = this.timer.as_mut().as_pin_mut() {
                        ready!(timer.poll(cx));
                    }
                    Phase::Ending
                }
                Phase::Unbegun | Phase::Ending => {
                    ready!(this.unshielded.as_mut().poll(cx));
                    if let Some(cancelled) = this.asked.answer() {
                        this.abort.cancel_as(cancelled);
                    }
                    return Poll::Pending; // what polls this sees the request next
                }
            };
        }
    }
}

impl<F, C: Clock> fmt::Debug for Graceful<F, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Graceful").field("phase", &self.phase).finish_non_exhaustive()
    }
}
