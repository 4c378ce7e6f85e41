//! A place in a pool, with the one who is in it.

use super::{event::PoolEvent, seat::Seat, trace};
use crate::{
    supervise::{AnyChild, Child, Drive, Factory, Intensity},
    sync::Arc,
};
use alloc::boxed::Box;
use core::pin::Pin;

/// What the keeper knows of a place.
pub(super) struct Place<D: Drive<F::Future>, F: Factory, M: 'static> {
    pub(super) seat: Arc<Seat<M>>,
    pub(super) child: Pin<Box<Child<D, F>>>,
    /// The budget of its member.
    pub(super) intensity: Intensity,
    /// How many incarnations have been in it.
    pub(super) attempt: usize,
}

impl<D: Drive<F::Future>, F: Factory, M> Place<D, F, M> {
    /// Starts the next incarnation.
    pub(super) fn start(&mut self, observer: &mut impl FnMut(&PoolEvent<'_>)) {
        tell(observer, &PoolEvent::Started { member: self.seat.id, attempt: self.attempt });
        self.attempt += 1;
        self.child.as_mut().start();
    }
}

pub(super) fn tell(observer: &mut impl FnMut(&PoolEvent<'_>), event: &PoolEvent<'_>) {
    trace::event(event);
    observer(event);
}
