//! Asking a pool.

use super::{ActorPool, map::PoolMap};
use crate::actor::{AskError, Reply};
use core::hash::Hash;

impl<M> ActorPool<M> {
    /// Asks a question and waits for the answer of the member that the [`Route`](super::Route) names.
    ///
    /// `question` makes the message from the [`Reply`]. There is no time limit here: wrap it in
    /// [`timeout`](crate::timeout). A member that asks its own pool may wait for itself.
    ///
    /// # Errors
    ///
    /// [`AskError`] if the pool takes no more messages or the reply was dropped unanswered.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future before the message is in the queue: not asked. After: it may still be
    /// handled, and the late answer is discarded.
    pub async fn ask<R: 'static>(
        &self,
        question: impl FnOnce(Reply<R>) -> M,
    ) -> Result<R, AskError> {
        let deliver = async |msg| self.send(msg).await.is_ok();
        self.0.front.ask_through(question, deliver).await
    }

    /// Asks a question and waits for the answer of the member that `key` belongs to.
    ///
    /// # Errors
    ///
    /// [`AskError`] if the pool takes no more messages or the reply was dropped unanswered.
    ///
    /// # Cancel safety
    ///
    /// As that of [`ask`](Self::ask).
    pub async fn ask_by<K: Hash + ?Sized, R: 'static>(
        &self,
        key: &K,
        question: impl FnOnce(Reply<R>) -> M,
    ) -> Result<R, AskError> {
        let deliver = async |msg| self.send_by(key, msg).await.is_ok();
        self.0.front.ask_through(question, deliver).await
    }

    /// Asks one question for each of `items`, so many at a time; the answers are in their order.
    ///
    /// `question` makes the message from an item and the [`Reply`].
    pub fn map<I, R: 'static, Q>(&self, items: I, question: Q) -> PoolMap<'_, M, I, Q>
    where
        I: IntoIterator,
        Q: Fn(I::Item, Reply<R>) -> M,
    {
        PoolMap::new(self, items, question)
    }
}
