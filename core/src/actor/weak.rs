//! References that keep no mailbox.

use super::{ActorRef, actor_ref::Held, inbox::Inbox, sending::envelope::Envelope};
use crate::{
    channel::Slot,
    sync::{Weak, downgrade},
};
use core::fmt;

/// A reference to an actor that does not keep its mailbox alive.
///
/// # Examples
///
/// ```
/// let me = klaw::mailbox::<u32>(4);
/// let weak = me.downgrade();
/// assert_eq!(weak.upgrade(), Some(me));
/// assert_eq!(weak.upgrade(), None);
/// ```
pub struct WeakActorRef<M: 'static>(HeldWeakly<M>);

enum HeldWeakly<M: 'static> {
    Static(&'static Inbox<M>),
    Shared(Weak<Inbox<M, [Slot<Envelope<M>>; 0]>>),
}

impl<M> WeakActorRef<M> {
    /// A reference, unless the mailbox is gone; one in a `static` never is.
    ///
    /// A mailbox goes with its last reference, and a running actor has one: its own.
    pub fn upgrade(&self) -> Option<ActorRef<M>> {
        match &self.0 {
            HeldWeakly::Static(inbox) => Some(ActorRef::new(Held::Static(inbox))),
            HeldWeakly::Shared(inbox) => Some(ActorRef::new(Held::Shared(inbox.upgrade()?))),
        }
    }
}

impl<M> ActorRef<M> {
    /// A reference that does not keep the mailbox alive.
    pub fn downgrade(&self) -> WeakActorRef<M> {
        WeakActorRef(match self.held() {
            Held::Static(inbox) => HeldWeakly::Static(inbox),
            Held::Shared(inbox) => HeldWeakly::Shared(downgrade(inbox)),
        })
    }
}

impl<M> Clone for WeakActorRef<M> {
    fn clone(&self) -> Self {
        Self(match &self.0 {
            HeldWeakly::Static(inbox) => HeldWeakly::Static(inbox),
            HeldWeakly::Shared(inbox) => HeldWeakly::Shared(inbox.clone()),
        })
    }
}

impl<M> fmt::Debug for WeakActorRef<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeakActorRef").finish_non_exhaustive()
    }
}
