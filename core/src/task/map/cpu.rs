//! A map of a function that computes.

use super::{
    collect::Collect,
    crew::{Crew, Leader},
    outlet::{ItemResult, Kept, Outlet},
    plan::Plan,
    roll::Member,
};
use crate::{
    cancel::CancelToken,
    context::Context as TaskContext,
    panic::catch,
    spawn::SpawnBlocking,
    sync::Arc,
    task::{BlockingJob, JoinError, TaskSpan, blocking::queue},
};
use alloc::vec::Vec;
use core::{
    fmt,
    num::NonZeroUsize,
    pin::Pin,
    task::{Context, Poll, ready},
};
use pin_project_lite::pin_project;

/// How many jobs share a map unless something else is asked for.
const WIDTH: NonZeroUsize = NonZeroUsize::new(16).unwrap();
/// How many jobs each of them becomes in turn, so that other work of the pool gets its turn.
const HOPS: usize = 4;
/// How many items a job does if the iterator does not say how many there are.
const UNKNOWN: usize = 64;

pin_project! {
    /// Runs a function that computes on many items, on a pool; made by
    /// [`Executor::map_cpu`](crate::Executor::map_cpu).
    ///
    /// Handing a job to a pool costs microseconds, so items are not handed over one by one. Up to
    /// [`width`](Self::width) jobs share the iterator; each takes an item, computes it, takes the next,
    /// and after [`chunk`](Self::chunk) items it queues again behind what else the pool has to do. The
    /// output has one result for each item, in the order of the items, as in a [`Map`](super::Map).
    ///
    /// It starts when it is first polled. The iterator runs under a lock: what it does should be short,
    /// and must not touch the map.
    ///
    /// # Examples
    ///
    /// ```
    /// use klaw::{Executor, JoinError, SpawnBlocking, task::BlockingJob};
    ///
    /// async fn squares<S, B>(executor: &Executor<S, B>) -> Vec<Result<u64, JoinError>>
    /// where
    ///     B: SpawnBlocking<BlockingJob> + Clone + Send + 'static,
    /// {
    ///     executor.map_cpu(0..100_000_u64, |n| n * n).await
    /// }
    /// ```
    ///
    /// # Panics
    ///
    /// If it is polled again after it gave its output.
    ///
    /// # Cancel safety
    ///
    /// Dropping it cancels what was not begun; items that are being computed are computed to their end.
    /// Results are lost.
    #[must_use = "a map does nothing unless you `.await` or poll it"]
    pub struct MapCpu<B, I, F, T>
    where
        I: Iterator,
    {
        plan: Option<Plan<B, I, F>>,
        chunk: Option<NonZeroUsize>,
        leader: Option<Leader<I, F, Collect<T>>>,
    }
}

impl<B, I: Iterator, F, T> MapCpu<B, I, F, T> {
    pub(in crate::task) fn new(pool: B, items: I, f: F) -> Self {
        let plan = Plan { width: WIDTH, ..Plan::new(pool, items, f) };
        Self { plan: Some(plan), chunk: None, leader: None }
    }

    /// How many jobs there are at once; 16 unless given. More than the pool has threads are queued.
    pub fn width(mut self, width: NonZeroUsize) -> Self {
        self.plan = self.plan.map(|plan| Plan { width, ..plan });
        self
    }

    /// How many items a job does before it queues again.
    ///
    /// Unless given, the number of items divided by four times the width, or 64 if the iterator does
    /// not say how many there are. A chunk should be worth 50 us or more.
    pub const fn chunk(mut self, chunk: NonZeroUsize) -> Self {
        self.chunk = Some(chunk);
        self
    }
}

/// One of the jobs of a map, on its way through the pool.
struct Hopper<B, I: Iterator, F, T> {
    pool: B,
    crew: Arc<Crew<I, F, Collect<T>>>,
    context: TaskContext,
    span: TaskSpan,
    chunk: usize,
    kept: Kept<T>,
    // The last field, since it is to be dropped last.
    _member: Member<I, F, Collect<T>>,
}

