//! Waiting for another actor, unless that closes a circle.

use super::{Node, NodeRef};
use crate::actor::{sending::questions::Ticket, sending::reply_slot::Asked};

/// How many edges one look follows at most; a circle is taken for granted beyond that.
const STEPS: usize = 4096;
/// How many actors on one path may wait for several others at once; as above.
const FORKS: usize = 16;

/// One actor waits for another.
pub(super) struct Edge {
    pub(super) to: NodeRef,
    pub(super) pending: Pending,
}

/// What an actor waits for.
pub(crate) enum Pending {
    /// Room in a mailbox.
    Room,
    /// An answer.
    #[allow(dead_code, reason = "made only where there is a heap")]
    Answer(Ticket),
    /// An answer in a slot.
    Slot(&'static (dyn Asked + Send + Sync), u32),
}

impl Pending {
    fn is_open(&self) -> bool {
        match self {
            Self::Room => true,
            Self::Answer(ticket) => ticket.is_open(),
            Self::Slot(slot, question) => slot.is_open(*question),
        }
    }
}

impl Edge {
    /// Whom it leads to, if it counts.
    pub(super) fn target(&self) -> Option<NodeRef> {
        self.pending.is_open().then(|| self.to.clone())
    }
}

/// Waiting would close a circle, or that could not be ruled out.
#[derive(Debug)]
pub(crate) struct Cycle;

/// While it lives, one actor waits for another.
pub(crate) struct Waiting {
    pub(super) who: NodeRef,
    pub(super) id: usize,
}

impl Waiting {
    /// Adds the edge from `who` to `to`, unless that closes a circle.
    pub(crate) fn begin(who: NodeRef, to: NodeRef, pending: Pending) -> Result<Self, Cycle> {
        let id = who.add(to.clone(), pending).map_err(|_full| Cycle)?;
        let waiting = Self { who, id }; // the edge first (G1)
        let mut walk = Walk { goal: &waiting.who, steps: STEPS };
        if walk.finds_goal(to, FORKS) { Err(Cycle) } else { Ok(waiting) }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.who.remove(self.id);
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
            let mut rest = at.degree();
            let mut next = None;
            while rest > 0 {
                rest -= 1; // from the last to the first (G3)
                let Some(target) = at.target(rest) else { continue };
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
