//! The results of a map one by one.

use super::{
    buffer::{Buffer, Order},
    crew::{Crew, Leader, start},
    outlet::ItemResult,
    plan::Plan,
    worker::WorkerTask,
};
use crate::{cancel::CancelToken, spawn::Spawn};
use core::{
    fmt,
    num::NonZeroUsize,
    pin::Pin,
    task::{Context, Poll},
};
use futures_core::stream::Stream;
use pin_project_lite::pin_project;

pin_project! {
    /// Runs a function on many items; made by [`Executor::imap`](crate::Executor::imap) and
    /// [`imap_ordered`](crate::Executor::imap_ordered).
    ///
    /// It starts when it is first polled: up to [`width`](Self::width) tasks, each of which takes an
    /// item, runs it to its end and takes the next, whether or not this stream is polled meanwhile.
    /// At most `width` items are being worked on or waiting to be taken from the stream; a consumer
    /// that is slow slows the workers down. Each item gives one result, as in a [`Map`](super::Map).
    ///
    /// The iterator runs under a lock: what it does should be short, and must not touch the stream.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::num::NonZeroUsize;
    /// use klaw::{BoxFuture, Boxed, Executor, Spawn};
    ///
    /// async fn sum<S>(executor: &Executor<Boxed<S>>, items: impl Iterator<Item = u64> + Send + 'static) -> u64
    /// where
    ///     S: Spawn<BoxFuture> + Clone,
    /// {
    ///     let width = const { NonZeroUsize::new(8).unwrap() };
    ///     let mut squares = executor.imap(items, |n| async move { n * n }).width(width);
    ///     let mut sum = 0;
    ///     while let Some(square) = squares.next().await {
    ///         sum += square.unwrap_or(0);
    ///     }
    ///     sum
    /// }
    /// ```
    ///
    /// # Cancel safety
    ///
    /// Dropping the stream cancels what is left: the tasks drop what they are working on at their next
    /// turn, and take no further items.
    #[must_use = "a stream does nothing unless you poll it"]
    pub struct Imap<S, I, F, Fut>
    where
        I: Iterator,
        Fut: Future,
    {
        plan: Option<Plan<S, I, F>>,
        order: Order,
        leader: Option<Leader<I, F, Buffer<Fut::Output>>>,
    }

    impl<S, I, F, Fut> PinnedDrop for Imap<S, I, F, Fut>
    where
        I: Iterator,
        Fut: Future,
    {
        fn drop(this: Pin<&mut Self>) {
            if let Some(leader) = this.project().leader.take() {
                leader.0.outlet.close();
            }
        }
    }
}

impl<S, I: Iterator, F, Fut: Future> Imap<S, I, F, Fut> {
    pub(in crate::task) fn new(spawner: S, items: I, f: F, order: Order) -> Self {
        Self { plan: Some(Plan::new(spawner, items, f)), order, leader: None }
    }

    /// On how many items to work at once; 64 unless given. It has no effect once the map runs.
    pub fn width(mut self, width: NonZeroUsize) -> Self {
        self.plan = self.plan.take().map(|plan| Plan { width, ..plan });
        self
    }

    /// Waits for the next result; none after the last one.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future costs nothing: the result is there for the next call.
    pub const fn next(&mut self) -> Next<'_, S, I, F, Fut> {
        Next { stream: self }
    }
}

impl<S, I, F, Fut> Imap<S, I, F, Fut>
where
    I: Iterator,
    F: Fn(I::Item) -> Fut,
    Fut: Future,
    S: Spawn<WorkerTask<I, F, Fut, Buffer<Fut::Output>>>,
{
    fn poll_result(
        plan: &mut Option<Plan<S, I, F>>,
        order: Order,
        leader: &mut Option<Leader<I, F, Buffer<Fut::Output>>>,
        cx: &Context<'_>,
    ) -> Poll<Option<ItemResult<Fut::Output>>> {
        if let Some(Plan { spawner, items, f, width, context }) = plan.take() {
            let most = items.size_hint().1;
            let results = Buffer::new(width, most, order);
            let leader = leader.insert(Leader(Crew::new(items, f, results, CancelToken::new())));
            start(&leader.0, &spawner, width, &context);
        }
        let Some(crew) = leader.as_ref().map(|leader| &leader.0) else { return Poll::Ready(None) };
        let mut registered = false;
        loop {
            let mut taken = crew.outlet.take();
            // Once all are gone they have put everything: looked again, there is all there will be.
            let gone = taken.is_none() && crew.roll.is_empty();
            if gone {
                taken = crew.outlet.take();
            }
            if let Some((result, was_full)) = taken {
                // Nobody parks but for want of room, and who gets some passes on what else there is.
                if was_full {
                    crew.room();
                }
                return Poll::Ready(Some(result));
            }
            if gone {
                let rest = crew.left_over().map(|(_, result)| result);
                if rest.is_none() {
                    *leader = None;
                }
                return Poll::Ready(rest);
            }
            if registered {
                return Poll::Pending;
            }
            crew.roll.consumer.register(cx.waker());
            registered = true;
        }
    }
}

impl<S, I, F, Fut> Stream for Imap<S, I, F, Fut>
where
    I: Iterator,
    F: Fn(I::Item) -> Fut,
    Fut: Future,
    S: Spawn<WorkerTask<I, F, Fut, Buffer<Fut::Output>>>,
{
    type Item = ItemResult<Fut::Output>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.project();
        Self::poll_result(this.plan, *this.order, this.leader, cx)
    }
}

/// Waits for the next result of an [`Imap`]; made by [`Imap::next`].
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct Next<'a, S, I: Iterator, F, Fut: Future> {
    stream: &'a mut Imap<S, I, F, Fut>,
}

impl<S, I, F, Fut> Future for Next<'_, S, I, F, Fut>
where
    I: Iterator,
    F: Fn(I::Item) -> Fut,
    Fut: Future,
    S: Spawn<WorkerTask<I, F, Fut, Buffer<Fut::Output>>>,
{
    type Output = Option<ItemResult<Fut::Output>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let stream = &mut *self.stream;
        Imap::poll_result(&mut stream.plan, stream.order, &mut stream.leader, cx)
    }
}

impl<S, I: Iterator, F, Fut: Future> fmt::Debug for Imap<S, I, F, Fut> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Imap")
            .field("order", &self.order)
            .field("started", &self.plan.is_none())
            .finish_non_exhaustive()
    }
}

impl<S, I: Iterator, F, Fut: Future> fmt::Debug for Next<'_, S, I, F, Fut> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Next").field(&self.stream).finish()
    }
}
