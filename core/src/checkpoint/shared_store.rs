//! One store for many users.

use super::Checkpointer;
use crate::channel::{Receiver, Sender, bounded};
use core::fmt;

/// A handle on a store that is shared: clones use the same store, one at a time.
///
/// Who waits longest is next. The store is dropped with its last handle.
pub struct SharedStore<S> {
    // The store lies in a channel for one while nobody uses it.
    give: Sender<S>,
    take: Receiver<S>,
}

impl<S> SharedStore<S> {
    /// Shares `store`.
    pub fn new(store: S) -> Self {
        let (give, take) = bounded(1);
        let shared = Self { give, take };
        drop(InUse { store: Some(store), shared: &shared });
        shared
    }

    async fn acquire(&self) -> InUse<'_, S> {
        let store = self.take.recv().await.ok();
        InUse { store, shared: self }
    }
}

/// The store, which goes back when this is dropped.
struct InUse<'a, S> {
    store: Option<S>,
    shared: &'a SharedStore<S>,
}

impl<S> InUse<'_, S> {
    const fn store(&mut self) -> &mut S {
        self.store.as_mut().expect("the channel is open as long as there is a handle")
    }
}

impl<S> Drop for InUse<'_, S> {
    fn drop(&mut self) {
        if let Some(store) = self.store.take() {
            let back = self.shared.give.try_send(store);
            debug_assert!(back.is_ok(), "there is one store, and room for one");
        }
    }
}

impl<S: Checkpointer> Checkpointer for SharedStore<S> {
    type Error = S::Error;

    async fn load<'b>(
        &mut self,
        key: &[u8],
        buf: &'b mut [u8],
    ) -> Result<Option<&'b [u8]>, S::Error> {
        self.acquire().await.store().load(key, buf).await
    }

    async fn save(&mut self, key: &[u8], value: &[u8]) -> Result<(), S::Error> {
        self.acquire().await.store().save(key, value).await
    }

    async fn remove(&mut self, key: &[u8]) -> Result<(), S::Error> {
        self.acquire().await.store().remove(key).await
    }
}

impl<S> Clone for SharedStore<S> {
    fn clone(&self) -> Self {
        Self { give: self.give.clone(), take: self.take.clone() }
    }
}

impl<S> fmt::Debug for SharedStore<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedStore").finish_non_exhaustive()
    }
}
