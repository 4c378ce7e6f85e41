//! The handle of a pool.

use super::{
    MemberInfo, PoolClosed,
    shared::{Shared, Stop},
};
use crate::{actor::Closed, sync::Arc};
use alloc::vec::Vec;
use core::fmt;

/// A pool of actors that do the same work; clones are the same pool.
///
/// The handle finds the member for a message by itself. Dropping every handle does not stop the pool;
/// [`stop`](Self::stop) does. See the [module](super) for an example.
pub struct ActorPool<M: 'static>(pub(super) Arc<Shared<M>>);

impl<M> ActorPool<M> {
    pub(super) const fn new(shared: Arc<Shared<M>>) -> Self {
        Self(shared)
    }

    /// The name that its members go by in events.
    pub fn name(&self) -> &'static str {
        self.0.front.name()
    }

    /// Makes it a pool of so many members; the request is carried out in the background.
    ///
    /// New members begin with empty mailboxes. Those that are too many take no more messages, finish what
    /// they have in hand and in their own mailboxes, and end.
    ///
    /// # Errors
    ///
    /// [`PoolClosed`] if the pool was stopped or has nobody left.
    ///
    /// # Panics
    ///
    /// If `members` is zero; [`stop`](Self::stop) is for that.
    pub fn resize(&self, members: usize) -> Result<(), PoolClosed> {
        assert!(members > 0, "a pool needs a member");
        if self.is_closed() {
            return Err(PoolClosed);
        }
        self.0.resize(members);
        Ok(())
    }

    /// How many members there are, those not counted that are leaving or dead.
    pub fn len(&self) -> usize {
        self.0.seats().iter().filter(|seat| seat.is_open()).count()
    }

    /// Whether no member is left.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The members, those that are leaving included.
    pub fn members(&self) -> Vec<MemberInfo<M>> {
        self.0.info()
    }

    /// How many messages wait, in the shared queue and with the members.
    pub fn waiting(&self) -> usize {
        let seats = self.0.seats();
        self.0.front.len() + seats.iter().map(|seat| seat.actor.len()).sum::<usize>()
    }

    /// Takes no more messages, and waits until those that wait are handled and the members have ended.
    ///
    /// # Cancel safety
    ///
    /// The request is made when this is called; dropping the future costs nothing.
    pub fn stop(&self) -> Closed<M> {
        self.0.front.stop();
        self.0.stop(Stop::Drain);
        self.closed()
    }

    /// Drops what waits, and waits until the members have finished the messages in hand and ended.
    ///
    /// Who asked gets [`AskError::NoReply`](crate::AskError::NoReply). A handler that does not return is ended by killing its
    /// member, by the reference in [`members`](Self::members).
    ///
    /// # Cancel safety
    ///
    /// The request is made when this is called; dropping the future costs nothing.
    pub fn stop_now(&self) -> Closed<M> {
        self.0.stop(Stop::Now);
        self.0.front.stop_now();
        self.closed()
    }

    /// Whether the pool takes no more messages.
    pub fn is_closed(&self) -> bool {
        self.0.front.is_closed()
    }

    /// Waits until the last member has ended and none will come.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future costs nothing.
    pub fn closed(&self) -> Closed<M> {
        self.0.front.closed()
    }
}

impl<M> Clone for ActorPool<M> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<M> fmt::Debug for ActorPool<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActorPool")
            .field("name", &self.name())
            .field("members", &self.len())
            .field("waiting", &self.waiting())
            .field("closed", &self.is_closed())
            .finish_non_exhaustive()
    }
}
