//! A task among the scopes around it: it counts the shields that are its own.

use super::{
    life::Life,
    node::{Handle, Node},
    shared::{Owned, Shared},
};
use crate::{
    cancel::{CancelToken, Cancelled, Cause, Request},
    sync::Arc,
    time::Instant,
};
use core::fmt;

/// One task of a scope, as the handle that was made for it sees it.
pub(super) struct TaskNode {
    shared: Arc<Shared>,
    asked: CancelToken,
    life: Life,
}

impl TaskNode {
    pub(super) fn new(shared: Arc<Shared>, asked: CancelToken) -> Arc<Self> {
        Arc::new(Self { shared, asked, life: Life::new(Instant::FAR_FUTURE) })
    }
}

impl Node for TaskNode {
    fn life(&self) -> &Life {
        &self.life
    }

    fn request(&self) -> &Request {
        self.asked.request()
    }

    fn around(&self) -> Option<&dyn Node> {
        Some(&*self.shared)
    }

    fn answer(&self) -> Option<Cancelled> {
        self.asked.checkpoint().err()
    }

    fn outermost(&self) -> Option<Cancelled> {
        self.asked.outermost()
    }

    fn cancel_for(&self, cause: Cause, reason: &'static str) -> bool {
        self.asked.cancel_for(cause, reason)
    }

    fn enter(&self) -> bool {
        self.shared.enter()
    }

    fn leave(&self) {
        self.shared.leave();
    }

    fn unshielded(&self) {
        self.shared.unshielded();
    }

    fn ends_by_itself(&self) -> bool {
        true
    }

    fn has_anyone(&self) -> bool {
        self.shared.has_anyone()
    }
}

/// Where a handle on a scope is used: in one of its tasks, or anywhere.
#[derive(Clone)]
pub(super) enum Inside {
    Scope(Arc<Shared>),
    Task(Arc<TaskNode>),
}

impl Inside {
    pub(super) fn node(&self) -> &dyn Node {
        match self {
            Self::Scope(scope) => &**scope,
            Self::Task(task) => &**task,
        }
    }

    pub(super) fn shared(&self) -> &Arc<Shared> {
        match self {
            Self::Scope(scope) => scope,
            Self::Task(task) => &task.shared,
        }
    }
}

impl Handle for Owned {
    fn node(&self) -> &dyn Node {
        self.0.node()
    }
}

impl fmt::Debug for Owned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.shared().fmt_as("Owned", f)
    }
}
