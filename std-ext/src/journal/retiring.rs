//! Journals that were dropped and are still writing what they had taken.
//!
//! Dropping a journal does not block, so its lock is let go a little later. Whoever opens the same
//! file again in this process waits for that instead of being told that the journal is busy.

use alloc::sync::Arc;
use std::{
    path::Path,
    sync::{Condvar, Mutex, PoisonError},
};

static RETIRING: Mutex<Vec<Arc<Retiring>>> = Mutex::new(Vec::new());

/// A dropped journal whose file is still locked.
#[derive(Debug)]
pub(super) struct Retiring {
    path: Arc<Path>,
    over: Mutex<bool>,
    changed: Condvar,
}

impl Retiring {
    /// Waits until the lock has been let go.
    pub(super) fn wait(&self) {
        let mut over = self.over.lock().unwrap_or_else(PoisonError::into_inner);
        while !*over {
            over = self.changed.wait(over).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Says that the lock has been let go.
    pub(super) fn end(self: &Arc<Self>) {
        let mut all = RETIRING.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|other| !Arc::ptr_eq(self, other));
        drop(all);
        *self.over.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }
}

/// Says that the journal at `path` will let go of its lock soon.
pub(super) fn begin(path: &Arc<Path>) -> Arc<Retiring> {
    let retiring = Arc::new(Retiring {
        path: Arc::clone(path),
        over: Mutex::new(false),
        changed: Condvar::new(),
    });
    let mut all = RETIRING.lock().unwrap_or_else(PoisonError::into_inner);
    all.push(Arc::clone(&retiring));
    retiring
}

/// The dropped journal at `path`, to be looked up *before* the lock is tried.
pub(super) fn find(path: &Path) -> Option<Arc<Retiring>> {
    let all = RETIRING.lock().unwrap_or_else(PoisonError::into_inner);
    all.iter().find(|retiring| *retiring.path == *path).cloned()
}
