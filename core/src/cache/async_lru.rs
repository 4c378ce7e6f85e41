//! A bounded cache that loads what it lacks.

use super::{
    error::LoadError,
    flight::{Flight, Landed},
    load::{Landing, Load},
    shared::{Access, Shared},
};
use crate::{spawn::Spawn, sync::Arc, time::Clock, wait::Until};
use core::{fmt, num::NonZeroUsize, time::Duration};

/// A bounded cache that loads what it lacks, once for all who ask; clones are the same cache.
///
/// A load is a task of its own on the executor `S`. So a caller who goes away takes nothing from
/// the others; when the last one has gone, the load is dropped. An error or a panic is given to
/// those who wait for that load, and is not stored.
///
/// At most `capacity` values are stored. The one whose last use is the longest ago makes room; a
/// use is to be loaded or asked for. How old a value may get is set by [`ttl`](Self::ttl) and
/// looked at when it is asked for.
///
/// Keys are compared under the cache's lock, so their `Ord` must not use the cache. Values are
/// cloned outside it.
///
/// # Examples
///
/// ```
/// use core::num::NonZeroUsize;
/// use klaw::{Clock, LocalBoxFuture, LocalBoxed, Spawn, cache::{AsyncLru, LoadError}};
///
/// async fn length(
///     executor: impl Spawn<LocalBoxFuture>,
///     clock: impl Clock + 'static,
/// ) -> Result<usize, LoadError<&'static str>> {
///     let pages = AsyncLru::new(LocalBoxed(executor), clock, NonZeroUsize::new(100).unwrap());
///     let page: String = pages.get_or_load(&"index", || async { Ok("hello".into()) }).await?;
///     assert_eq!(pages.get(&"index").as_deref(), Some("hello"));
///     Ok(page.len())
/// }
/// ```
pub struct AsyncLru<K: Ord + Clone, V, E, S, C: Clock> {
    shared: Arc<Shared<K, V, E, C>>,
    executor: S,
    capacity: NonZeroUsize,
}

impl<K: Ord + Clone, V: Clone, E, S, C: Clock> AsyncLru<K, V, E, S, C> {
    /// An empty cache of at most `capacity` values, whose loads run on `executor`.
    pub fn new(executor: S, clock: C, capacity: NonZeroUsize) -> Self {
        Self { shared: Arc::new(Shared::new(clock, capacity)), executor, capacity }
    }

    /// Values are stored for as long as `ttl`, counted from the end of their load.
    ///
    /// It holds for what is loaded from now on.
    #[must_use = "it gives the cache back"]
    pub fn ttl(self, ttl: Duration) -> Self {
        self.shared.set_ttl(ttl);
        self
    }

    /// The value of `key`: the one stored, or the one that is being loaded, or what `load` gives.
    ///
    /// `load` is called only if neither is there, and its future runs on the executor, in the
    /// [context](crate::context) of this call: with its request id, and a span below its span. Who joins
    /// a load leaves that as it is. A request to stop this caller is none for the load, which others
    /// may wait for.
    ///
    /// `load` may ask the cache for other keys; for its own it would wait for itself.
    ///
    /// # Errors
    ///
    /// [`LoadError`], the same for all who wait for this load.
    ///
    /// # Cancel safety
    ///
    /// Dropping the returned future drops the load if nobody else waits for it.
    pub async fn get_or_load<F>(&self, key: &K, load: impl FnOnce() -> F) -> Result<V, LoadError<E>>
    where
        F: Future<Output = Result<V, E>>,
        S: Spawn<Load<K, V, E, C, F>>,
    {
        if let Some(value) = self.get(key) {
            return Ok(value);
        }
        let offered = Arc::new(Flight::new());
        let (flight, began) = match self.shared.access(key, &offered) {
            Access::Stored(value) => return Ok((*value).clone()),
            Access::Joined(flight) => (flight, false),
            Access::Began => (offered, true),
        };
        let waiting = Waiting { shared: &self.shared, key, flight };
        if began {
            let flight = waiting.flight.clone();
            // Before `load` is called: if that panics, others who wait are told.
            let landing = Landing { shared: self.shared.clone(), key: key.clone(), flight };
            if let Err(refusal) = self.executor.spawn(Load::new(load(), landing)) {
                refusal.refused.into_iter().for_each(|load| load.refuse(refusal.kind));
                return Err(LoadError::Refused(refusal.kind));
            }
        }
        Until::new(Landed(waiting.flight.clone())).await.map(|value| (*value).clone())
    }

    /// The value of `key` if it is stored, which is a use of it.
    pub fn get(&self, key: &K) -> Option<V> {
        self.shared.get(key).map(|value| (*value).clone())
    }

    /// Forgets the value of `key`.
    ///
    /// A load that is under way goes on for those who wait for it, and is not stored; who asks from
    /// now on begins another one.
    pub fn invalidate(&self, key: &K) {
        self.shared.invalidate(key);
    }

    /// Forgets all values, as [`invalidate`](Self::invalidate) forgets one.
    pub fn clear(&self) {
        self.shared.clear();
    }

    /// How many values are stored, those among them that have become too old.
    pub fn len(&self) -> usize {
        self.shared.len()
    }

    /// Whether none is stored.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many values are stored at most.
    pub const fn capacity(&self) -> NonZeroUsize {
        self.capacity
    }
}

impl<K: Ord + Clone, V, E, S: Clone, C: Clock> Clone for AsyncLru<K, V, E, S, C> {
    fn clone(&self) -> Self {
        let Self { shared, executor, capacity } = self;
        Self { shared: shared.clone(), executor: executor.clone(), capacity: *capacity }
    }
}

impl<K: Ord + Clone, V, E, S, C: Clock> fmt::Debug for AsyncLru<K, V, E, S, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncLru")
            .field("len", &self.shared.len())
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}

/// A caller who waits for a load, until it is dropped.
struct Waiting<'a, K: Ord + Clone, V, E, C: Clock> {
    shared: &'a Shared<K, V, E, C>,
    key: &'a K,
    flight: Arc<Flight<V, E>>,
}

impl<K: Ord + Clone, V, E, C: Clock> Drop for Waiting<'_, K, V, E, C> {
    fn drop(&mut self) {
        self.shared.leave(self.key, &self.flight);
    }
}
