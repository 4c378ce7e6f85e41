//! One incarnation of an actor, as a plain future.

use super::{
    next::NextOfMany,
    source::{NoSource, Source},
};
use crate::actor::{Actor, ActorRef, Ctx, Exit, control_word::Ending, sending::envelope::Envelope};
use crate::channel::{Compact, Recv};
use core::{
    fmt,
    future::poll_fn,
    mem::ManuallyDrop,
    pin::{Pin, pin},
    task::{Context, Poll},
};
use pin_project_lite::pin_project;

/// After how many messages, from wherever they come, others on the same task, and a kill, get their turn.
pub(in crate::actor) const TURN: u32 = 128;

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
    let future = run(actor, me.clone(), None::<NoSource<A::Msg>>);
    Serve::new(future, me)
}

pin_project! {
    /// One incarnation of an actor; made by [`serve`].
    ///
    /// Polled again after it has ended, it stays pending.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Serve<M: 'static, F> {
        #[pin]
        run: Option<Run<F>>,
        me: ActorRef<M>,
    }

    impl<M: 'static, F> PinnedDrop for Serve<M, F> {
        fn drop(this: Pin<&mut Self>) {
            this.end();
        }
    }
}

pin_project! {
    /// The future of an incarnation that has not ended. The flags lie beside it: so an `Option` of it
    /// takes no word more.
    struct Run<F> {
        #[pin]
        future: F,
        started: bool,
        // A supervisor closes the mailbox.
        adopted: bool,
    }
}

/// Closes the mailbox when it is dropped.
struct Tenancy<'a, M: 'static>(&'a ActorRef<M>);

impl<M> Drop for Tenancy<'_, M> {
    fn drop(&mut self) {
        self.0.inbox().retire();
    }
}

impl<M, F> Serve<M, F> {
    #[inline(always)]
    pub(crate) const fn new(future: F, me: ActorRef<M>) -> Self {
        Self { run: Some(Run { future, started: false, adopted: false }), me }
    }

    /// The same around what `f` makes of the future.
    pub(in crate::actor) fn map<G>(mut self, f: impl FnOnce(F) -> G) -> Serve<M, G> {
        let me = self.me.clone();
        let run = self.run.take().map(|run| {
            let Run { future, started, adopted } = run;
            Run { future: f(future), started, adopted }
        });
        Serve { run, me }
    }

    /// Drops what runs, then closes the mailbox unless a supervisor has taken that over.
    fn end(self: Pin<&mut Self>) {
        let mut this = self.project();
        let Some(run) = this.run.as_mut().as_pin_mut() else { return };
        // Also if a destructor panics.
        let _closed = (!*run.project().adopted).then(|| Tenancy(this.me));
        this.run.set(None);
    }

    pub(crate) const fn me(&self) -> &ActorRef<M> {
        &self.me
    }

    /// Whether [`Actor::started`] has returned without an error and without a request to stop.
    pub(crate) fn is_ready(self: Pin<&mut Self>) -> bool {
        // Before the first poll the mailbox tells of the incarnation before.
        let this = self.project();
        let started = this.run.as_pin_mut().is_none_or(|run| *run.project().started);
        started && this.me.inbox().is_ready()
    }

    /// Leaves the mailbox open when this incarnation ends; the caller will close it.
    pub(crate) fn adopted(&mut self) {
        if let Some(run) = &mut self.run {
            run.adopted = true;
        }
        self.me.inbox().adopted();
    }
}

impl<M> ActorRef<M> {
    /// Closes the mailbox that was left open by [`Serve::adopted`].
    pub(crate) fn retire(&self) {
        self.inbox().retire();
    }

    /// Whether it was told to end without handling what waits.
    pub(crate) fn is_stopping_now(&self) -> bool {
        self.inbox().is_stopping_now()
    }

    /// Ends the running incarnation after the message in hand, as [`Ctx::stop`] does.
    pub(crate) fn end_incarnation(&self) {
        self.inbox().end_incarnation();
    }
}

impl<M, E, F: Future<Output = Exit<E>>> Future for Serve<M, F> {
    type Output = Exit<E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Exit<E>> {
        let this = self.as_mut().project();
        let Some(run) = this.run.as_pin_mut() else {
            return Poll::Pending; // polled after completion
        };
        let run = run.project();
        if !core::mem::replace(run.started, true) {
            this.me.inbox().begin();
        }
        let exit = match this.me.inbox().poll_killed(cx) {
            Poll::Ready(()) => Exit::Killed,
            Poll::Pending => core::task::ready!(run.future.poll(cx)),
        };
        self.end();
        Poll::Ready(exit)
    }
}

// Not an `async fn`, which stores its arguments twice.
#[allow(clippy::manual_async_fn, reason = "half the size")]
pub(in crate::actor) fn run<A: Actor, S: Source<A::Msg>>(
    mut actor: A,
    me: ActorRef<A::Msg>,
    source: Option<S>,
) -> impl Future<Output = Exit<A::Error>> {
    async move {
        let mut source = pin!(source);
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
                let plain = source.is_none() && ctx.is_plain();
                let next = if plain {
                    match me.try_next() {
                        Some(next) => next,
                        None => match (FromMailbox { recv: me.next(), me: &me }).await {
                            Some(next) => next,
                            None => break 'end ended(&me),
                        },
                    }
                } else {
                    match NextOfMany::new(&mut ctx, source.as_mut()).await {
                        Some(next) => next,
                        None => break 'end ended(&me),
                    }
                };
                // Moved as a whole, or the future keeps room for what it was.
                let (msg, sender) = Envelope::open(next);
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
        if !matches!(why, Exit::Killed) {
            actor.stopped(&why).await;
        }
        why
    }
}

pin_project! {
    /// Waits for the next message of the mailbox; none once the incarnation takes no more.
    struct FromMailbox<'a, M: 'static> {
        #[pin]
        recv: Recv<'a, Envelope<M>, Compact>,
        me: &'a ActorRef<M>,
    }
}

impl<M> Future for FromMailbox<'_, M> {
    /// Not dropped by itself, see [`Ring::try_take_bare`](crate::channel::Ring::try_take_bare).
    type Output = Option<ManuallyDrop<Envelope<M>>>;

    #[inline(always)]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        // Before it is polled: while it waits, it does not look at the gate.
        if this.me.inbox().control().is_shut() {
            return Poll::Ready(None);
        }
        this.recv.poll(cx).map(|next| next.ok().map(ManuallyDrop::new))
    }
}

/// How an incarnation ends that takes no more messages.
pub(in crate::actor) fn ended<M, E>(me: &ActorRef<M>) -> Exit<E> {
    match me.inbox().control().ending() {
        Ending::Killed => Exit::Killed,
        Ending::Incarnation => Exit::Normal,
        Ending::Actor => Exit::Stopped,
    }
}

/// Pending once, and woken at once.
pub(in crate::actor) async fn yield_once() {
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
        f.debug_struct("Serve").field("actor", &self.me).finish_non_exhaustive()
    }
}
