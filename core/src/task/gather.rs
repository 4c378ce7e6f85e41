//! Waiting for many tasks.

use super::{Join, JoinError, TaskHandle};
use alloc::vec::{IntoIter, Vec};
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};
use pin_project_lite::pin_project;

pin_project! {
    /// Waits for many tasks; made by [`Executor::gather`](super::Executor::gather).
    ///
    /// It waits for one after the other: they run by themselves, so the order costs nothing.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Gather<T> {
        #[pin]
        joining: Option<Join<T>>,
        rest: IntoIter<TaskHandle<T>>,
        results: Vec<Result<T, JoinError>>,
    }
}

pub(super) fn gather<T>(handles: impl IntoIterator<Item = TaskHandle<T>>) -> Gather<T> {
    let handles: Vec<_> = handles.into_iter().collect();
    let results = Vec::with_capacity(handles.len());
    Gather { joining: None, rest: handles.into_iter(), results }
}

impl<T> Future for Gather<T> {
    type Output = Vec<Result<T, JoinError>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            if let Some(joining) = this.joining.as_mut().as_pin_mut() {
                let result = ready!(joining.poll(cx));
                this.results.push(result);
            }
            let next = this.rest.next().map(IntoFuture::into_future);
            let done = next.is_none();
            this.joining.set(next);
            if done {
                return Poll::Ready(core::mem::take(this.results));
            }
        }
    }
}

impl<T> fmt::Debug for Gather<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gather")
            .field("done", &self.results.len())
            .field("left", &self.rest.len())
            .finish_non_exhaustive()
    }
}
