//! A reference to an actor.

use super::{inbox::Inbox, sending::envelope::Envelope};
use crate::{
    channel::{Compact, Recv, Slot},
    sync::{Arc, INLINED},
    wait::{Attempt, List, Until},
};
use core::{
    fmt,
    hash::{Hash, Hasher},
    mem::ManuallyDrop,
    pin::Pin,
    task::{Context, Poll},
};
use pin_project_lite::pin_project;

/// How a reference holds its actor: in a `static`, or shared on the heap.
pub(super) enum Held<M: 'static> {
    Static(&'static Inbox<M>),
    #[allow(dead_code, reason = "made only where there is a heap")]
    Shared(Arc<Inbox<M, [Slot<Envelope<M>>; 0]>>),
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

    pub(super) const fn held(&self) -> &Held<M> {
        &self.0
    }

    /// The next message of the mailbox, if there is one and the running incarnation takes more.
    #[inline(always)]
    pub(super) fn try_next(&self) -> Option<ManuallyDrop<Envelope<M>>> {
        if const { INLINED } { self.inbox().ring().try_take_bare().ok() } else { None }
    }

    /// The same, waiting for it; for who has just tried in vain.
    pub(super) fn next(&self) -> Recv<'_, Envelope<M>, Compact> {
        let ring = self.inbox().ring();
        if const { INLINED } { Recv::tried(ring) } else { Recv::new(ring) }
    }

    pub(super) fn recv(&self) -> Recv<'_, Envelope<M>, Compact> {
        Recv::new(self.inbox().ring())
    }

    /// The name it goes by in events.
    pub fn name(&self) -> &'static str {
        self.inbox().name()
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
    /// It takes no more messages: what is sent after this returned is for the next incarnation.
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

/// References are equal if they are to one actor.
impl<M> PartialEq for ActorRef<M> {
    fn eq(&self, other: &Self) -> bool {
        self.same_actor(other)
    }
}

impl<M> Eq for ActorRef<M> {}

impl<M> Hash for ActorRef<M> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&raw const *self.inbox()).cast::<()>().hash(state);
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
