//! A task's future that is given time to stop when it is asked to.

use super::{node::Node, shared::Shared, task_node::TaskNode};
use crate::{
    cancel::{Asking, CancelToken, WaitCancelled},
    sync::Arc,
    task::SelfStop,
    time::Clock,
    wait::{Attempt, List, Until},
};
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll, Waker, ready},
    time::Duration,
};
use pin_project_lite::pin_project;

pin_project! {
    /// The future of a task in a scope: polled on for the time of grace when it is asked to stop, and
    /// for as long as a shield is up, then dropped.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Graceful<F: Future, C: Clock> {
        #[pin]
        future: F,
        phase: Phase,
        #[pin]
        asked: WaitCancelled,
        #[pin]
        timer: Option<C::Sleep>,
        #[pin]
        unshielded: Until<Unshielded>,
        #[pin]
        aborted: Until<Aborted>,
        // By whom `aborted` wakes this. All tasks of the scope wait in the same list, so none looks
        // there again at each poll.
        woken_by: Option<Waker>,
        stop: SelfStop<F::Output>,
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

/// The end of the last shield that this task may lie in, as something to wait for: of its own, and of
/// those that any handle on the scope has raised.
struct Unshielded {
    shared: Arc<Shared>,
    task: Option<Arc<TaskNode>>,
}

impl Unshielded {
    fn is_shielded(&self) -> bool {
        let own = self.task.as_ref().is_some_and(|task| task.life().is_shielded());
        own || self.shared.life().is_shielded()
    }
}

impl Attempt for Unshielded {
    type Output = ();

    fn attempt(&mut self) -> Poll<()> {
        if self.is_shielded() { Poll::Pending } else { Poll::Ready(()) }
    }

    fn with_list<R>(&self, f: impl FnOnce(&mut List, bool) -> R) -> R {
        self.shared.waiting_for_shields().with(|list| f(list, !self.is_shielded()))
    }
}

/// The order of the scope to drop its tasks, as something to wait for.
struct Aborted(Arc<Shared>);

impl Attempt for Aborted {
    type Output = ();

    fn attempt(&mut self) -> Poll<()> {
        if self.0.abort.is_made() { Poll::Ready(()) } else { Poll::Pending }
    }

    fn with_list<R>(&self, f: impl FnOnce(&mut List, bool) -> R) -> R {
        self.0.abort.with_list(f)
    }
}

impl<F: Future, C: Clock> Graceful<F, C> {
    /// A future that is asked by `asked`, and ended by its scope or, by `stop`, by itself.
    pub(super) fn new(
        future: F,
        asked: &CancelToken,
        stop: SelfStop<F::Output>,
        unshielded: (&Arc<Shared>, Option<Arc<TaskNode>>),
        clock: C,
        grace: Duration,
    ) -> Self {
        let (shared, task) = (unshielded.0.clone(), unshielded.1);
        Self {
            future,
            phase: Phase::New,
            asked: asked.cancelled(),
            timer: None,
            aborted: Until::new(Aborted(shared.clone())),
            unshielded: Until::new(Unshielded { shared, task }),
            woken_by: None,
            stop,
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

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let polled = self.as_mut().advance(cx);
        if polled.is_pending() {
            self.hear_of_the_end(cx);
        }
        polled
    }
}

impl<F: Future, C: Clock> Graceful<F, C> {
    /// Has the task woken when the scope drops its tasks; the task sees by its hook that it does.
    fn hear_of_the_end(self: Pin<&mut Self>, cx: &mut Context<'_>) {
        let this = self.project();
        if !this.woken_by.as_ref().is_some_and(|known| known.will_wake(cx.waker())) {
            *this.woken_by = Some(cx.waker().clone());
            let _aborted: Poll<()> = this.aborted.poll(cx);
        }
    }

    fn advance(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
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
                    if let Some(task) = &this.unshielded.operation().task {
                        task.life().set_ending();
                    }
                    Phase::Ending
                }
                Phase::Unbegun | Phase::Ending => {
                    if *this.phase == Phase::Ending {
                        ready!(this.unshielded.as_mut().poll(cx));
                    }
                    if let Some(cancelled) = this.asked.answer() {
                        this.stop.stop(cancelled);
                    }
                    return Poll::Pending; // the task sees the request next
                }
            };
        }
    }
}

impl<F: Future, C: Clock> fmt::Debug for Graceful<F, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Graceful").field("phase", &self.phase).finish_non_exhaustive()
    }
}
