//! What few actors have, where there is no heap.

use super::sending::wait_for::Node;
use crate::{
    sync::{Lock, const_fn},
    time::Instant,
};
use core::marker::PhantomData;

/// It lies in the mailbox.
pub(crate) struct Seldom<M> {
    /// When the poll in hand began, of an incarnation that is watched, as what is left to the end of
    /// time: so a mailbox that nobody uses is all zeros, which a program need not hold.
    busy: Lock<u64>,
    node: Node,
    message: PhantomData<fn() -> M>,
}

impl<M> Seldom<M> {
    const_fn! {
        pub(super) const fn new() -> Self {
            Self {
                busy: Lock::new(0),
                node: Node::new(),
                message: PhantomData,
            }
        }
    }

    pub(super) const fn node(&self) -> &Node {
        &self.node
    }

    pub(super) fn busy(&self) -> Instant {
        Instant::from_nanos(!self.busy.with(|busy| *busy))
    }

    pub(super) fn set_busy(&self, at: Instant) {
        self.busy.with(|busy| *busy = !at.as_nanos());
    }
}
