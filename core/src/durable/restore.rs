//! An incarnation that is still to be told where it is saved.

use crate::{actor::ActorRef, checkpoint::SEAL_LEN};
use core::fmt;

/// The longest encoding of a state unless another one is allowed.
const LONGEST: usize = 4096;

/// Says how an actor is made of what was saved last; none if nothing was saved so far.
///
/// Where and when it is saved is said by `ActorBuilder::checkpoint`.
pub const fn restore<M: 'static, Make>(make: Make, me: ActorRef<M>) -> Restore<M, Make> {
    Restore { make, me, longest: LONGEST }
}

/// An incarnation that begins with what was saved last; made by [`restore`].
#[must_use = "it is no incarnation before `ActorBuilder::checkpoint`"]
pub struct Restore<M: 'static, Make> {
    make: Make,
    me: ActorRef<M>,
    longest: usize,
}

impl<M, Make> Restore<M, Make> {
    /// The longest encoding of the state, in bytes; 4,096 unless given.
    ///
    /// An incarnation has a buffer of that size. A longer state is not saved but a failure,
    /// [`PersistError::NoRoom`](crate::checkpoint::PersistError::NoRoom).
    pub const fn longest(mut self, bytes: usize) -> Self {
        self.longest = bytes;
        self
    }

    /// What makes the actor, its mailbox, and how long a buffer for its state has to be.
    #[allow(dead_code, reason = "used only where there is a heap")]
    pub(crate) fn into_parts(self) -> (Make, ActorRef<M>, usize) {
        (self.make, self.me, self.longest.saturating_add(SEAL_LEN))
    }
}

impl<M, Make> fmt::Debug for Restore<M, Make> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Restore").field("longest", &self.longest).finish_non_exhaustive()
    }
}
