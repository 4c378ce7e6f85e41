//! A fixed number of edges in the mailbox itself, where there is no heap.

use super::{
    Node,
    waiting::{Edge, Pending},
};
use crate::actor::{ActorRef, actor_ref::Held};
use core::ops::Deref;

/// How many others one actor can wait for at once.
const LIMIT: usize = 4;

/// A node in a `static`.
#[derive(Clone)]
pub(crate) struct NodeRef(&'static Node);

impl Deref for NodeRef {
    type Target = Node;

    fn deref(&self) -> &Node {
        self.0
    }
}

/// Places that edges keep as long as they last.
pub(super) struct Edges([Option<Edge>; LIMIT]);

/// The actor waits for as many others as it can.
#[derive(Debug)]
pub(super) struct Full;

impl Edges {
    pub(super) const fn new() -> Self {
        Self([const { None }; LIMIT])
    }
}

impl Node {
    /// Adds an edge and gives its place.
    pub(super) fn add(&self, to: NodeRef, pending: Pending) -> Result<usize, Full> {
        self.0.with(|all| {
            let free = all.0.iter().position(Option::is_none).ok_or(Full)?;
            all.0[free] = Some(Edge { to, pending });
            Ok(free)
        })
    }

    pub(super) fn remove(&self, place: usize) {
        self.0.with(|all| all.0[place] = None);
    }

    /// How many places there are; some are empty.
    pub(super) const fn degree(&self) -> usize {
        LIMIT
    }

    /// Whom the edge at `place` leads to, if there is one and it counts.
    pub(super) fn target(&self, place: usize) -> Option<NodeRef> {
        self.0.with(|all| all.0[place].as_ref()?.target())
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
