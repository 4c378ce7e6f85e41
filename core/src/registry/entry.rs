//! What is known of a registered actor.

use super::ActorNotFoundKind;
use crate::actor::ActorRef;
use core::any::{Any, type_name};

/// What a registry tells of one of its actors.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Registered<N> {
    /// The name it is registered under.
    pub name: N,
    /// The type of its messages, by [`type_name`].
    pub messages: &'static str,
    /// Whether it takes no more messages, and only has to end.
    pub is_closed: bool,
}

/// A name and an actor whose message type is not known any more.
///
/// Its methods run under the registry's lock: they neither allocate nor run foreign code.
pub(super) trait Entry {
    fn name(&self) -> &str;

    /// The type of the actor's messages.
    fn messages(&self) -> &'static str;

    /// Whether the actor has ended and left its entry behind.
    fn has_ended(&self) -> bool;

    /// Calls the actor's [`lead`] with `place`.
    fn lead_to(&self, place: &mut dyn Any) -> bool;
}

/// Puts the reference that `actor` gives, if any, into `place`; false if that is for references to
/// actors with other messages.
pub(super) fn lead<M: 'static>(
    place: &mut dyn Any,
    actor: impl FnOnce() -> Option<ActorRef<M>>,
) -> bool {
    match place.downcast_mut::<Option<ActorRef<M>>>() {
        Some(place) => {
            *place = actor();
            true
        }
        None => false,
    }
}

/// A reference to the actor of `entry`.
pub(super) fn reach<M: 'static>(entry: &impl Entry) -> Result<ActorRef<M>, ActorNotFoundKind> {
    let mut place: Option<ActorRef<M>> = None;
    if entry.has_ended() {
        Err(ActorNotFoundKind::Unknown)
    } else if entry.lead_to(&mut place) {
        place.ok_or(ActorNotFoundKind::Unknown)
    } else {
        let (asked, found) = (type_name::<M>(), entry.messages());
        Err(ActorNotFoundKind::OtherMessages { asked, found })
    }
}
