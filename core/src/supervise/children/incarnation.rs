//! What can be a child: a future, and the means to end it in order.

use crate::supervise::{
    tree::info::{ChildKind, MailboxDepth},
    tree::view::View,
};
use crate::{
    actor::{ActorRef, Exit, Serve},
    cancel::CancelToken,
};
use core::{
    convert::Infallible,
    fmt,
    pin::Pin,
    task::{Context, Poll},
};
use pin_project_lite::pin_project;

/// One run of a child: a future, and the means to end it in order.
pub trait Incarnation: Future<Output: Outcome> {
    /// How its supervisor reaches it while it runs, and what it leaves behind when it has ended.
    type Control: Control;

    /// Hands what outlives this incarnation to the supervisor, before the first poll.
    fn adopt(&mut self) -> Self::Control;

    /// As [`adopt`](Self::adopt); none if what it leaves behind is what `known` reaches already.
    fn adopt_beside(&mut self, known: Option<&Self::Control>) -> Option<Self::Control> {
        let own = self.adopt();
        if known.is_some_and(|known| known.is_same(&own)) { None } else { Some(own) }
    }

    /// Takes over what the incarnation before it left behind, after [`adopt`](Self::adopt).
    fn inherit(&mut self, before: Self::Control) {
        drop(before);
    }

    /// What kind of child it is.
    const KIND: ChildKind = ChildKind::Task;

    /// Whether it has begun its work: those that are started after it wait for that.
    ///
    /// Asked after each poll. What fails before it is ready has failed to start.
    fn is_ready(self: Pin<&mut Self>) -> bool {
        true
    }

    /// Whether it is ready without having been polled.
    const READY: bool = true;
}

/// How a supervisor reaches a running child; clones reach the same one.
pub trait Control: Clone {
    /// Asks the child to end in order and for good; false if it has no way to be asked.
    fn stop(&self) -> bool;

    /// Asks the incarnation to end in order; there may be another one.
    ///
    /// False if it has no way to be asked.
    fn end_incarnation(&self) -> bool {
        self.stop()
    }

    /// Whether it was told to end for good and has nothing left to do.
    ///
    /// Then no other incarnation comes, however the running one ends.
    fn is_final(&self) -> bool {
        false
    }

    /// No further incarnation will come.
    fn retire(&self);

    /// Whether both reach the same thing, so that only one of them is to be retired.
    fn is_same(&self, other: &Self) -> bool {
        let _ = other;
        true
    }

    /// The name that the child goes by in events, if it brings one with it.
    fn name(&self) -> Option<&'static str> {
        None
    }

    /// What there is to be seen of the child.
    fn visible(&self) -> Visible {
        Visible::default()
    }
}

/// What there is to be seen of a child, besides what its supervisor knows.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Visible {
    /// Its mailbox, if it has one.
    pub mailbox: Option<MailboxDepth>,
    /// The children of a child that is a supervisor.
    #[allow(dead_code, reason = "used only where there is a heap")]
    pub(in crate::supervise) view: View,
}

/// Retires what outlives the incarnations of a child when it is dropped itself.
#[derive(Debug)]
pub struct Retire<C: Control>(pub(in crate::supervise) Option<C>);

impl<C: Control> Drop for Retire<C> {
    fn drop(&mut self) {
        if let Some(control) = self.0.take() {
            control.retire();
        }
    }
}

/// What a child's future gives when it is done.
pub trait Outcome {
    /// Why it failed.
    type Error: fmt::Debug;

    /// The same as an [`Exit`].
    fn into_exit(self) -> Exit<Self::Error>;
}

impl<E: fmt::Debug> Outcome for Exit<E> {
    type Error = E;

    fn into_exit(self) -> Self {
        self
    }
}

impl<E: fmt::Debug> Outcome for Result<(), E> {
    type Error = E;

    fn into_exit(self) -> Exit<E> {
        match self {
            Ok(()) => Exit::Normal,
            Err(error) => Exit::Failed(error),
        }
    }
}

impl Outcome for () {
    type Error = Infallible;

    fn into_exit(self) -> Exit<Infallible> {
        Exit::Normal
    }
}

impl<M, E: fmt::Debug, F: Future<Output = Exit<E>>> Incarnation for Serve<M, F> {
    type Control = ActorRef<M>;

    const KIND: ChildKind = ChildKind::Actor;

    fn adopt(&mut self) -> ActorRef<M> {
        self.adopted();
        self.me().clone()
    }

    fn adopt_beside(&mut self, known: Option<&ActorRef<M>>) -> Option<ActorRef<M>> {
        self.adopted();
        let own = self.me();
        if known.is_some_and(|known| known.same_actor(own)) { None } else { Some(own.clone()) }
    }

    fn inherit(&mut self, before: ActorRef<M>) {
        // Who makes a mailbox for each incarnation has no more use for the last one.
        if !self.me().is_same(&before) {
            before.retire();
        }
    }

    fn is_ready(self: Pin<&mut Self>) -> bool {
        Self::is_ready(self)
    }

    const READY: bool = false;
}

impl<M> Control for ActorRef<M> {
    fn stop(&self) -> bool {
        Self::stop(self);
        true
    }

    fn end_incarnation(&self) -> bool {
        Self::end_incarnation(self);
        true
    }

    fn is_final(&self) -> bool {
        self.is_stopping_now()
    }

    fn retire(&self) {
        Self::retire(self);
    }

    fn is_same(&self, other: &Self) -> bool {
        self.same_actor(other)
    }

    fn name(&self) -> Option<&'static str> {
        Some(Self::name(self))
    }

    fn visible(&self) -> Visible {
        let depth = MailboxDepth { waiting: self.len(), capacity: self.capacity() };
        Visible { mailbox: Some(depth), ..Visible::default() }
    }
}

/// Makes a child of a plain future, which may give `()`, a `Result<(), E>` or an [`Exit`].
///
/// To be asked to stop it needs a token, see [`Task::stop_with`]; without one it is dropped.
///
/// # Cancel safety
///
/// Dropping the task drops `future`, nothing else.
pub const fn task<F: Future<Output: Outcome>>(future: F) -> Task<F> {
    Task { future, token: None }
}

pin_project! {
    /// A plain future as a child; made by [`task`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Task<F> {
        #[pin]
        future: F,
        token: Option<CancelToken>,
    }
}

impl<F> Task<F> {
    /// Cancels `token` when the task shall end, instead of dropping the task at once.
    ///
    /// A token stays cancelled, so give every incarnation one of its own.
    ///
    /// # Cancel safety
    ///
    /// As before: dropping the task drops its future, nothing else.
    pub fn stop_with(mut self, token: CancelToken) -> Self {
        self.token = Some(token);
        self
    }
}

impl<F: Future> Future for Task<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.project().future.poll(cx)
    }
}

impl<F: Future<Output: Outcome>> Incarnation for Task<F> {
    type Control = Option<CancelToken>;

    fn adopt(&mut self) -> Option<CancelToken> {
        self.token.take()
    }
}

impl Control for Option<CancelToken> {
    fn stop(&self) -> bool {
        self.as_ref().is_some_and(|token| {
            token.cancel("the supervisor stops");
            true
        })
    }

    fn retire(&self) {}
}
