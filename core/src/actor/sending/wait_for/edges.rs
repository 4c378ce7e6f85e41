//! The edges of a node, newest first; a doubly linked list through the futures that wait.

use super::{Node, NodeRef};
use crate::{
    actor::sending::{questions::Ticket, reply_slot::Asked},
    sync::UnsafeCell,
};
use core::{marker::PhantomPinned, pin::Pin, ptr};

/// How many edges are read at a time.
const BATCH: usize = 8;

/// One actor waits for another.
pub(super) struct Edge {
    to: NodeRef,
    pending: Pending,
    links: UnsafeCell<Links>,
    _pinned: PhantomPinned,
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

struct Links {
    newer: *const Edge,
    older: *const Edge,
    /// Its place in the order in which the edges of its node were linked.
    number: usize,
}

// SAFETY: the edges that it points to are `Sync`, live while linked, and are followed only under
// the lock of their node (G4).
unsafe impl Send for Links {}
// SAFETY: as above.
unsafe impl Sync for Edge {}

pub(super) struct Edges {
    newest: *const Edge,
    next_number: usize,
}

// SAFETY: the edges that it points to are `Sync`, and live while they are linked (G4).
unsafe impl Send for Edges {}

/// What an `Edge` is shared for, besides its links.
const _: () = {
    const fn shared<T: Sync>() {}
    shared::<NodeRef>();
    shared::<Pending>();
};

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
    pub(super) fn new(to: NodeRef, pending: Pending) -> Self {
        let links = Links { newer: ptr::null(), older: ptr::null(), number: 0 };
        Self { to, pending, links: UnsafeCell::new(links), _pinned: PhantomPinned }
    }

    /// Whom it leads to.
    pub(super) const fn to(&self) -> &NodeRef {
        &self.to
    }

    /// # Safety
    ///
    /// The lock of the node that it leads from is held, and the edge is linked or the caller its owner.
    unsafe fn with_links<R>(&self, f: impl FnOnce(&mut Links) -> R) -> R {
        // SAFETY: ours to touch, by the caller's promise (G4).
        self.links.with_mut(|links| f(unsafe { &mut *links }))
    }
}

impl Edges {
    pub(super) const fn new() -> Self {
        Self { newest: ptr::null(), next_number: 0 }
    }
}

impl Node {
    /// # Safety
    ///
    /// The edge is linked nowhere, its owner calls this, and will unlink it from this very node before
    /// it is freed.
    pub(super) unsafe fn link(&self, edge: Pin<&Edge>) {
        let edge: *const Edge = &raw const *edge;
        self.0.with(|edges| {
            let (older, number) = (edges.newest, edges.next_number);
            let links = Links { newer: ptr::null(), older, number };
            // SAFETY: the caller is its owner, and the lock is held.
            unsafe { (*edge).with_links(|place| *place = links) };
            if !older.is_null() {
                // SAFETY: linked, thus alive, and the lock is held (G4).
                unsafe { (*older).with_links(|links| links.newer = edge) };
            }
            edges.newest = edge;
            edges.next_number = number.wrapping_add(1);
        });
    }

    /// # Safety
    ///
    /// The edge is linked here, and its owner calls this.
    pub(super) unsafe fn unlink(&self, edge: Pin<&Edge>) {
        self.0.with(|edges| {
            // SAFETY: linked here, and the lock is held.
            let (newer, older) = unsafe { edge.with_links(|links| (links.newer, links.older)) };
            if newer.is_null() {
                edges.newest = older;
            } else {
                // SAFETY: a neighbour is linked, thus alive, and the lock is held (G4).
                unsafe { (*newer).with_links(|links| links.older = older) };
            }
            if !older.is_null() {
                // SAFETY: as above.
                unsafe { (*older).with_links(|links| links.newer = newer) };
            }
        });
    }

    /// Whom the edges lead to that count.
    pub(super) const fn targets(&self) -> Targets<'_> {
        Targets { node: self, batch: heapless::Vec::new(), last: None, ended: false }
    }
}

/// Whom the edges of a node lead to, read a few at a time.
pub(super) struct Targets<'a> {
    node: &'a Node,
    batch: heapless::Vec<NodeRef, BATCH>,
    /// The number of the last edge that was read.
    last: Option<usize>,
    ended: bool,
}

impl Targets<'_> {
    /// Reads on from the last edge that was read, towards the oldest one (G3).
    fn read(&mut self) {
        let Self { node, batch, last, ended } = self;
        node.0.with(|edges| {
            let mut next = edges.newest;
            // SAFETY: a linked edge is alive, and the lock is held (G4).
            while let Some(edge) = unsafe { next.as_ref() }
                && !batch.is_full()
            {
                // SAFETY: as above.
                let (number, older) =
                    unsafe { edge.with_links(|links| (links.number, links.older)) };
                if last.is_none_or(|last| last.wrapping_sub(number).cast_signed() > 0) {
                    *last = Some(number);
                    if edge.pending.is_open() {
                        let _pushed = batch.push(edge.to.clone());
                    }
                }
                next = older;
            }
            *ended = next.is_null();
        });
    }
}

impl Iterator for Targets<'_> {
    type Item = NodeRef;

    fn next(&mut self) -> Option<NodeRef> {
        if self.batch.is_empty() && !self.ended {
            self.read();
        }
        self.batch.pop()
    }
}
