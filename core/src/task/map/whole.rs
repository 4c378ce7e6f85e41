//! All results of a map together.

use super::{
    collect::Collect,
    crew::{Crew, Leader, start},
    outlet::ItemResult,
    plan::Plan,
    source::least,
    worker::WorkerTask,
};
use crate::{cancel::CancelToken, spawn::Spawn};
use alloc::vec::Vec;
use core::{
    fmt,
    num::NonZeroUsize,
    pin::Pin,
    task::{Context, Poll, ready},
};
use pin_project_lite::pin_project;

pin_project! {
    /// Runs a function on many items; made by [`Executor::map`](crate::Executor::map).
    ///
    /// It starts when it is first polled: up to [`width`](Self::width) tasks, each of which takes an
    /// item, runs it to its end and takes the next, whether or not this future is polled meanwhile.
    /// Fewer tasks do if the executor takes no more. Its output has one result for each item, in the
    /// order of the items: the value; the panic of the function, of its future, or of the iterator,
    /// which then ends; [`Abandoned`](crate::JoinError::Abandoned) for what the executor dropped,
    /// or [`Refused`](crate::JoinError::Refused) if it took no task at all.
    ///
    /// The iterator runs under a lock: what it does should be short, and must not touch the map.
    ///
    /// # Examples
    ///
    /// ```
    /// use klaw::{BoxFuture, Boxed, Executor, Spawn};
    ///
    /// async fn lengths<S>(executor: &Executor<Boxed<S>>, names: Vec<String>) -> Vec<Option<usize>>
    /// where
    ///     S: Spawn<BoxFuture> + Clone,
    /// {
    ///     let lengths = executor.map(names, |name| async move { name.len() }).await;
    ///     lengths.into_iter().map(Result::ok).collect()
    /// }
    /// ```
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
    pub struct Map<S, I, F, Fut>
    where
        I: Iterator,
        Fut: Future,
    {
        plan: Option<Plan<S, I, F>>,
        leader: Option<Leader<I, F, Collect<Fut::Output>>>,
    }
}

impl<S, I: Iterator, F, Fut: Future> Map<S, I, F, Fut> {
    pub(in crate::task) fn new(spawner: S, items: I, f: F) -> Self {
        Self { plan: Some(Plan::new(spawner, items, f)), leader: None }
    }

    /// On how many items to work at once; 64 unless given. It has no effect once the map runs.
    pub fn width(mut self, width: NonZeroUsize) -> Self {
        self.plan = self.plan.map(|plan| Plan { width, ..plan });
        self
    }
}

impl<S, I, F, Fut> Future for Map<S, I, F, Fut>
where
    I: Iterator,
    F: Fn(I::Item) -> Fut,
    Fut: Future,
    S: Spawn<WorkerTask<I, F, Fut, Collect<Fut::Output>>>,
{
    type Output = Vec<ItemResult<Fut::Output>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Some(Plan { spawner, items, f, width, context }) = this.plan.take() {
            let results = Collect::all(least(&items));
            let crew = Crew::new(items, f, results, CancelToken::new());
            // Held from before the first worker is there: unwinding from here stops them all.
            let leader = this.leader.insert(Leader(crew));
            start(&leader.0, &spawner, width, &context);
        }
        let leader = this.leader.as_ref().expect("a map is polled after it gave its output");
        let crew = &leader.0;
        ready!(crew.roll.poll_empty(cx));
        let all = crew.outlet.take(core::iter::from_fn(|| crew.left_over()));
        *this.leader = None;
        Poll::Ready(all)
    }
}

impl<S, I: Iterator, F, Fut: Future> fmt::Debug for Map<S, I, F, Fut> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Map").field("started", &self.plan.is_none()).finish_non_exhaustive()
    }
}
