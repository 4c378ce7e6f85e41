//! Incarnations that listen to one thing more than their mailbox, without a heap.

use super::{serve::run, source::FromStream};
use crate::actor::{Actor, ActorRef, Exit, Serve};
use crate::channel::{Receiver, Sharing};
use futures_core::Stream;

/// Runs one incarnation of `actor` on the messages of `me` and the items of `stream`, by turns.
///
/// When the stream ends it is dropped, and the actor runs on. When the incarnation ends, also
/// because its mailbox was closed, what is still in the stream is dropped with it; what it has not
/// fetched so far stays where it is. Nothing is allocated, and the stream need not be `Send`. Besides
/// that, it is like [`serve`](crate::actor::serve).
///
/// # Cancel safety
///
/// Dropping it kills the incarnation: the message in hand is lost, those that wait are not touched.
pub fn serve_with<A: Actor, S: Stream<Item = A::Msg>>(
    actor: A,
    me: ActorRef<A::Msg>,
    stream: S,
) -> Serve<A::Msg, impl Future<Output = Exit<A::Error>>> {
    let future = run(actor, me.clone(), Some(FromStream { stream }));
    Serve::new(future, me)
}

/// Runs one incarnation of `actor` on the messages of `me` and those of a queue, by turns.
///
/// Several actors may share the queue: each message of it is handled by one of them, and an actor
/// that handles a message stands in nobody's way. When the queue is closed and empty, the actor runs
/// on. When the incarnation ends, also because its mailbox was closed, it leaves in the queue what is
/// there. Besides that, it is like [`serve`](crate::actor::serve).
///
/// # Examples
///
/// ```
/// # use core::{pin::pin, task::{Context, Poll, Waker}};
/// use klaw::{Actor, Ctx, bounded, mailbox};
/// use klaw::actor::serve_queue;
///
/// struct Worker { done: u32 }
///
/// impl Actor for Worker {
///     type Msg = u32;
///     type Error = core::convert::Infallible;
///
///     async fn handle(&mut self, job: u32, _: &mut Ctx<'_, u32>) -> Result<(), Self::Error> {
///         self.done += job;
///         Ok(())
///     }
/// }
///
/// let (jobs, queue) = bounded(8);
/// let (first, second) = (mailbox(1), mailbox(1));
/// let workers = [
///     serve_queue(Worker { done: 0 }, first.clone(), queue.clone()),
///     serve_queue(Worker { done: 0 }, second.clone(), queue),
/// ];
/// jobs.try_send(7).unwrap();
/// # for worker in workers {
/// #     assert!(pin!(worker).poll(&mut Context::from_waker(Waker::noop())).is_pending());
/// # }
/// # assert!(jobs.is_empty());
/// ```
///
/// # Cancel safety
///
/// Dropping it kills the incarnation: the message in hand is lost, those that wait are not touched.
pub fn serve_queue<A: Actor, K: Sharing>(
    actor: A,
    me: ActorRef<A::Msg>,
    queue: Receiver<A::Msg, K>,
) -> Serve<A::Msg, impl Future<Output = Exit<A::Error>>> {
    let future = run(actor, me.clone(), Some(queue.into_stream()));
    Serve::new(future, me)
}
