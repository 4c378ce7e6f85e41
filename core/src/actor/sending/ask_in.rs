//! Asking with a slot for the answer.

use super::{
    reply::AskError,
    reply_slot::{ReplySlot, SlotAnswer},
};
use crate::actor::{ActorRef, Reply};

impl<M> ActorRef<M> {
    /// Asks a question and waits for the answer in `slot`; it allocates nothing.
    ///
    /// `question` makes the message from the [`Reply`]; a tuple variant `Msg::Get` will do. A slot
    /// holds one question at a time: a second one makes the first answer
    /// [`NoReply`](AskError::NoReply).
    ///
    /// # Errors
    ///
    /// [`AskError`] if the actor takes no more messages or dropped the reply unanswered.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future before the message is in the queue: not asked. After: it may still be
    /// handled, and the late answer is discarded.
    pub async fn ask_in<R>(
        &self,
        slot: &'static ReplySlot<R>,
        question: impl FnOnce(Reply<R>) -> M,
    ) -> Result<R, AskError> {
        let (answer, reply) = SlotAnswer::open(slot);
        // The refused message holds the reply; it is dropped here, and the answer with it.
        if self.tell(question(reply)).await.is_err() {
            return Err(AskError::Closed);
        }
        answer.await
    }
}
