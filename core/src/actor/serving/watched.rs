//! Since when an incarnation has been in one poll, for whoever watches over it.

use crate::actor::{ActorRef, Serve};
use crate::time::{Clock, Instant};
use core::{
    pin::Pin,
    task::{Context, Poll},
};
use pin_project_lite::pin_project;

pin_project! {
    /// Writes down when each poll of `future` begins, and that it has ended.
    struct Watched<M: 'static, F, C> {
        #[pin]
        future: F,
        me: ActorRef<M>,
        clock: C,
    }
}

/// Says at the end of a poll, also if it panics, that it has ended.
struct InPoll<'a, M: 'static>(&'a ActorRef<M>);

impl<M> Drop for InPoll<'_, M> {
    fn drop(&mut self) {
        self.0.inbox().seldom().set_busy(Instant::FAR_FUTURE);
    }
}

impl<M, F: Future, C: Clock> Future for Watched<M, F, C> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        this.me.inbox().seldom().set_busy(this.clock.now());
        let _in_poll = InPoll(this.me);
        this.future.poll(cx)
    }
}

impl<M, F: Future> Serve<M, F> {
    /// Makes [`busy_since`](ActorRef::busy_since) tell when the poll in hand began, by `clock`.
    ///
    /// It costs two looks at a lock and one at the clock for each poll, which may handle many
    /// messages. The destructors of an incarnation are not watched.
    ///
    /// # Cancel safety
    ///
    /// As before: dropping it kills the incarnation.
    pub fn watched<C: Clock>(
        self,
        clock: &C,
    ) -> Serve<M, impl Future<Output = F::Output> + use<M, F, C>> {
        let (me, clock) = (self.me().clone(), clock.clone());
        self.map(|future| Watched { future, me, clock })
    }
}

impl<M> ActorRef<M> {
    /// When the poll in hand began, if the actor is in one and is [watched](Serve::watched).
    ///
    /// A handler that computes for long or blocks its thread stays in one poll: nothing else on
    /// that thread runs meanwhile, and it can be neither stopped nor killed. Who knows this moment can
    /// report it. It is a moment on the clock that `watched` was given.
    pub fn busy_since(&self) -> Option<Instant> {
        let began = self.inbox().seldom().busy();
        (began != Instant::FAR_FUTURE).then_some(began)
    }
}
