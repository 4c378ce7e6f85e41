//! As many edges as there are, made when an actor first waits for another.

use super::{
    Node,
    waiting::{Edge, Pending},
};
use crate::{actor::ActorRef, sync::Arc};
use alloc::vec::Vec;
use core::convert::Infallible;

/// A node that is kept by whoever waits for it.
pub(crate) type NodeRef = Arc<Node>;

pub(super) struct Edges {
    /// Each with what tells it from others of this node.
    edges: Vec<(usize, Edge)>,
    next_id: usize,
}

impl Edges {
    pub(super) const fn new() -> Self {
        Self { edges: Vec::new(), next_id: 0 }
    }
}

impl Node {
    /// Adds an edge and gives its id.
    pub(super) fn add(&self, to: NodeRef, pending: Pending) -> Result<usize, Infallible> {
        let mut edge = Some(Edge { to, pending });
        let mut room = Vec::new(); // made, and what it replaced freed, without the lock (K4)
        loop {
            let added = self.0.with(|all| {
                if room.capacity() > all.edges.capacity() {
                    room.append(&mut all.edges);
                    core::mem::swap(&mut room, &mut all.edges);
                }
                if all.edges.len() == all.edges.capacity() {
                    return Err(all.edges.len() * 2 + 1);
                }
                let id = all.next_id;
                all.next_id = id.wrapping_add(1);
                all.edges.extend(edge.take().map(|edge| (id, edge)));
                Ok(id)
            });
            match added {
                Ok(id) => return Ok(id),
                Err(wanted) => room = Vec::with_capacity(wanted),
            }
        }
    }

    pub(super) fn remove(&self, id: usize) {
        let removed = self.0.with(|all| {
            let at = all.edges.iter().position(|(edge, _)| *edge == id)?;
            Some(all.edges.swap_remove(at))
        });
        drop(removed); // outside the lock: it may free a node (K4)
    }

    /// How many edges there are, also such as do not count any more.
    pub(super) fn degree(&self) -> usize {
        self.0.with(|all| all.edges.len())
    }

    /// Whom the edge at `index` leads to, if it counts.
    pub(super) fn target(&self, index: usize) -> Option<NodeRef> {
        self.0.with(|all| all.edges.get(index)?.1.target())
    }
}

impl<M> ActorRef<M> {
    pub(in crate::actor) fn node(&self) -> NodeRef {
        self.inbox().seldom().node()
    }
}
