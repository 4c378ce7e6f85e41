//! Asking by a way of one's own.

use super::questions::Answer;
use crate::actor::{ActorRef, AskError, Reply};
use core::pin::pin;

impl<M> ActorRef<M> {
    /// Asks a question that `deliver` brings to whoever answers it; false if nobody takes it.
    ///
    /// This mailbox only lends its table of open questions.
    ///
    /// # Errors
    ///
    /// [`AskError`] if nobody took the question, or it was dropped unanswered.
    ///
    /// # Cancel safety
    ///
    /// That of `deliver`; a late answer is discarded.
    pub(crate) async fn ask_through<R: 'static, D: Future<Output = bool>>(
        &self,
        question: impl FnOnce(Reply<R>) -> M,
        deliver: impl FnOnce(M) -> D,
    ) -> Result<R, AskError> {
        let mut answer = pin!(Answer::new(self.inbox().questions()));
        let (_, asker) = answer.as_mut().open();
        if !deliver(question(Reply::to(asker))).await {
            return Err(AskError::Closed);
        }
        answer.await
    }
}
