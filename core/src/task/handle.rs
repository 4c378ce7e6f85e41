//! The handle of a task, and the futures that wait for its end.

use super::{
    ExitReason, JoinError,
    cell::{Cell, Over, Refer},
};
use crate::{cancel::CancelToken, sync::Arc, wait::Until};
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};
use pin_project_lite::pin_project;

/// A handle on a task; dropping it lets the task run on.
///
/// `handle.await` gives the task's value, or a [`JoinError`]. Every handle resolves: also when the
/// task is cancelled, panics, or is dropped by its executor; and always after the task's
/// destructors ran.
///
/// `(&mut handle).await` waits without giving up the handle, so the wait can be dropped, in a
/// timeout for example, and the value is not lost.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use klaw::{Clock, JoinError, TaskHandle, timeout};
///
/// /// Gives the task a second, then asks it to stop and waits until it has.
/// async fn at_most_a_second(
///     clock: &impl Clock,
///     mut handle: TaskHandle<u32>,
/// ) -> Result<u32, JoinError> {
///     let in_time = timeout(clock, Duration::from_secs(1), (&mut handle).into_future()).await;
///     match in_time {
///         Ok(result) => result,
///         Err(_) => {
///             handle.cancel("it took too long");
///             handle.await
///         }
///     }
/// }
/// ```
///
/// # Panics
///
/// `(&mut handle).await` after the result was taken.
///
/// # Cancel safety
///
/// Dropping a wait by `&mut` costs nothing. Dropping one by value drops the handle: the task runs on,
/// and its value is lost.
pub struct TaskHandle<T> {
    name: &'static str,
    cell: Arc<Cell<T>>,
    // None if it asks by the cell.
    asked: Option<CancelToken>,
}

impl<T> TaskHandle<T> {
    pub(super) const fn new(
        name: &'static str,
        cell: Arc<Cell<T>>,
        asked: Option<CancelToken>,
    ) -> Self {
        Self { name, cell, asked }
    }

    /// The name it was given, `task` if none.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Asks the task to stop; true if nobody had asked before and it had not ended.
    ///
    /// The first reason is kept. A task that is done in the poll in which the request arrives gives
    /// its value all the same. The task has stopped only when the handle says so.
    pub fn cancel(&self, reason: &'static str) -> bool {
        self.is_running()
            && match &self.asked {
                Some(token) => token.cancel(reason),
                None => self.cell.cancel(reason),
            }
    }

    /// Whether the task has not ended: true until its destructors ran.
    pub fn is_running(&self) -> bool {
        !self.cell.is_over()
    }

    /// How the task ended, if it has.
    pub fn exit_reason(&self) -> Option<ExitReason> {
        self.cell.reason()
    }

    /// Waits until the task has ended; any number of tasks may.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future costs nothing.
    pub fn ended(&self) -> Ended<T> {
        Ended { until: Until::new(Over(self.cell.clone())) }
    }

    fn take(&self) -> Result<T, JoinError> {
        self.cell.take().expect("the result of a task is awaited after it was taken")
    }
}

impl<T> Drop for TaskHandle<T> {
    fn drop(&mut self) {
        self.cell.forsake();
    }
}

impl<T> fmt::Debug for TaskHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskHandle")
            .field("name", &self.name)
            .field("exit", &self.exit_reason())
            .finish_non_exhaustive()
    }
}

impl<T> Refer for TaskHandle<T> {
    type Value = T;

    fn cell(&self) -> &Cell<T> {
        &self.cell
    }
}

impl<T> IntoFuture for TaskHandle<T> {
    type Output = Result<T, JoinError>;
    type IntoFuture = Join<T>;

    fn into_future(self) -> Join<T> {
        Join { until: Until::new(Over(self)) }
    }
}

impl<'a, T> IntoFuture for &'a mut TaskHandle<T> {
    type Output = Result<T, JoinError>;
    type IntoFuture = JoinMut<'a, T>;

    fn into_future(self) -> JoinMut<'a, T> {
        JoinMut { until: Until::new(Over(self)) }
    }
}

pin_project! {
    /// Waits for a task and takes its result; what awaiting a [`TaskHandle`] is.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Join<T> {
        #[pin]
        until: Until<Over<TaskHandle<T>>>,
    }
}

pin_project! {
    /// Waits for a task and takes its result; what awaiting a `&mut` [`TaskHandle`] is.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct JoinMut<'a, T> {
        #[pin]
        until: Until<Over<&'a mut TaskHandle<T>>>,
    }
}

pin_project! {
    /// Waits for a task's end; made by [`TaskHandle::ended`].
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Ended<T> {
        #[pin]
        until: Until<Over<Arc<Cell<T>>>>,
    }
}

impl<T> Future for Join<T> {
    type Output = Result<T, JoinError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        ready!(this.until.as_mut().poll(cx));
        Poll::Ready(this.until.operation().0.take())
    }
}

impl<T> Future for JoinMut<'_, T> {
    type Output = Result<T, JoinError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        ready!(this.until.as_mut().poll(cx));
        Poll::Ready(this.until.operation().0.take())
    }
}

impl<T> Future for Ended<T> {
    type Output = ExitReason;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<ExitReason> {
        let mut this = self.project();
        ready!(this.until.as_mut().poll(cx));
        // The reason is there before the flag that `until` waits for.
        this.until.operation().0.reason().map_or(Poll::Pending, Poll::Ready)
    }
}

impl<T> fmt::Debug for Join<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Join").field(&self.until.operation().0).finish()
    }
}

impl<T> fmt::Debug for JoinMut<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("JoinMut").field(&self.until.operation().0).finish()
    }
}

impl<T> fmt::Debug for Ended<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ended").field("exit", &self.until.operation().0.reason()).finish()
    }
}
