//! Nodes that are made when an actor first waits for another, and kept by whoever waits.

use super::Node;
use crate::{actor::ActorRef, sync::Arc};

pub(crate) type NodeRef = Arc<Node>;

impl<M> ActorRef<M> {
    pub(in crate::actor) fn node(&self) -> NodeRef {
        self.inbox().seldom().node()
    }
}
