//! One incarnation of a member.

use super::seat::Seat;
use crate::{
    actor::{Actor, ActorRef, Ctx, Exit, Serve, serve_beside},
    supervise::{Factory, Incarnation},
    sync::{Arc, Ordering},
    time::Clock,
};
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};
use pin_project_lite::pin_project;

/// The place in a pool that an incarnation is made for.
pub struct Member<M: 'static> {
    pub(super) seat: Arc<Seat<M>>,
    /// The queue of the pool, if its members share one.
    pub(super) queue: Option<ActorRef<M>>,
}

impl<M> Member<M> {
    /// Its number in the pool; a restart and a replacement keep it.
    pub fn number(&self) -> usize {
        self.seat.number
    }

    /// Its own reference.
    pub fn me(&self) -> &ActorRef<M> {
        &self.seat.actor
    }

    /// Runs one incarnation of `actor` on the messages of the pool and of its own mailbox.
    ///
    /// # Cancel safety
    ///
    /// Dropping it kills the incarnation: the message in hand is lost, those that wait are not touched.
    pub fn serve<A: Actor<Msg = M>>(
        self,
        actor: A,
    ) -> ServeMember<M, impl Future<Output = Exit<A::Error>>> {
        let Self { seat, queue } = self;
        let me = seat.actor.clone();
        ServeMember { serve: serve_beside(Seated { actor, seat }, me, queue) }
    }
}

impl<M> Clone for Member<M> {
    fn clone(&self) -> Self {
        Self { seat: self.seat.clone(), queue: self.queue.clone() }
    }
}

/// An actor that shows in its seat what it is doing.
struct Seated<A: Actor> {
    actor: A,
    seat: Arc<Seat<A::Msg>>,
}

/// While it lives, a message is in hand.
struct InHand<'a, M: 'static>(&'a Seat<M>);

impl<M> Drop for InHand<'_, M> {
    fn drop(&mut self) {
        self.0.handling.store(false, Ordering::Release);
    }
}

impl<A: Actor> Drop for Seated<A> {
    fn drop(&mut self) {
        self.seat.started.store(false, Ordering::Release);
    }
}

impl<A: Actor> Actor for Seated<A> {
    type Msg = A::Msg;
    type Error = A::Error;

    async fn started(&mut self, ctx: &mut Ctx<'_, A::Msg>) -> Result<(), A::Error> {
        self.actor.started(ctx).await?;
        self.seat.started.store(true, Ordering::Release);
        Ok(())
    }

    async fn handle(&mut self, msg: A::Msg, ctx: &mut Ctx<'_, A::Msg>) -> Result<(), A::Error> {
        self.seat.handling.store(true, Ordering::Release);
        let _in_hand = InHand(&self.seat);
        self.actor.handle(msg, ctx).await
    }

    async fn stopped(&mut self, why: &Exit<A::Error>) {
        self.actor.stopped(why).await;
    }
}

pin_project! {
    /// One incarnation of a member; made by [`Member::serve`].
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct ServeMember<M: 'static, F> {
        #[pin]
        serve: Serve<M, F>,
    }
}

impl<M, F: Future> ServeMember<M, F> {
    /// Makes [`busy_since`](ActorRef::busy_since) tell when the poll in hand began, by `clock`.
    ///
    /// # Cancel safety
    ///
    /// As before: dropping it kills the incarnation.
    pub fn watched<C: Clock>(
        self,
        clock: &C,
    ) -> ServeMember<M, impl Future<Output = F::Output> + use<M, F, C>> {
        ServeMember { serve: self.serve.watched(clock) }
    }
}

impl<M, E, F: Future<Output = Exit<E>>> Future for ServeMember<M, F> {
    type Output = Exit<E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Exit<E>> {
        self.project().serve.poll(cx)
    }
}

impl<M, E: fmt::Debug, F: Future<Output = Exit<E>>> Incarnation for ServeMember<M, F> {
    type Control = ActorRef<M>;

    fn adopt(&mut self) -> ActorRef<M> {
        Incarnation::adopt(&mut self.serve)
    }

    fn is_ready(self: Pin<&mut Self>) -> bool {
        Incarnation::is_ready(self.project().serve)
    }

    const READY: bool = false;
}

/// Makes the incarnations of one member.
#[derive(Debug)]
pub struct MemberFactory<M: 'static, F> {
    pub(super) member: Member<M>,
    pub(super) incarnation: F,
}

impl<M, E, I, F> Factory for MemberFactory<M, F>
where
    E: fmt::Debug,
    I: Future<Output = Exit<E>>,
    F: FnMut(Member<M>) -> ServeMember<M, I>,
{
    type Future = ServeMember<M, I>;

    fn make(&mut self) -> ServeMember<M, I> {
        (self.incarnation)(self.member.clone())
    }

    fn control(&self) -> Option<&ActorRef<M>> {
        Some(&self.member.seat.actor)
    }
}

impl<M> fmt::Debug for Member<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Member").field("id", &self.seat.id).finish_non_exhaustive()
    }
}

impl<M, F> fmt::Debug for ServeMember<M, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServeMember").field("serve", &self.serve).finish()
    }
}
