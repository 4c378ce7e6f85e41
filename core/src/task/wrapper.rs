//! The one future that executors run for every task.

use super::{
    JoinError, NoHook, OnExit, Priority, TaskHandle, cell::Cell, priority::Turn, report::Report,
    request::Heard, span::TaskSpan,
};
use crate::{
    cancel::{CancelToken, Cancelled},
    context::Context as TaskContext,
    panic::catch,
    wait::Until,
};
use core::{
    fmt,
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
        // What ends it early; if none, the request in its cell.
        abort: Option<CancelToken>,
        // Made when the future is pending for the first time: many never are.
        #[pin]
        aborted: Option<Until<Heard<F::Output>>>,
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
            let result = Err(match stopped(&this.abort, &this.report) {
                None => JoinError::Abandoned,
                Some(cancelled) => JoinError::Cancelled(cancelled),
            });
            this.end(result);
        }
    }
}

/// The request to stop that a task obeys, if it was made.
#[inline]
fn stopped<T, X: OnExit<T>>(
    abort: &Option<CancelToken>,
    report: &Report<T, X>,
) -> Option<Cancelled> {
    let request = match abort {
        Some(token) => token.request(),
        None => &report.cell()?.request,
    };
    request.checkpoint().err()
}

/// What is asked of a task, and what ends it, where that is not the handle alone.
pub(crate) struct Tokens {
    /// What the handle raises.
    pub(crate) asked: CancelToken,
    /// When it is raised, the future is dropped where it stands.
    pub(crate) abort: CancelToken,
}

impl<F: Future, X: OnExit<F::Output>> Task<F, X> {
    pub(crate) fn new(
        name: &'static str,
        future: F,
        tokens: Option<Tokens>,
        context: TaskContext,
        priority: Priority,
        hook: X,
    ) -> (Self, TaskHandle<F::Output>) {
        let cell = Cell::new();
        let (asked, abort) = tokens.map(|tokens| (tokens.asked, tokens.abort)).unzip();
        let handle = TaskHandle::new(name, cell.clone(), asked);
        let task = Self {
            future: Some(future),
            abort,
            aborted: None,
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
        let mut this = self.as_mut().project();
        let Some(future) = this.future.as_pin_mut() else { return Poll::Ready(()) };
        if this.turn.gives_way() {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let result = if this.aborted.is_none()
            && let Some(cancelled) = stopped(this.abort, this.report)
        {
            Err(JoinError::Cancelled(cancelled)) // before its first poll, so there is none
        } else {
            let (span, context) = (this.span, this.context);
            match catch(|| span.enter(|| context.enter_mut(|| future.poll(cx)))) {
                Ok(Poll::Ready(value)) => Ok(value),
                Err(panic) => Err(JoinError::Panicked(panic)),
                Ok(Poll::Pending) => {
                    if this.aborted.is_none() {
                        let heard = match (&*this.abort, this.report.cell()) {
                            (Some(token), _) => Some(Heard::Given(token.clone())),
                            (None, cell) => cell.cloned().map(Heard::Own),
                        };
                        this.aborted.set(heard.map(Until::new));
                    }
                    match this.aborted.as_pin_mut().map(|aborted| aborted.poll(cx)) {
                        Some(Poll::Ready(cancelled)) => Err(JoinError::Cancelled(cancelled)),
                        _ => return Poll::Pending,
                    }
                }
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
