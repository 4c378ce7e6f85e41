//! Which actor waits for which, so that none closes a circle.
//!
//! A [`Node`] stands for an actor, whatever its messages are; its edges lead to those that its running
//! handler waits for. They lie in the futures that wait. Invariants, cited by number:
//!
//! - **G1** The edge first, then the look: an actor links its edge before it follows those of others.
//!   Linking and reading take the lock of the edge's node, so of several actors that close one circle
//!   at the same time, the one whose edge came last sees all others.
//! - **G2** An edge is unlinked by the future that linked it, when it is done or dropped. An edge for a
//!   question counts only until the question is closed, which is before its asker runs again.
//! - **G3** Edges are read from the newest to the oldest, a few at a time and the next ones by their
//!   numbers, whatever went meanwhile. So no walk misses an edge that was there all the time.
//! - **G4** An edge is pinned from before it is linked, and unlinked before it is freed. Its links and
//!   its number are touched only under the lock of the node that it leads from.

mod edges;
#[cfg(all(test, loom))]
mod loom_tests;
#[cfg(feature = "alloc")]
#[path = "node_ref_heap.rs"]
mod node_ref;
#[cfg(not(feature = "alloc"))]
#[path = "node_ref_inline.rs"]
mod node_ref;
#[cfg(all(test, not(loom), feature = "alloc"))]
mod tests;
mod waiting;

pub(in crate::actor) use edges::Pending;
pub(in crate::actor) use node_ref::NodeRef;
pub(in crate::actor) use waiting::{Cycle, Waiting};

use crate::sync::{Lock, const_fn};
use edges::Edges;

/// An actor among those that wait for each other.
pub(crate) struct Node(Lock<Edges>);

impl Node {
    const_fn! {
        pub(in crate::actor) const fn new() -> Self {
            Self(Lock::new(Edges::new()))
        }
    }
}
