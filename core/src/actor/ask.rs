//! Asking with a reply on the heap.

use super::{
    ActorRef,
    reply::{AskError, Reply, ReplyHolder, ReplySlot},
};
use crate::sync::Arc;

impl<M> ActorRef<M> {
    /// Asks a question and waits for the answer; it allocates once, room for the answer.
    ///
    /// `question` makes the message from the [`Reply`]; a tuple variant `Msg::Get` will do. There
    /// is no time limit here: wrap it in [`timeout`](crate::timeout). An actor that asks itself waits
    /// for itself.
    ///
    /// # Errors
    ///
    /// [`AskError`] if the actor takes no more messages or dropped the reply unanswered.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future before the message is in the queue: not asked. After: it may still be
    /// handled, and the late answer is discarded.
    pub async fn ask<R: 'static>(
        &self,
        question: impl FnOnce(Reply<R>) -> M,
    ) -> Result<R, AskError> {
        self.ask_held(ReplyHolder::Shared(Arc::new(ReplySlot::new())), question).await
    }
}
