//! Which actor waits for which, so that none closes a circle.
//!
//! A [`Node`] stands for an actor, whatever its messages are; its edges lead to those that its running
//! handler waits for. Invariants, cited by number:
//!
//! - **G1** The edge first, then the look: an actor adds its edge before it follows those of others.
//!   Adding and reading take the lock of the edge's node, so of several actors that close one circle
//!   at the same time, the one whose edge came last sees all others.
//! - **G2** An edge is removed by the future that added it, when it is done or dropped. An edge for a
//!   question counts only until the question is closed, which is before its asker runs again.
//! - **G3** Edges are read from the last to the first; a removed one leaves a gap, or the last one moves into
//!   it. So no walk misses an edge that was there all the time.

#[cfg(feature = "alloc")]
#[path = "edges_heap.rs"]
mod edges;
#[cfg(not(feature = "alloc"))]
#[path = "edges_inline.rs"]
mod edges;
#[cfg(all(test, loom))]
mod loom_tests;
#[cfg(all(test, not(loom), feature = "alloc"))]
mod tests;
mod waiting;

pub(in crate::actor) use edges::NodeRef;
pub(in crate::actor) use waiting::{Cycle, Pending, Waiting};

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
