//! What an incarnation has to do between two messages.

use super::{
    next::Next,
    serve::{TURN, ended, yield_once},
    source::NoSource,
};
use crate::actor::{Actor, ActorRef, Ctx, Exit, sending::envelope::Envelope};
use core::{
    future::poll_fn,
    mem::ManuallyDrop,
    pin::{Pin, pin},
    task::{Context, Poll},
};

/// Work of an incarnation besides its messages; never done while a handler runs.
pub(crate) trait Between<A: Actor> {
    /// Does what is due; called after `started`, after each message, and when something was due.
    fn work(self: Pin<&mut Self>, actor: &mut A) -> impl Future<Output = Result<(), A::Error>>;

    /// Ready when something is due; looked at while no message has come.
    fn poll_due(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()>;

    /// What is left to do after [`Actor::stopped`], and how the incarnation has ended then.
    fn end(
        self: Pin<&mut Self>,
        actor: &mut A,
        why: Exit<A::Error>,
    ) -> impl Future<Output = Exit<A::Error>>;
}

/// Runs an incarnation that has more to do than its messages; polled as the future of a `Serve`.
// Beside `serve::run`, and not in it, where it made the future of every actor a quarter longer.
pub(crate) async fn run_between<A: Actor, B: Between<A>>(
    mut actor: A,
    me: ActorRef<A::Msg>,
    between: B,
) -> Exit<A::Error> {
    let mut between = pin!(between);
    let mut source = pin!(None::<NoSource<A::Msg>>);
    let mut ctx = Ctx::new(&me, me.inbox().incarnation());
    let why = 'end: {
        if let Err(error) = actor.started(&mut ctx).await {
            break 'end Exit::Failed(error);
        }
        if !ctx.stop {
            me.inbox().set_ready();
        }
        let mut handled = 0;
        loop {
            if ctx.stop {
                break 'end Exit::Normal;
            }
            if let Err(error) = between.as_mut().work(&mut actor).await {
                break 'end Exit::Failed(error);
            }
            let mut due = false;
            let next = {
                let mut next = pin!(Next::new(&mut ctx, source.as_mut()));
                poll_fn(|cx| match next.as_mut().poll(cx) {
                    Poll::Pending => {
                        due = between.as_mut().poll_due(cx).is_ready();
                        if due { Poll::Ready(None) } else { Poll::Pending }
                    }
                    ready => ready,
                })
                .await
            };
            if due {
                continue;
            }
            let Some(next) = next else { break 'end ended(&me) };
            // Moved as a whole, or the future keeps room for what it was.
            let (msg, sender) = Envelope::open(ManuallyDrop::new(next));
            // Without a sender's context it runs in that of the actor, which is current already, and is made
            // where it will lie.
            let outcome = match sender {
                None => actor.handle(ManuallyDrop::into_inner(msg), &mut ctx).await,
                Some(sender) => {
                    sender.run(|| actor.handle(ManuallyDrop::into_inner(msg), &mut ctx)).await
                }
            };
            if let Err(error) = outcome {
                break 'end Exit::Failed(error);
            }
            handled += 1;
            if handled == TURN {
                handled = 0;
                yield_once().await;
            }
        }
    };
    if matches!(why, Exit::Killed) {
        return why;
    }
    actor.stopped(&why).await;
    between.end(&mut actor, why).await
}
