//! Mailboxes on the heap.

use super::{ActorRef, actor_ref::Held, inbox::Inbox};
use crate::{channel::compact_heap_ring, sync::Arc};

/// Creates a mailbox for up to `capacity` waiting messages.
///
/// Memory follows use: an idle mailbox has no slots, whatever its capacity. Its actor goes by
/// `actor` in events.
///
/// # Panics
///
/// If `capacity` is zero.
pub fn mailbox<M>(capacity: usize) -> ActorRef<M> {
    ActorRef::new(Held::Shared(Arc::new(Inbox::new(None, compact_heap_ring(capacity)))))
}

/// Creates the [`mailbox`] of an actor that goes by `name` in events.
///
/// # Panics
///
/// If `capacity` is zero.
pub fn mailbox_named<M>(name: &'static str, capacity: usize) -> ActorRef<M> {
    ActorRef::new(Held::Shared(Arc::new(Inbox::new(Some(name), compact_heap_ring(capacity)))))
}
