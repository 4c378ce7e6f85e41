//! The next message of an incarnation that listens to more than its mailbox.

use super::{extras::Extras, source::Source, stash::Stash};
use crate::actor::{Ctx, sending::envelope::Envelope};
use crate::channel::{Compact, Recv};
use core::{
    mem::ManuallyDrop,
    pin::Pin,
    task::{Context, Poll},
};
use pin_project_lite::pin_project;

pin_project! {
    /// Waits for the next message, whoever gives it; none once the incarnation takes no more.
    ///
    /// What was brought back from the stash comes first, then timers that are due, then the mailbox,
    /// the source and the streams by turns. Dropping it loses no message.
    pub(in crate::actor) struct Next<'a, 'me, M: 'static, S> {
        ctx: &'a mut Ctx<'me, M>,
        source: Pin<&'a mut Option<S>>,
        #[pin]
        recv: Recv<'me, Envelope<M>, Compact>,
    }
}

impl<'a, 'me, M, S> Next<'a, 'me, M, S> {
    pub(in crate::actor) fn new(ctx: &'a mut Ctx<'me, M>, source: Pin<&'a mut Option<S>>) -> Self {
        let recv = ctx.me.recv();
        Self { ctx, source, recv }
    }
}

impl<M, S: Source<M>> Future for Next<'_, '_, M, S> {
    type Output = Option<Envelope<M>>;

    // Timers and streams give messages as options that are encoded in the messages' own bytes. Inlined,
    // that takes those of the mailbox apart as well.
    #[inline(never)]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Envelope<M>>> {
        let this = self.project();
        let next = poll_next(this.ctx, this.source.as_mut(), this.recv, cx);
        // An actor that handles a message leaves what comes through a shared queue to others.
        if next.is_ready()
            && let Some(source) = this.source.as_mut().as_pin_mut()
        {
            source.leave();
        }
        next
    }
}

pin_project! {
    /// [`Next`] for an actor that has a mailbox alone unless it asks for more.
    ///
    /// Where there is no more to ask for, this is never polled, and the program is linked without it.
    pub(in crate::actor) struct NextOfMany<'a, 'me, M: 'static, S> {
        #[pin]
        next: Next<'a, 'me, M, S>,
    }
}

impl<'a, 'me, M, S> NextOfMany<'a, 'me, M, S> {
    pub(in crate::actor) fn new(ctx: &'a mut Ctx<'me, M>, source: Pin<&'a mut Option<S>>) -> Self {
        Self { next: Next::new(ctx, source) }
    }
}

impl<M, S: Source<M>> Future for NextOfMany<'_, '_, M, S> {
    type Output = Option<ManuallyDrop<Envelope<M>>>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if const { S::ANY || Stash::<Envelope<M>>::ANY || Extras::<M>::ANY } {
            self.project().next.poll(cx).map(|next| next.map(ManuallyDrop::new))
        } else {
            Poll::Ready(None)
        }
    }
}

fn poll_next<M, S: Source<M>>(
    ctx: &mut Ctx<'_, M>,
    source: Pin<&mut Option<S>>,
    recv: Pin<&mut Recv<'_, Envelope<M>, Compact>>,
    cx: &mut Context<'_>,
) -> Poll<Option<Envelope<M>>> {
    if ctx.me.inbox().control().is_shut() {
        return Poll::Ready(None);
    }
    if let Some(next) = ctx.take_unstashed().or_else(|| ctx.extras.due().map(Envelope::own)) {
        return Poll::Ready(Some(next));
    }
    match poll_in_turn(ctx, source, recv, cx) {
        Poll::Ready(next) => Poll::Ready(next),
        Poll::Pending => ctx.extras.poll_timer(cx).map(Envelope::own).map(Some),
    }
}

/// Looks once at the mailbox, at `source` and at each stream, from the one whose turn it is on.
fn poll_in_turn<M, S: Source<M>>(
    ctx: &mut Ctx<'_, M>,
    mut source: Pin<&mut Option<S>>,
    mut recv: Pin<&mut Recv<'_, Envelope<M>, Compact>>,
    cx: &mut Context<'_>,
) -> Poll<Option<Envelope<M>>> {
    const MAILBOX: usize = 0;
    const SOURCE: usize = 1;
    const STREAMS: usize = 2;
    let count = STREAMS + ctx.extras.streams();
    let first = ctx.turn as usize % count;
    let mut found = Poll::Pending;
    for at in (first..count).chain(0..first) {
        let polled = match at {
            MAILBOX => recv.as_mut().poll(cx).map(Result::ok),
            SOURCE => poll_source(source.as_mut(), cx).map(Some),
            _ => ctx.extras.poll_stream(at - STREAMS, cx).map(Envelope::own).map(Some),
        };
        if polled.is_ready() {
            ctx.turn = (at + 1) as u32;
            found = polled;
            break;
        }
    }
    ctx.extras.forget_ended();
    found
}

/// The next message of `source`, which is dropped when it has ended.
fn poll_source<M, S: Source<M>>(
    mut source: Pin<&mut Option<S>>,
    cx: &mut Context<'_>,
) -> Poll<Envelope<M>> {
    let Some(open) = source.as_mut().as_pin_mut() else { return Poll::Pending };
    match open.poll_message(cx) {
        Poll::Ready(Some(msg)) => Poll::Ready(msg),
        Poll::Ready(None) => {
            source.set(None);
            Poll::Pending
        }
        Poll::Pending => Poll::Pending,
    }
}
