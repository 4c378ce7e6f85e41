//! References that do not keep a mailbox alive.

use super::{ActorRef, actor_ref::Held, inbox::Inbox};
use crate::{
    channel::Slot,
    sync::{Weak, downgrade},
};

/// A reference that does not keep a mailbox on the heap alive.
pub(crate) struct WeakActorRef<M: 'static>(WeakHeld<M>);

enum WeakHeld<M: 'static> {
    Static(&'static Inbox<M>),
    Shared(Weak<Inbox<M, [Slot<M>; 0]>>),
}

impl<M> ActorRef<M> {
    pub(crate) fn downgrade(&self) -> WeakActorRef<M> {
        WeakActorRef(match &self.0 {
            Held::Static(inbox) => WeakHeld::Static(inbox),
            Held::Shared(inbox) => WeakHeld::Shared(downgrade(inbox)),
        })
    }
}

impl<M> WeakActorRef<M> {
    /// A counted reference again, or `None` if there is none any more.
    pub(crate) fn upgrade(&self) -> Option<ActorRef<M>> {
        Some(ActorRef::new(match &self.0 {
            WeakHeld::Static(inbox) => Held::Static(inbox),
            WeakHeld::Shared(inbox) => Held::Shared(inbox.upgrade()?),
        }))
    }
}
