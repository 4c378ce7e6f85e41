//! What is done once when an actor has ended for good.

use super::ActorRef;
use crate::sync::{Lock, const_fn};
use alloc::boxed::Box;

/// Actions to be done when no further incarnation will come, or nobody can reach the mailbox.
///
/// They are done before [`ActorRef::closed`] completes, and with no lock held. They must not panic.
pub(crate) struct AtEnd(Lock<State>);

struct State {
    first: Option<Box<Node>>,
    over: bool,
}

// Linked, so that the lock is held for no allocation.
struct Node {
    key: usize,
    action: Box<dyn FnOnce() + Send>,
    next: Option<Box<Self>>,
}

impl AtEnd {
    const_fn! {
        pub(super) const fn new() -> Self {
            Self(Lock::new(State { first: None, over: false }))
        }
    }

    /// Adds `action`, unless it is too late. Whether it was added.
    pub(crate) fn add(&self, key: usize, action: Box<dyn FnOnce() + Send>) -> bool {
        let mut node = Some(Box::new(Node { key, action, next: None }));
        self.0.with(|state| {
            if !state.over
                && let Some(mut node) = node.take()
            {
                node.next = state.first.take();
                state.first = Some(node);
            }
        });
        node.is_none()
    }

    /// Forgets the action that was added with `key`, if it was not done yet.
    pub(crate) fn remove(&self, key: usize) {
        let _node = self.0.with(|state| {
            let mut link = &mut state.first;
            while link.as_ref().is_some_and(|node| node.key != key) {
                link = &mut link.as_mut()?.next;
            }
            let mut node = link.take()?;
            *link = node.next.take();
            Some(node) // dropped without the lock
        });
    }

    /// Whether it is too late to add anything.
    pub(crate) fn is_over(&self) -> bool {
        self.0.with(|state| state.over)
    }

    /// Does what was added, once.
    pub(super) fn run(&self) {
        let mut next = self.0.with(|state| {
            state.over = true;
            state.first.take()
        });
        while let Some(node) = next {
            let Node { action, next: after, .. } = *node;
            action();
            next = after;
        }
    }
}

impl Drop for AtEnd {
    fn drop(&mut self) {
        self.run();
    }
}

impl<M> ActorRef<M> {
    pub(crate) fn at_end(&self) -> &AtEnd {
        self.inbox().at_end()
    }
}
