//! Where and when an actor is saved.

use core::{fmt, time::Duration};

/// The interval between saves unless another one is asked for.
const EVERY: Duration = Duration::from_secs(5);

/// Where and when a checkpointed actor is saved; given to [`serve_checkpointed`].
///
/// Every incarnation takes one; clones are the same place.
///
/// [`serve_checkpointed`]: super::serve_checkpointed
#[derive(Clone)]
pub struct Checkpoint<S, K, C, B> {
    pub(super) store: S,
    pub(super) key: K,
    pub(super) clock: C,
    pub(super) buffer: B,
    pub(super) every: Duration,
}

impl<S, K, C, B> Checkpoint<S, K, C, B> {
    /// Saves to `store` under `key`, every five seconds of `clock`.
    ///
    /// No two actors may have the same key. `buffer` bounds what is kept: it has to be as long as the
    /// longest value, and [`SEAL_LEN`](crate::checkpoint::SEAL_LEN) more. An array lies in the future, a
    /// vector on the heap. A store for several actors, or for the incarnations of one, is a
    /// `SharedStore` or another handle.
    pub const fn new(store: S, key: K, clock: C, buffer: B) -> Self {
        Self { store, key, clock, buffer, every: EVERY }
    }

    /// How much time may pass between a change and the save; zero saves after every message.
    ///
    /// It is counted from the save before. [`Duration::MAX`] saves on demand and at the end alone.
    pub const fn every(mut self, every: Duration) -> Self {
        self.every = every;
        self
    }
}

impl<S, K: fmt::Debug, C, B> fmt::Debug for Checkpoint<S, K, C, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Checkpoint")
            .field("key", &self.key)
            .field("every", &self.every)
            .finish_non_exhaustive()
    }
}
