//! Asking other actors from inside a handler.

use super::{
    questions::Answer,
    wait_for::{Cycle, Pending, Waiting},
};
use crate::actor::{ActorRef, AskError, Ctx, Reply};
use core::pin::pin;

impl<'a, M> Ctx<'a, M> {
    /// Asks as [`ActorRef::ask`] does, but refuses to close a circle of actors that wait for each other.
    ///
    /// While a handler waits here, others see for whom. If `other` waits, over however many, for
    /// this actor, nobody in the circle would go on: the question is refused. Of several actors that close
    /// one at the same time at least one is refused. To ask oneself is refused always.
    ///
    /// What is seen are the waits of [`tell`](Self::tell), [`ask_in`](Self::ask_in) and `ask` of the
    /// context, not those of [`ActorRef`], nor those for anything else. It errs in these cases:
    /// - a handler that waits for any one of several questions counts as waiting for all of them;
    /// - a reply that was handed on to a third actor counts as owed by the one that was asked;
    /// - a handler for which there is room now counts as waiting for it until it has run;
    /// - a walk over more than some thousand waits ends with a refusal.
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
    ///
    /// # Examples
    ///
    /// ```
    /// use klaw::{Actor, ActorRef, AskError, Ctx, Reply};
    ///
    /// struct Total(Reply<u64>);
    /// struct Report(Reply<Result<u64, AskError>>);
    ///
    /// struct Reporter { counter: ActorRef<Total> }
    ///
    /// impl Actor for Reporter {
    ///     type Msg = Report;
    ///     type Error = AskError;
    ///
    ///     async fn handle(
    ///         &mut self,
    ///         Report(reply): Report,
    ///         ctx: &mut Ctx<'_, Report>,
    ///     ) -> Result<(), AskError> {
    ///         // `AskError::Cycle` if the counter waits for this reporter.
    ///         reply.send(ctx.ask(&self.counter, Total).await);
    ///         Ok(())
    ///     }
    /// }
    /// ```
    pub fn ask<'f, N: 'static, R: 'static, Q: FnOnce(Reply<R>) -> N>(
        &self,
        other: &'f ActorRef<N>,
        question: Q,
    ) -> impl Future<Output = Result<R, AskError>> + use<'a, 'f, M, N, R, Q> {
        let me: &'a ActorRef<M> = self.reference();
        async move {
            let mut answer = pin!(Answer::new(other.inbox().questions()));
            let (ticket, asker) = answer.as_mut().open();
            let pending = Pending::Answer(ticket);
            let mut waiting = pin!(Waiting::new(me.node(), other.node(), pending));
            waiting.as_mut().begin().map_err(|Cycle| AskError::Cycle)?;
            if other.tell(question(Reply::to(asker))).await.is_err() {
                return Err(AskError::Closed);
            }
            answer.await
        }
    }
}
