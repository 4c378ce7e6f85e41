//! A mailbox in a `static`.

use super::{ActorRef, actor_ref::Held, inbox::Inbox, sending::envelope::Envelope};
use crate::{
    channel::{Slot, compact_inline_ring},
    sync::const_fn,
};
use core::fmt;

/// The identity of an actor, with room for `N` messages inside itself.
///
/// # Examples
///
/// ```
/// use klaw::{ActorRef, Mailbox};
///
/// static METER: Mailbox<u16, 8> = Mailbox::named("meter");
/// let meter: ActorRef<u16> = METER.actor_ref();
/// meter.try_tell(7).unwrap(); // waits for the first incarnation
/// ```
pub struct Mailbox<M, const N: usize>(Inbox<M, [Slot<Envelope<M>>; N]>);

impl<M, const N: usize> Mailbox<M, N> {
    const_fn! {
        /// An empty mailbox of an actor that goes by `actor` in events.
        #[must_use]
        pub const fn new() -> Self {
            const { assert!(N > 0, "a mailbox needs room for at least one message") };
            Self(Inbox::new(None, compact_inline_ring()))
        }
    }

    const_fn! {
        /// An empty mailbox of an actor that goes by `name` in events.
        #[must_use]
        pub const fn named(name: &'static str) -> Self {
            const { assert!(N > 0, "a mailbox needs room for at least one message") };
            Self(Inbox::new(Some(name), compact_inline_ring()))
        }
    }

    /// A reference to the actor.
    pub const fn actor_ref(&'static self) -> ActorRef<M> {
        ActorRef::new(Held::Static(&self.0))
    }
}

impl<M, const N: usize> Default for Mailbox<M, N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<M, const N: usize> fmt::Debug for Mailbox<M, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailbox").finish_non_exhaustive()
    }
}
