//! A reference to an actor.

use super::{
    inbox::Inbox,
    reply::{AskError, Reply, ReplyHolder, ReplySlot},
};
use crate::{
    channel::{Recv, Send, Slot, TrySendError, try_send},
    sync::Arc,
    wait::{Attempt, List, Until},
};
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};
use pin_project_lite::pin_project;

/// How a reference holds its actor: in a `static`, or shared on the heap.
pub(super) enum Held<M: 'static> {
    Static(&'static Inbox<M>),
    #[allow(dead_code, reason = "made only where there is a heap")]
    Shared(Arc<Inbox<M, [Slot<M>; 0]>>),
}

/// A reference to an actor; it stays valid over every restart.
///
/// Dropping every reference does not stop the actor; [`stop`](Self::stop) does.
pub struct ActorRef<M: 'static>(pub(super) Held<M>);

impl<M> ActorRef<M> {
    pub(super) const fn new(held: Held<M>) -> Self {
        Self(held)
    }

    #[inline]
    pub(super) fn inbox(&self) -> &Inbox<M> {
        match &self.0 {
            Held::Static(inbox) => inbox,
            Held::Shared(inbox) => &**inbox,
        }
    }

    /// Whether no further incarnation will come.
    pub(crate) fn has_ended(&self) -> bool {
        self.inbox().ended().is_raised()
    }

    pub(super) fn recv(&self) -> Recv<'_, M> {
        Recv::new(self.inbox().ring())
    }

    /// The name it goes by in events.
    pub fn name(&self) -> &'static str {
        self.inbox().name()
    }

    /// Sends `msg`, waiting for room in the mailbox.
    ///
    /// It allocates nothing, but for a heap mailbox that grows towards its capacity. `Ok` means that
    /// the message is in the queue, not that it was handled.
    ///
    /// An actor that tells itself while its mailbox is full waits for itself: use
    /// [`try_tell`](Self::try_tell) there.
    ///
    /// # Errors
    ///
    /// [`SendError`](crate::SendError) with the message if the actor takes no more.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future costs the place in the queue; the message is then not sent.
    pub fn tell(&self, msg: M) -> Send<'_, M> {
        Send::new(self.inbox().ring(), msg)
    }

    /// Sends `msg` if there is room now.
    ///
    /// # Errors
    ///
    /// [`TrySendError`] with the message if the mailbox is full or the actor takes no more.
    pub fn try_tell(&self, msg: M) -> Result<(), TrySendError<M>> {
        try_send(self.inbox().ring(), msg)
    }

    /// Asks a question and waits for the answer in `slot`; it allocates nothing.
    ///
    /// `question` makes the message from the [`Reply`]; a tuple variant `Msg::Get` will do. A slot
    /// holds one question at a time: a second one makes the first answer
    /// [`NoReply`](AskError::NoReply).
    ///
    /// # Errors
    ///
    /// [`AskError`] if the actor takes no more messages or dropped the reply unanswered.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future before the message is in the queue: not asked. After: it may still be
    /// handled, and the late answer is discarded.
    pub async fn ask_in<R>(
        &self,
        slot: &'static ReplySlot<R>,
        question: impl FnOnce(Reply<R>) -> M,
    ) -> Result<R, AskError> {
        self.ask_held(ReplyHolder::Static(slot), question).await
    }

    pub(super) async fn ask_held<R>(
        &self,
        holder: ReplyHolder<R>,
        question: impl FnOnce(Reply<R>) -> M,
    ) -> Result<R, AskError> {
        let (reply, answer) = holder.open();
        // The refused message holds the reply; it is dropped here, and the answer with it.
        if self.tell(question(reply)).await.is_err() {
            return Err(AskError::Closed);
        }
        answer.await
    }

    /// Asks the actor to take no more messages, handle those that wait, and end for good.
    pub fn stop(&self) {
        self.inbox().stop();
    }

    /// Asks the actor to end for good after the message in hand; those that wait are dropped.
    pub fn stop_now(&self) {
        self.inbox().stop_now();
    }

    /// Drops the running incarnation at its next await; a failure, after which it may be restarted.
    ///
    /// A handler that never awaits cannot be killed. When no incarnation runs, there is nothing to
    /// kill, and the next one is not affected.
    pub fn kill(&self) {
        self.inbox().kill();
    }

    /// Whether the actor takes no more messages.
    pub fn is_closed(&self) -> bool {
        self.inbox().ring().is_closed()
    }

    /// Waits until the actor has ended for good, after its destructors ran.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future costs nothing.
    pub fn closed(&self) -> Closed<M> {
        Closed { until: Until::new(Ended(self.clone())) }
    }

    /// How many messages wait.
    pub fn len(&self) -> usize {
        self.inbox().ring().len()
    }

    /// Whether no message waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many messages can wait.
    pub fn capacity(&self) -> usize {
        self.inbox().ring().capacity()
    }

    /// How many incarnations have started.
    pub fn incarnations(&self) -> usize {
        self.inbox().incarnations()
    }

    /// Whether both references are to one actor.
    pub fn same_actor(&self, other: &Self) -> bool {
        core::ptr::addr_eq(self.inbox(), other.inbox())
    }
}

impl<M> Clone for ActorRef<M> {
    fn clone(&self) -> Self {
        Self(match &self.0 {
            Held::Static(inbox) => Held::Static(inbox),
            Held::Shared(inbox) => Held::Shared(inbox.clone()),
        })
    }
}

impl<M> fmt::Debug for ActorRef<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActorRef")
            .field("name", &self.name())
            .field("len", &self.len())
            .field("incarnations", &self.incarnations())
            .field("closed", &self.is_closed())
            .finish_non_exhaustive()
    }
}

struct Ended<M: 'static>(ActorRef<M>);

impl<M> Attempt for Ended<M> {
    type Output = ();

    fn attempt(&mut self) -> Poll<()> {
        if self.0.inbox().ended().is_raised() { Poll::Ready(()) } else { Poll::Pending }
    }

    fn with_list<R>(&self, f: impl FnOnce(&mut List, bool) -> R) -> R {
        self.0.inbox().ended().with_list(f)
    }
}

pin_project! {
    /// Completes when an actor has ended for good; made by [`ActorRef::closed`].
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Closed<M: 'static> {
        #[pin]
        until: Until<Ended<M>>,
    }
}

impl<M> Future for Closed<M> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.project().until.poll(cx)
    }
}

impl<M> fmt::Debug for Closed<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Closed").field(&self.until.operation().0).finish()
    }
}
