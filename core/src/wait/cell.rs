//! Room for the waker of one task.

use crate::sync::{Lock, const_fn};
use core::task::Waker;

/// Remembers the task to wake; a later registration replaces an earlier one.
pub(crate) struct WakerCell(Lock<Option<Waker>>);

impl WakerCell {
    const_fn! {
        pub(crate) const fn new() -> Self {
            Self(Lock::new(None))
        }
    }

    /// Remembers `waker`. The caller must look again at what it waits for after this returns.
    pub(crate) fn register(&self, waker: &Waker) {
        if self.0.with(|cell| cell.as_ref().is_some_and(|known| known.will_wake(waker))) {
            return;
        }
        let waker = waker.clone();
        let previous = self.0.with(|cell| cell.replace(waker));
        drop(previous); // outside the lock: a waker's destructor is foreign code (K4)
    }

    /// Wakes the remembered task, once.
    pub(crate) fn wake(&self) {
        self.take().into_iter().for_each(Waker::wake);
    }

    /// Forgets the remembered task.
    pub(crate) fn take(&self) -> Option<Waker> {
        self.0.with(Option::take)
    }
}
