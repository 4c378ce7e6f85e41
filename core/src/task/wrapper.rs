//! The one future that executors run for every task.

use super::{
    JoinError, NoHook, OnExit, Priority, SelfStop, TaskHandle, priority::Turn, report::Report,
    span::TaskSpan,
};
use crate::{cancel::CancelToken, context::Context as TaskContext, panic::catch};
use core::{
    fmt,
    mem::replace,
    pin::Pin,
    task::{Context, Poll},
};
use pin_project_lite::pin_project;

pin_project! {
    /// A future with a handle: what an [`Executor`](super::Executor) gives to a
    /// [`Spawn`](crate::Spawn).
    ///
    /// It is `Send` exactly if the future, its output and the hook are, so one `submit` serves every
    /// executor. Dropping it before it is done ends the task as
    /// [`Abandoned`](JoinError::Abandoned), or as cancelled if it had been asked to stop.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Task<F, X = NoHook>
    where
        F: Future,
        X: OnExit<F::Output>,
    {
        #[pin]
        future: Option<F>,
        // Whether it was polled before.
        begun: bool,
        context: TaskContext,
        span: TaskSpan,
        turn: Turn,
        report: Report<F::Output, X>,
    }

    impl<F, X> PinnedDrop for Task<F, X>
    where
        F: Future,
        X: OnExit<F::Output>,
    {
        fn drop(this: Pin<&mut Self>) {
            if this.report.is_sent() {
                return;
            }
            let result = Err(match this.report.stopped() {
                None => JoinError::Abandoned,
                Some(cancelled) => JoinError::Cancelled(cancelled),
            });
            this.end(result);
        }
    }
}

impl<F: Future, X: OnExit<F::Output>> Task<F, X> {
    /// A task and its handle, which cancels `asked`; without that, it stops the task itself.
    pub(crate) fn new(
        name: &'static str,
        future: F,
        asked: Option<CancelToken>,
        context: TaskContext,
        priority: Priority,
        hook: X,
    ) -> (Self, TaskHandle<F::Output>) {
        Self::with_stop(SelfStop::new(), name, future, asked, context, priority, hook)
    }

    /// The same for a future that keeps a clone of `stop`.
    pub(crate) fn with_stop(
        SelfStop(cell): SelfStop<F::Output>,
        name: &'static str,
        future: F,
        asked: Option<CancelToken>,
        context: TaskContext,
        priority: Priority,
        hook: X,
    ) -> (Self, TaskHandle<F::Output>) {
        let handle = TaskHandle::new(name, cell.clone(), asked);
        let task = Self {
            future: Some(future),
            begun: false,
            context,
            span: TaskSpan::new(name),
            turn: Turn::new(priority),
            report: Report::new(cell, hook),
        };
        (task, handle)
    }

    /// The future, if it was never polled; the task is then as if its executor had dropped it.
    pub fn into_future(mut self) -> Option<F> {
        self.future.take()
    }

    fn end(self: Pin<&mut Self>, result: Result<F::Output, JoinError>) {
        let mut this = self.project();
        let (report, context) = (this.report, this.context);
        this.span.enter(|| report.send(context, result, || this.future.set(None)));
    }
}

impl<F: Future, X: OnExit<F::Output>> Future for Task<F, X> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.as_mut().project();
        let Some(future) = this.future.as_pin_mut() else { return Poll::Ready(()) };
        if this.turn.gives_way() {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let before = if replace(this.begun, true) { None } else { this.report.stopped() };
        let result = if let Some(cancelled) = before {
            Err(JoinError::Cancelled(cancelled)) // before its first poll, so there is none
        } else {
            let (span, context) = (this.span, this.context);
            match catch(|| span.enter(|| context.enter_mut(|| future.poll(cx)))) {
                Ok(Poll::Ready(value)) => Ok(value),
                Err(panic) => Err(JoinError::Panicked(panic)),
                Ok(Poll::Pending) => match this.report.park(cx.waker()) {
                    Some(cancelled) => Err(JoinError::Cancelled(cancelled)),
                    None => return Poll::Pending,
                },
            }
        };
        self.end(result);
        Poll::Ready(())
    }
}

impl<F: Future, X: OnExit<F::Output>> fmt::Debug for Task<F, X> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task").field("ended", &self.report.is_sent()).finish_non_exhaustive()
    }
}
