//! One question for each of many items.

use super::ActorPool;
use crate::{
    actor::{AskError, Reply},
    combine::limit,
};
use alloc::vec::Vec;
use core::{convert::Infallible, fmt, num::NonZeroUsize};

/// How many questions for each member are open at a time, so that none waits for the next one.
const PER_MEMBER: usize = 2;

/// Questions to be asked, one for each item; made by [`ActorPool::map`].
#[must_use = "no question is asked until `collect`"]
pub struct PoolMap<'a, M: 'static, I: IntoIterator, Q> {
    pool: &'a ActorPool<M>,
    items: I,
    question: Q,
    in_flight: Option<NonZeroUsize>,
    again: Option<Again<I::Item>>,
}

/// How many times a question is asked again, and how an item is kept for that.
struct Again<T> {
    retries: usize,
    keep: fn(&T) -> T,
}

impl<T> Clone for Again<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Again<T> {}

impl<'a, M, I: IntoIterator, Q> PoolMap<'a, M, I, Q> {
    pub(super) const fn new(pool: &'a ActorPool<M>, items: I, question: Q) -> Self {
        Self { pool, items, question, in_flight: None, again: None }
    }

    /// How many questions are open at a time; two for each member unless given.
    pub const fn in_flight(mut self, questions: NonZeroUsize) -> Self {
        self.in_flight = Some(questions);
        self
    }

    /// Asks a question up to so many times again if it was dropped without an answer; never unless given.
    ///
    /// A member may have done a part of the work before it failed.
    pub fn retries(mut self, retries: usize) -> Self
    where
        I::Item: Clone,
    {
        self.again = Some(Again { retries, keep: Clone::clone });
        self
    }

    /// Asks, and gives the answers in the order of the items.
    ///
    /// The items are asked for when there is room for another question. Once the pool is closed, what
    /// has no answer is [`AskError::Closed`] or [`AskError::NoReply`] at once.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops all answers. Questions that are in a queue may still be handled.
    pub async fn collect<R: 'static>(self) -> Vec<Result<R, AskError>>
    where
        Q: Fn(I::Item, Reply<R>) -> M,
    {
        let Self { pool, items, question, in_flight, again } = self;
        let open = NonZeroUsize::new(PER_MEMBER * pool.len()).unwrap_or(NonZeroUsize::MIN);
        let question = &question;
        let asking = items
            .into_iter()
            .map(|item| async move { Ok::<_, Infallible>(ask(pool, item, question, again).await) });
        let Ok(answers) = limit(in_flight.unwrap_or(open)).collect(asking).await;
        answers
    }
}

async fn ask<M, T, R: 'static>(
    pool: &ActorPool<M>,
    mut item: T,
    question: impl Fn(T, Reply<R>) -> M,
    again: Option<Again<T>>,
) -> Result<R, AskError> {
    if let Some(Again { retries, keep }) = again {
        for _ in 0..retries {
            let kept = keep(&item);
            match pool.ask(|reply| question(item, reply)).await {
                Err(AskError::NoReply) => item = kept,
                other => return other,
            }
        }
    }
    pool.ask(|reply| question(item, reply)).await
}

impl<M, I: IntoIterator, Q> fmt::Debug for PoolMap<'_, M, I, Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PoolMap").field("pool", &self.pool).finish_non_exhaustive()
    }
}
