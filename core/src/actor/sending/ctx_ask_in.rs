//! Asking other actors from inside a handler, with a slot for the answer.

use super::{
    reply_slot::{ReplySlot, SlotAnswer},
    wait_for::{Cycle, Pending, Waiting},
};
use crate::actor::{ActorRef, AskError, Ctx, Reply};
use core::pin::pin;

impl<'a, M> Ctx<'a, M> {
    /// Asks as [`ActorRef::ask_in`] does, but refuses to close a circle of actors that wait.
    ///
    /// Which waits are seen, and where that is not exact, says `Ctx::ask`.
    ///
    /// # Errors
    ///
    /// [`AskError`] if waiting would close a circle, the actor takes no more messages, or it dropped the
    /// reply unanswered.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future before the message is in the queue: not asked. After: it may still be
    /// handled, and the late answer is discarded.
    pub fn ask_in<'f, N: 'static, R: Send, Q: FnOnce(Reply<R>) -> N>(
        &self,
        slot: &'static ReplySlot<R>,
        other: &'f ActorRef<N>,
        question: Q,
    ) -> impl Future<Output = Result<R, AskError>> + use<'a, 'f, M, N, R, Q> {
        let me: &'a ActorRef<M> = self.reference();
        async move {
            let (answer, reply) = SlotAnswer::open(slot);
            let pending = Pending::Slot(slot, answer.question());
            let mut waiting = pin!(Waiting::new(me.node(), other.node(), pending));
            waiting.as_mut().begin().map_err(|Cycle| AskError::Cycle)?;
            if other.tell(question(reply)).await.is_err() {
                return Err(AskError::Closed);
            }
            answer.await
        }
    }
}
