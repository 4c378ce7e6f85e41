//! Nodes in mailboxes, which are `static` where there is no heap.

use super::Node;
use crate::actor::{ActorRef, actor_ref::Held};
use core::ops::Deref;

/// A node that is never freed.
#[derive(Clone)]
pub(crate) struct NodeRef(&'static Node);

impl Deref for NodeRef {
    type Target = Node;

    fn deref(&self) -> &Node {
        self.0
    }
}

impl<M> ActorRef<M> {
    pub(in crate::actor) fn node(&self) -> NodeRef {
        match self.held() {
            Held::Static(inbox) => NodeRef(inbox.seldom().node()),
            Held::Shared(inbox) => inbox.never(),
        }
    }
}
