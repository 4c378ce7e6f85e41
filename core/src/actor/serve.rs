//! One incarnation of an actor, as a plain future.

use super::{Actor, ActorRef, Ctx, Exit};
use core::{
    fmt,
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll},
};
use pin_project_lite::pin_project;

/// After how many messages others on the same task, and a kill, get their turn.
const TURN: u32 = 64;

/// Runs one incarnation of `actor` on the messages of `me`; any executor can run it.
///
/// Run by itself, it closes the mailbox when it ends or is dropped, so that nobody waits for an
/// answer that will not come. Run by a [`Supervisor`](crate::Supervisor), it leaves the mailbox
/// open for the next incarnation; for that, give it the `Serve` itself and not another future
/// around it. Run one incarnation at a time: two on one mailbox compete for its messages.
///
/// # Cancel safety
///
/// Dropping it kills the incarnation: the message in hand is lost, those that wait are not touched.
pub fn serve<A: Actor>(
    actor: A,
    me: ActorRef<A::Msg>,
) -> Serve<A::Msg, impl Future<Output = Exit<A::Error>>> {
    let future = run(actor, me.clone());
    Serve { future: Some(future), mailbox: Tenancy { me, adopted: false }, started: false }
}

pin_project! {
    /// One incarnation of an actor; made by [`serve`].
    ///
    /// Polled again after it has ended, it stays pending.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Serve<M: 'static, F> {
        #[pin]
        future: Option<F>,
        started: bool,
        // After `future`: destructors run before the mailbox is closed.
        mailbox: Tenancy<M>,
    }
}

/// Closes the mailbox at the end, unless a supervisor has taken that over.
struct Tenancy<M: 'static> {
    me: ActorRef<M>,
    adopted: bool,
}

impl<M> Tenancy<M> {
    fn end(&mut self) {
        if !core::mem::replace(&mut self.adopted, true) {
            self.me.inbox().retire();
        }
    }
}

impl<M> Drop for Tenancy<M> {
    fn drop(&mut self) {
        self.end();
    }
}

impl<M, F> Serve<M, F> {
    /// Leaves the mailbox open when this incarnation ends; the caller will close it.
    pub(crate) fn adopt(&mut self) -> ActorRef<M> {
        self.mailbox.adopted = true;
        self.mailbox.me.clone()
    }
}

impl<M> ActorRef<M> {
    /// Closes the mailbox that was left open by [`Serve::adopt`].
    pub(crate) fn retire(&self) {
        self.inbox().retire();
    }
}

impl<M, E, F: Future<Output = Exit<E>>> Future for Serve<M, F> {
    type Output = Exit<E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Exit<E>> {
        let mut this = self.project();
        if !core::mem::replace(this.started, true) {
            this.mailbox.me.inbox().begin();
        }
        let exit = match this.mailbox.me.inbox().poll_killed(cx) {
            Poll::Ready(()) => Exit::Killed,
            Poll::Pending => match this.future.as_mut().as_pin_mut() {
                Some(future) => core::task::ready!(future.poll(cx)),
                None => return Poll::Pending, // polled after completion
            },
        };
        this.future.set(None);
        this.mailbox.end();
        Poll::Ready(exit)
    }
}

async fn run<A: Actor>(mut actor: A, me: ActorRef<A::Msg>) -> Exit<A::Error> {
    let mut ctx = Ctx::new(&me, me.incarnations().wrapping_sub(1));
    let why = match talk(&mut actor, &me, &mut ctx).await {
        Ok(why) => why,
        Err(error) => Exit::Failed(error),
    };
    actor.stopped(&why).await;
    why
}

async fn talk<A: Actor>(
    actor: &mut A,
    me: &ActorRef<A::Msg>,
    ctx: &mut Ctx<'_, A::Msg>,
) -> Result<Exit<A::Error>, A::Error> {
    actor.started(ctx).await?;
    let mut handled = 0;
    loop {
        if ctx.stop {
            return Ok(Exit::Normal);
        }
        match me.recv().await {
            Ok(msg) if !me.inbox().is_stopping_now() => actor.handle(msg, ctx).await?,
            _ => return Ok(Exit::Stopped),
        }
        handled += 1;
        if handled == TURN {
            handled = 0;
            yield_once().await;
        }
    }
}

/// Pending once, and woken at once.
async fn yield_once() {
    let mut yielded = false;
    poll_fn(|cx| {
        if core::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

impl<M, F> fmt::Debug for Serve<M, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Serve").field("actor", &self.mailbox.me).finish_non_exhaustive()
    }
}
