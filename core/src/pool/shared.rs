//! What the handles of a pool and its keeper share.

use super::{
    key::weight,
    route::Route,
    seat::{MemberInfo, Seat},
};
use crate::{
    actor::ActorRef,
    sync::{Arc, Lock},
    wait::WakerCell,
};
use alloc::vec::Vec;
use core::mem::replace;

/// How a pool is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stop {
    No,
    /// After what waits has been handled.
    Drain,
    /// After the messages in hand.
    Now,
}

/// What the keeper is asked to do.
#[derive(Clone, Copy)]
pub(super) struct Orders {
    pub(super) resize: Option<usize>,
    pub(super) stop: Stop,
}

struct Roster<M: 'static> {
    seats: Arc<Vec<Arc<Seat<M>>>>,
    /// From whom on the next one is looked for.
    turn: usize,
}

pub(super) struct Shared<M: 'static> {
    /// The shared queue, where there is one; in any case it lends its table of open questions, and has
    /// ended when the pool has.
    pub(super) front: ActorRef<M>,
    pub(super) route: Route,
    pub(super) keeper: WakerCell,
    orders: Lock<Orders>,
    roster: Lock<Roster<M>>,
}

impl<M> Shared<M> {
    pub(super) fn new(front: ActorRef<M>, route: Route, seats: Vec<Arc<Seat<M>>>) -> Self {
        Self {
            front,
            route,
            keeper: WakerCell::new(),
            orders: Lock::new(Orders { resize: None, stop: Stop::No }),
            roster: Lock::new(Roster { seats: Arc::new(seats), turn: 0 }),
        }
    }

    pub(super) fn resize(&self, members: usize) {
        self.orders.with(|orders| orders.resize = Some(members));
        self.keeper.wake();
    }

    pub(super) fn stop(&self, stop: Stop) {
        self.orders.with(|orders| orders.stop = orders.stop.max(stop));
        self.keeper.wake();
    }

    /// What there is to do; a new size is given once.
    pub(super) fn orders(&self) -> Orders {
        self.orders.with(|orders| replace(orders, Orders { resize: None, ..*orders }))
    }

    /// Tells who is in the pool.
    pub(super) fn publish(&self, seats: Vec<Arc<Seat<M>>>) {
        let seats = Arc::new(seats);
        let before = self.roster.with(|roster| replace(&mut roster.seats, seats));
        drop(before); // outside the lock (K4)
    }

    pub(super) fn seats(&self) -> Arc<Vec<Arc<Seat<M>>>> {
        self.roster.with(|roster| roster.seats.clone())
    }

    pub(super) fn info(&self) -> Vec<MemberInfo<M>> {
        self.seats().iter().map(|seat| seat.info()).collect()
    }

    /// Whose turn it is to be given a message in a mailbox of its own; none if nobody takes any.
    ///
    /// Allocates nothing.
    pub(super) fn choose(&self) -> Option<Arc<Seat<M>>> {
        let (seats, turn) = self.roster.with(|roster| {
            roster.turn = roster.turn.wrapping_add(1);
            (roster.seats.clone(), roster.turn)
        });
        let first = turn.checked_rem(seats.len())?;
        let (later, sooner) = (&seats[..first], &seats[first..]);
        let mut open = self.only_open(sooner.iter().chain(later));
        let chosen = if self.route == Route::LeastLoaded {
            open.min_by_key(|seat| seat.load())
        } else {
            let with_room = open.clone().find(|seat| seat.actor.len() < seat.actor.capacity());
            with_room.or_else(|| open.next())
        };
        chosen.cloned()
    }

    /// The one that a key of this hash belongs to.
    pub(super) fn owner(&self, hash: u64) -> Option<Arc<Seat<M>>> {
        let seats = self.seats();
        self.only_open(seats.iter()).max_by_key(|seat| weight(hash, seat.number)).cloned()
    }

    /// Those of `seats` that may be given messages; none once the pool is closed.
    fn only_open<'a, I: Iterator<Item = &'a Arc<Seat<M>>> + Clone>(
        &self,
        seats: I,
    ) -> impl Iterator<Item = &'a Arc<Seat<M>>> + Clone + use<'a, I, M>
    where
        M: 'a,
    {
        let taken = if self.front.is_closed() { 0 } else { usize::MAX };
        seats.take(taken).filter(|seat| seat.is_open())
    }
}
