//! Sending to a pool.

use super::{ActorPool, PoolClosed, key::hash, route::Route, seat::Seat};
use crate::{
    channel::{SendError, TrySendError},
    combine,
    sync::Arc,
};
use alloc::vec::Vec;
use core::{convert::Infallible, hash::Hash};

impl<M> ActorPool<M> {
    /// Sends `msg` to the member that the [`Route`](super::Route) names, waiting for room.
    ///
    /// A message that waits for room with a member that leaves the pool goes to another one.
    ///
    /// # Errors
    ///
    /// [`SendError`] with the message if the pool takes no more.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future costs the place in the queue; the message is then not sent.
    pub async fn send(&self, msg: M) -> Result<(), SendError<M>> {
        if self.0.route == Route::Shared {
            return self.0.front.tell(msg).await;
        }
        self.send_to(msg, || self.0.choose()).await
    }

    /// Sends `msg` to the member that `key` belongs to, waiting for room, by whatever [`Route`](super::Route).
    ///
    /// A key stays with its member; when that leaves the pool, its keys go to the others, and when one
    /// joins, it takes its share from each. What waits in a member's own mailbox when it leaves is
    /// handled by it; if it is lost, that is dropped.
    ///
    /// # Errors
    ///
    /// [`SendError`] with the message if the pool takes no more.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future costs the place in the queue; the message is then not sent.
    pub async fn send_by<K: Hash + ?Sized>(&self, key: &K, msg: M) -> Result<(), SendError<M>> {
        let hash = hash(key);
        self.send_to(msg, || self.0.owner(hash)).await
    }

    async fn send_to(
        &self,
        mut msg: M,
        choose: impl Fn() -> Option<Arc<Seat<M>>>,
    ) -> Result<(), SendError<M>> {
        while let Some(seat) = choose() {
            match seat.actor.tell(msg).await {
                Ok(()) => return Ok(()),
                Err(SendError(back)) => msg = back,
            }
        }
        Err(SendError(msg))
    }

    /// Sends `msg` if there is room now.
    ///
    /// # Errors
    ///
    /// [`TrySendError`] with the message if there is no room or the pool takes no more.
    pub fn try_send(&self, mut msg: M) -> Result<(), TrySendError<M>> {
        if self.0.route == Route::Shared {
            return self.0.front.try_tell(msg);
        }
        while let Some(seat) = self.0.choose() {
            match seat.actor.try_tell(msg) {
                Err(TrySendError::Closed(back)) => msg = back,
                other => return other,
            }
        }
        Err(TrySendError::Closed(msg))
    }

    /// Sends what `make` gives to every member, waiting for room with all of them at once.
    ///
    /// Gives how many have it in their mailboxes: all that were in the pool when this was first polled,
    /// but for those that left it since. With a shared queue it is handled by turns with what waits there.
    ///
    /// # Errors
    ///
    /// [`PoolClosed`] if the pool takes no more messages.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future costs the places in the queues; some members may have got theirs.
    pub async fn broadcast(&self, mut make: impl FnMut() -> M) -> Result<usize, PoolClosed> {
        if self.is_closed() {
            return Err(PoolClosed);
        }
        let seats = self.0.seats();
        let open = seats.iter().filter(|seat| seat.is_open());
        let all: Vec<_> = open
            .map(|seat| {
                let telling = seat.actor.tell(make());
                async { Ok::<bool, Infallible>(telling.await.is_ok()) }
            })
            .collect();
        let Ok(told) = combine::collect(all).await;
        Ok(told.into_iter().filter(|told| *told).count())
    }
}