impl<B, I: Iterator, F, T> Hopper<B, I, F, T> {
    /// Does up to a chunk of items; false if there is nothing left to do.
    fn hop(&mut self) -> bool
    where
        F: Fn(I::Item) -> T,
    {
        let Self { crew, kept, .. } = self;
        for _ in 0..self.chunk {
            let Some((index, item)) = crew.source.next() else { return false };
            let result = item.and_then(|item| catch(|| (crew.f)(item)));
            crew.outlet.put(kept, index, result.map_err(JoinError::Panicked), true);
        }
        true
    }
}

impl<B, I, F, T> Hopper<B, I, F, T>
where
    B: SpawnBlocking<BlockingJob> + Clone + Send + 'static,
    I: Iterator + Send + 'static,
    F: Fn(I::Item) -> T + Send + Sync + 'static,
    T: Send + 'static,
{
    fn run(mut self) {
        let (context, span) = (self.context.clone(), self.span.clone());
        while span.enter(|| context.enter(|| self.hop())) {
            let pool = self.pool.clone();
            match queue(&pool, self, Self::run) {
                // No room to queue again: being fair is not worth stopping for.
                Err((_, Some(back))) => self = back,
                Ok(()) | Err((_, None)) => return,
            }
        }
    }
}

impl<B, I: Iterator, F, T> Drop for Hopper<B, I, F, T> {
    fn drop(&mut self) {
        self.crew.outlet.hand_in(core::mem::take(&mut self.kept));
    }
}

impl<B, I, F, T> Future for MapCpu<B, I, F, T>
where
    B: SpawnBlocking<BlockingJob> + Clone + Send + 'static,
    I: Iterator + Send + 'static,
    F: Fn(I::Item) -> T + Send + Sync + 'static,
    T: Send + 'static,
{
    type Output = Vec<ItemResult<T>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Some(Plan { spawner: pool, items, f, width, context }) = this.plan.take() {
            let (least, most) = items.size_hint();
            let chunk = this.chunk.map_or_else(
                || if most.is_none() { UNKNOWN } else { (least / (width.get() * HOPS)).max(1) },
                NonZeroUsize::get,
            );
            let crew = Crew::new(items, f, Collect::all(least), CancelToken::new());
            let leader = this.leader.insert(Leader(crew));
            start(&leader.0, &pool, width.get().min(most.unwrap_or(usize::MAX)), chunk, &context);
        }
        let leader = this.leader.as_ref().expect("a map is polled after it gave its output");
        let crew = &leader.0;
        ready!(crew.roll.poll_empty(cx));
        let all = crew.outlet.take(core::iter::from_fn(|| crew.left_over()));
        *this.leader = None;
        Poll::Ready(all)
    }
}

fn start<B, I, F, T>(
    crew: &Arc<Crew<I, F, Collect<T>>>,
    pool: &B,
    jobs: usize,
    chunk: usize,
    context: &TaskContext,
) where
    B: SpawnBlocking<BlockingJob> + Clone + Send + 'static,
    I: Iterator + Send + 'static,
    F: Fn(I::Item) -> T + Send + Sync + 'static,
    T: Send + 'static,
{
    let starting = Member::join(crew); // nobody is to be the last before all were queued
    for _ in 0..jobs {
        // The jobs queued so far may have done everything.
        if crew.source.is_over() {
            break;
        }
        let job = Hopper {
            pool: pool.clone(),
            crew: crew.clone(),
            context: context.for_spawn(),
            span: TaskSpan::new("map"),
            chunk,
            kept: Vec::new(),
            _member: Member::join(crew),
        };
        if let Err((kind, refused)) = queue(pool, job, Hopper::run) {
            drop(refused);
            crew.refuse(kind);
            break;
        }
    }
    drop(starting);
}

impl<B, I: Iterator, F, T> fmt::Debug for MapCpu<B, I, F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MapCpu").field("started", &self.plan.is_none()).finish_non_exhaustive()
    }
}
