//! What few actors have, where there is no heap.

use super::sending::wait_for::Node;
use crate::{
    sync::{Lock, const_fn},
    time::Instant,
};
use core::marker::PhantomData;

/// It lies in the mailbox.
pub(crate) struct Seldom<M> {
    busy: Lock<Instant>,
    node: Node,
    message: PhantomData<fn() -> M>,
}

impl<M> Seldom<M> {
    const_fn! {
        pub(super) const fn new() -> Self {
            Self {
                busy: Lock::new(Instant::FAR_FUTURE),
                node: Node::new(),
                message: PhantomData,
            }
        }
    }

    pub(super) const fn node(&self) -> &Node {
        &self.node
    }

    pub(super) fn busy(&self) -> Instant {
        self.busy.with(|busy| *busy)
    }

    pub(super) fn set_busy(&self, at: Instant) {
        self.busy.with(|busy| *busy = at);
    }
}
