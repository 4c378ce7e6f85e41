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

/// The node of a mailbox.
pub(crate) type NodeOf = Node;

pub(super) struct Edges {
    edges: heapless::Vec<Edge, LIMIT>,
    next_id: usize,
}

/// The actor waits for as many others as it can.
#[derive(Debug)]
pub(super) struct Full;

impl Edges {
    pub(super) const fn new() -> Self {
        Self { edges: heapless::Vec::new(), next_id: 0 }
    }
}

impl Node {
    /// Adds an edge and gives its id.
    pub(super) fn add(&self, to: NodeRef, pending: Pending) -> Result<usize, Full> {
        self.0.with(|all| {
            let id = all.next_id;
            all.edges.push(Edge { id, to, pending }).map_err(|_| Full)?;
            all.next_id = id.wrapping_add(1);
            Ok(id)
        })
    }

    pub(super) fn remove(&self, id: usize) {
        self.0.with(|all| {
            if let Some(at) = all.edges.iter().position(|edge| edge.id == id) {
                all.edges.swap_remove(at);
            }
        });
    }

    /// How many edges there are, also such as do not count any more.
    pub(super) fn degree(&self) -> usize {
        self.0.with(|all| all.edges.len())
    }

    /// Whom the edge at `index` leads to, if it counts.
    pub(super) fn target(&self, index: usize) -> Option<NodeRef> {
        self.0.with(|all| all.edges.get(index)?.target())
    }
}

impl<M> ActorRef<M> {
    pub(in crate::actor) fn node(&self) -> NodeRef {
        match self.held() {
            Held::Static(inbox) => NodeRef(inbox.node()),
            Held::Shared(inbox) => inbox.never(),
        }
    }
}
