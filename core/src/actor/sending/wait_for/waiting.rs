//! Waiting for another actor, unless that closes a circle.

use super::{
    Node, NodeRef,
    edges::{Edge, Pending},
};
use core::pin::Pin;
use pin_project_lite::pin_project;

/// How many edges one look follows at most; a circle is taken for granted beyond that.
const STEPS: usize = 4096;
/// How many actors on one path may wait for several others at once; as above.
const FORKS: usize = 16;

/// Waiting would close a circle, or that could not be ruled out.
#[derive(Debug)]
pub(crate) struct Cycle;

pin_project! {
    /// From when it begins until it is dropped, one actor waits for another.
    pub(crate) struct Waiting {
        who: NodeRef,
        #[pin]
        edge: Edge,
        linked: bool,
    }

    impl PinnedDrop for Waiting {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if *this.linked {
                // SAFETY: linked there by `link`, by its owner.
                unsafe { this.who.unlink(this.edge.as_ref()) };
            }
        }
    }
}

impl Waiting {
    /// `who` is to wait for `to`.
    pub(crate) fn new(who: NodeRef, to: NodeRef, pending: Pending) -> Self {
        Self { who, edge: Edge::new(to, pending), linked: false }
    }

    /// Waits from now on, unless that closes a circle.
    pub(crate) fn begin(mut self: Pin<&mut Self>) -> Result<(), Cycle> {
        self.as_mut().link(); // the edge first (G1)
        let this = self.project();
        let mut walk = Walk { goal: this.who, steps: STEPS };
        if walk.finds_goal(this.edge.to().clone(), FORKS) { Err(Cycle) } else { Ok(()) }
    }

    /// Adds the edge, without a look.
    pub(super) fn link(self: Pin<&mut Self>) {
        let this = self.project();
        if !core::mem::replace(this.linked, true) {
            // SAFETY: linked nowhere so far; dropping this, its owner, unlinks it.
            unsafe { this.who.link(this.edge.as_ref()) };
        }
    }
}

struct Walk<'a> {
    goal: &'a Node,
    steps: usize,
}

impl Walk<'_> {
    /// Follows the edges from `at` on; true if one leads to the goal or the walk gets too long.
    ///
    /// Most actors wait for one other, so paths are followed in a loop and forks alone by recursion.
    fn finds_goal(&mut self, mut at: NodeRef, forks: usize) -> bool {
        loop {
            if core::ptr::eq(self.goal, &raw const *at) || self.steps == 0 {
                return true;
            }
            self.steps -= 1;
            let mut next = None;
            for target in at.targets() {
                if let Some(fork) = next.replace(target)
                    && (forks == 0 || self.finds_goal(fork, forks - 1))
                {
                    return true;
                }
            }
            let Some(target) = next else { return false };
            at = target;
        }
    }
}
