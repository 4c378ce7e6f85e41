//! All results of a map together, or the first failure.

use super::{
    collect::Collect,
    crew::{Crew, Leader, start},
    outlet::ItemResult,
    plan::Plan,
    source::least,
    worker::WorkerTask,
};
use crate::{cancel::CancelToken, spawn::Spawn, task::JoinError};
use alloc::vec::Vec;
use core::{
    error::Error,
    fmt,
    num::NonZeroUsize,
    pin::Pin,
    task::{Context, Poll, ready},
};
use pin_project_lite::pin_project;

pin_project! {
    /// Runs a function that may fail on many items; made by
    /// [`Executor::try_map`](crate::Executor::try_map).
    ///
    /// It works like [`Map`](super::Map), up to the first failure: an `Err` of the function, or an item
    /// without a value. Then no item is taken any more, what others are working on is dropped, and the
    /// failure is given when all that is gone.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::num::ParseIntError;
    /// use klaw::{BoxFuture, Boxed, Executor, Spawn, task::TryMapError};
    ///
    /// async fn numbers<S>(
    ///     executor: &Executor<Boxed<S>>,
    ///     lines: Vec<String>,
    /// ) -> Result<Vec<u32>, TryMapError<ParseIntError>>
    /// where
    ///     S: Spawn<BoxFuture> + Clone,
    /// {
    ///     executor.try_map(lines, |line| async move { line.parse() }).await
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`TryMapError`] with the item that failed first.
    ///
    /// # Panics
    ///
    /// If it is polled again after it gave its output.
    ///
    /// # Cancel safety
    ///
    /// Dropping it cancels what is left: the tasks drop what they are working on at their next turn,
    /// and take no further items. Results are lost.
    #[must_use = "a map does nothing unless you `.await` or poll it"]
    pub struct TryMap<S, I, F, Fut>
    where
        I: Iterator,
        Fut: Future,
    {
        plan: Option<Plan<S, I, F>>,
        leader: Option<Leader<I, F, Collect<Fut::Output>>>,
    }
}

/// Why a [`TryMap`] ended early.
pub enum TryMapError<E> {
    /// The function failed.
    Failed {
        /// The place of the item in the input, from zero.
        index: usize,
        /// What it failed with.
        error: E,
    },
    /// An item has no value.
    Join {
        /// The place of the item in the input, from zero.
        index: usize,
        /// Why it has none.
        error: JoinError,
    },
}

impl<S, I: Iterator, F, Fut: Future> TryMap<S, I, F, Fut> {
    pub(in crate::task) fn new(spawner: S, items: I, f: F) -> Self {
        Self { plan: Some(Plan::new(spawner, items, f)), leader: None }
    }

    /// On how many items to work at once; 64 unless given. It has no effect once the map runs.
    pub fn width(mut self, width: NonZeroUsize) -> Self {
        self.plan = self.plan.map(|plan| Plan { width, ..plan });
        self
    }
}

fn has_failed<T, E>(result: &ItemResult<Result<T, E>>) -> bool {
    !matches!(result, Ok(Ok(_)))
}

impl<S, I, F, Fut, T, E> Future for TryMap<S, I, F, Fut>
where
    I: Iterator,
    F: Fn(I::Item) -> Fut,
    Fut: Future<Output = Result<T, E>>,
    S: Spawn<WorkerTask<I, F, Fut, Collect<Fut::Output>>>,
{
    type Output = Result<Vec<T>, TryMapError<E>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Some(Plan { spawner, items, f, width, context }) = this.plan.take() {
            let stop = CancelToken::new();
            let results = Collect::until(least(&items), has_failed, stop.clone());
            let leader = this.leader.insert(Leader(Crew::new(items, f, results, stop)));
            start(&leader.0, &spawner, width, &context);
        }
        let leader = this.leader.as_ref().expect("a map is polled after it gave its output");
        let crew = &leader.0;
        ready!(crew.roll.poll_empty(cx));
        let failed = crew.outlet.failed();
        // Without a failure the workers left items only if the executor dropped or refused them all.
        let rest = if failed.is_none() { crew.left_over() } else { None };
        let first = failed.or(rest.as_ref().map(|(index, _)| *index));
        let all = crew.outlet.take(rest.into_iter());
        *this.leader = None;
        let mut values = Vec::with_capacity(if first.is_none() { all.len() } else { 0 });
        for (index, result) in all.into_iter().enumerate() {
            match result {
                Ok(Ok(value)) if first.is_none() => values.push(value),
                Ok(Err(error)) if first == Some(index) => {
                    return Poll::Ready(Err(TryMapError::Failed { index, error }));
                }
                Err(error) if first == Some(index) => {
                    return Poll::Ready(Err(TryMapError::Join { index, error }));
                }
                _ => {} // done, or not done, beside the failure
            }
        }
        Poll::Ready(Ok(values))
    }
}

impl<E: fmt::Debug> fmt::Debug for TryMapError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, index, error): (_, _, &dyn fmt::Debug) = match self {
            Self::Failed { index, error } => ("Failed", index, error),
            Self::Join { index, error } => ("Join", index, error),
        };
        f.debug_struct(name).field("index", index).field("error", error).finish()
    }
}

impl<E: fmt::Display> fmt::Display for TryMapError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed { index, error } => write!(f, "item {index}: {error}"),
            Self::Join { index, error } => write!(f, "item {index}: {error}"),
        }
    }
}

impl<E: Error + 'static> Error for TryMapError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Failed { error, .. } => Some(error),
            Self::Join { error, .. } => Some(error),
        }
    }
}

impl<S, I: Iterator, F, Fut: Future> fmt::Debug for TryMap<S, I, F, Fut> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TryMap").field("started", &self.plan.is_none()).finish_non_exhaustive()
    }
}
