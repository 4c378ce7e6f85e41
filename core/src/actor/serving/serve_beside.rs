//! Incarnations that also handle what waits in a mailbox that they share.

use super::{serve::run, source::Source};
use crate::actor::{Actor, ActorRef, Exit, Serve, sending::envelope::Envelope};
use crate::{
    channel::TryRecvError,
    wait::{Attempt, List, Until},
};
use core::{
    pin::Pin,
    task::{Context, Poll},
};
use pin_project_lite::pin_project;

/// Runs one incarnation on the messages of `me` and, by turns, those of `shared`, if there is one.
///
/// When `shared` has been closed and emptied, the actor is stopped: it handles what waits in `me` and
/// ends for good.
///
/// # Cancel safety
///
/// Dropping it kills the incarnation: the message in hand is lost, those that wait are not touched.
pub(crate) fn serve_beside<A: Actor>(
    actor: A,
    me: ActorRef<A::Msg>,
    shared: Option<ActorRef<A::Msg>>,
) -> Serve<A::Msg, impl Future<Output = Exit<A::Error>>> {
    let source =
        shared.map(|shared| FromMailbox { until: Until::new(Take(shared)), me: me.clone() });
    let future = run(actor, me.clone(), source);
    Serve::new(future, me)
}

pin_project! {
    /// The messages of a mailbox that others take from as well.
    struct FromMailbox<M: 'static> {
        #[pin]
        until: Until<Take<M>>,
        me: ActorRef<M>,
    }
}

struct Take<M: 'static>(ActorRef<M>);

impl<M> Attempt for Take<M> {
    type Output = Option<Envelope<M>>;

    fn attempt(&mut self) -> Poll<Self::Output> {
        match self.0.inbox().ring().try_take() {
            Ok(envelope) => Poll::Ready(Some(envelope)),
            Err(TryRecvError::Empty) => Poll::Pending,
            Err(TryRecvError::Closed) => Poll::Ready(None),
        }
    }

    fn with_list<R>(&self, f: impl FnOnce(&mut List, bool) -> R) -> R {
        self.0.inbox().ring().with_waiting_receivers(f)
    }
}

impl<M> Source<M> for FromMailbox<M> {
    fn poll_message(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Envelope<M>>> {
        let this = self.project();
        let next = this.until.poll(cx);
        if matches!(next, Poll::Ready(None)) {
            this.me.stop();
        }
        next
    }

    fn leave(self: Pin<&mut Self>) {
        self.project().until.give_up();
    }
}
