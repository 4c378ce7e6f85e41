//! What is done once when an actor has ended for good.

use super::{ActorRef, seldom::Seldom, sending::envelope::Envelope};
use alloc::boxed::Box;

/// Actions to be done when no further incarnation will come, or nobody can reach the mailbox.
///
/// They are done before [`ActorRef::closed`] completes, and with no lock held. They must not panic.
pub(crate) struct AtEnd<'a, M>(&'a Seldom<M>);

// Linked, so that the lock is held for no allocation.
pub(super) struct Node {
    key: usize,
    action: Box<dyn FnOnce() + Send>,
    next: Option<Box<Self>>,
}

impl Node {
    /// Does what is in the list from `next` on.
    pub(super) fn run_all(mut next: Option<Box<Self>>) {
        while let Some(node) = next {
            let Self { action, next: after, .. } = *node;
            action();
            next = after;
        }
    }
}

impl<'a, M> AtEnd<'a, M> {
    pub(super) const fn new(seldom: &'a Seldom<M>) -> Self {
        Self(seldom)
    }

    /// Adds `action`, unless it is too late. Whether it was added.
    pub(crate) fn add(&self, key: usize, action: Box<dyn FnOnce() + Send>) -> bool {
        let mut node = Some(Box::new(Node { key, action, next: None }));
        self.0.0.with(|parts| {
            if !parts.over
                && let Some(mut node) = node.take()
            {
                node.next = parts.actions.take();
                parts.actions = Some(node);
            }
        });
        node.is_none()
    }

    /// Forgets the action that was added with `key`, if it was not done yet.
    pub(crate) fn remove(&self, key: usize) {
        let _node = self.0.0.with(|parts| {
            let mut link = &mut parts.actions;
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
        self.0.0.with(|parts| parts.over)
    }

    /// Does what was added, once.
    pub(super) fn run(&self) {
        Node::run_all(self.0.0.with(|parts| {
            parts.over = true;
            parts.actions.take()
        }));
    }

    /// Does what was added when this is dropped.
    pub(super) const fn when_dropped(self) -> WhenDropped<'a, M> {
        WhenDropped(self)
    }
}

pub(super) struct WhenDropped<'a, M>(AtEnd<'a, M>);

impl<M> Drop for WhenDropped<'_, M> {
    fn drop(&mut self) {
        self.0.run();
    }
}

impl<M> ActorRef<M> {
    pub(crate) fn at_end(&self) -> AtEnd<'_, Envelope<M>> {
        self.inbox().at_end()
    }
}
