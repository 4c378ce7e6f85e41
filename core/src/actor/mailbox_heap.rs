//! Mailboxes on the heap.

use super::{ActorRef, actor_ref::Held, inbox::Inbox};
use crate::{channel::heap_ring, sync::Arc};

/// Creates the mailbox of an actor that goes by `name`, for up to `capacity` waiting messages.
///
/// Memory follows use: an idle mailbox has no slots, whatever its capacity.
///
/// # Panics
///
/// If `capacity` is zero.
pub fn mailbox<M>(name: &'static str, capacity: usize) -> ActorRef<M> {
    ActorRef::new(Held::Shared(Arc::new(Inbox::new(name, heap_ring(capacity)))))
}
