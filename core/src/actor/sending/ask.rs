//! Asking with the answer in the future that waits for it.

use super::{questions::Answer, reply::AskError};
use crate::actor::{ActorRef, Reply};
use core::pin::pin;

impl<M> ActorRef<M> {
    /// Asks a question and waits for the answer.
    ///
    /// It allocates nothing, once as many questions as now were open before.
    ///
    /// `question` makes the message from the [`Reply`]; a tuple variant `Msg::Get` will do. The
    /// question is asked when the future is first polled, in the [`Context`](crate::Context) of then.
    ///
    /// There is no time limit here: wrap it in [`timeout`](crate::timeout). Nothing looks for cycles
    /// either: actors that ask each other in a circle wait for ever, and so does one that asks itself.
    /// A handler asks by [`Ctx::ask`](crate::actor::Ctx::ask) instead, which refuses that.
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
        let mut answer = pin!(Answer::new(self.inbox().questions()));
        let (_, asker) = answer.as_mut().open();
        // The refused message holds the reply; it is dropped here, and the answer with it.
        if self.tell(question(Reply::to(asker))).await.is_err() {
            return Err(AskError::Closed);
        }
        answer.await
    }
}
