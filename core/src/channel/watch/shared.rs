//! What senders and receivers share: the value under its lock, and the state.

use super::{super::held, state::State};
use crate::sync::{Arc, Mutex, const_fn};

/// How a handle holds its channel.
pub(super) type Held<T> = held::Held<Shared<T>, Arc<Shared<T>>>;

pub(crate) struct Shared<T> {
    value: Mutex<T>,
    pub(super) state: State,
}

impl<T> Shared<T> {
    const_fn! {
        pub(super) const fn new(initial: T) -> Self {
            Self { value: Mutex::new(initial), state: State::new() }
        }
    }

    /// A clone of the value, and which version it is.
    pub(super) fn read(&self) -> (T, usize)
    where
        T: Clone,
    {
        self.value.with(|value| (value.clone(), self.state.version()))
    }

    /// Stores `value` and gives back the one before, which so is dropped outside the lock (K4).
    pub(super) fn replace(&self, mut value: T) -> T {
        self.modify(|current| {
            core::mem::swap(current, &mut value);
            true
        });
        value
    }

    /// Changes the value in place and tells the receivers, unless `modify` says that it did not.
    ///
    /// If `modify` panics, it counts as changed: nobody knows how far it came (V4).
    pub(super) fn modify(&self, modify: impl FnOnce(&mut T) -> bool) -> bool {
        let mut announce = IfChanged { changed: true, then: || self.state.announce() };
        announce.changed = self.value.with(|value| {
            let mut version = IfChanged { changed: true, then: || self.state.next_version() };
            version.changed = modify(value);
            version.changed
        });
        announce.changed
    }
}

/// Runs `then` when it is dropped, unless nothing has changed.
struct IfChanged<F: Fn()> {
    changed: bool,
    then: F,
}

impl<F: Fn()> Drop for IfChanged<F> {
    fn drop(&mut self) {
        if self.changed {
            (self.then)();
        }
    }
}
