//! What callers and loads share: values, and loads under way.

use super::{
    flight::{Flight, Outcome},
    lru::{Found, Lru},
};
use crate::{
    sync::{Arc, Mutex},
    time::{Clock, Instant},
};
use alloc::collections::BTreeMap;
use core::{mem::take, num::NonZeroUsize, time::Duration};

pub(super) struct Shared<K, V, E, C> {
    // Not a `Lock`, since keys are compared under it; but they and values are dropped outside.
    state: Mutex<State<K, V, E>>,
    pub(super) clock: C,
}

struct State<K, V, E> {
    stored: Lru<K, Arc<V>>,
    loading: BTreeMap<K, Arc<Flight<V, E>>>,
}

/// How a caller gets a value.
pub(super) enum Access<V, E> {
    Stored(Arc<V>),
    /// Counted among those who wait.
    Joined(Arc<Flight<V, E>>),
    /// The load that was offered is to be run.
    Began,
}

impl<K: Ord + Clone, V, E, C: Clock> Shared<K, V, E, C> {
    pub(super) fn new(clock: C, capacity: NonZeroUsize) -> Self {
        let state = State { stored: Lru::new(capacity), loading: BTreeMap::new() };
        Self { state: Mutex::new(state), clock }
    }

    pub(super) fn set_ttl(&self, ttl: Duration) {
        self.state.with(|state| state.stored.set_ttl(ttl));
    }

    pub(super) fn len(&self) -> usize {
        self.state.with(|state| state.stored.len())
    }

    /// A stored value that is fresh.
    pub(super) fn get(&self, key: &K) -> Option<Arc<V>> {
        let now = self.clock.now();
        let (value, _expired) = self.state.with(|state| state.find(key, now));
        value
    }

    /// The value, or the load that is under way for it, or `offered`, which is so from now on.
    pub(super) fn access(&self, key: &K, offered: &Arc<Flight<V, E>>) -> Access<V, E> {
        let now = self.clock.now();
        let own = key.clone();
        let mut unused = Some((own, offered.clone()));
        let (access, _expired) = self.state.with(|state| {
            let (value, expired) = state.find(key, now);
            let access = if let Some(value) = value {
                Access::Stored(value)
            } else if let Some(flight) = state.loading.get(key) {
                flight.join();
                Access::Joined(flight.clone())
            } else {
                state.loading.extend(unused.take());
                Access::Began
            };
            (access, expired)
        });
        access
    }

    /// A load is done: stores a value, if the load is still the one for its key, and tells all who
    /// wait.
    pub(super) fn land(&self, key: &K, flight: &Arc<Flight<V, E>>, outcome: Outcome<V, E>) {
        let now = self.clock.now();
        let keys = (key.clone(), key.clone());
        let value = outcome.as_ref().ok().cloned();
        let _gone = self.state.with(|state| {
            let under_way = state.take_off(key, flight);
            // Kept until the lock is free: what is not stored, and what made room.
            match (under_way.is_some(), value) {
                (true, Some(value)) => (under_way, state.stored.insert(keys, value, now), None),
                (_, value) => (under_way, None, Some((keys, value))),
            }
        });
        flight.land(outcome);
    }

    /// A caller waits no more; the load is given up if that was the last one.
    pub(super) fn leave(&self, key: &K, flight: &Arc<Flight<V, E>>) {
        let (abandoned, _under_way) = self.state.with(|state| {
            if flight.leave() && !flight.is_landed() {
                (true, state.take_off(key, flight))
            } else {
                (false, None)
            }
        });
        if abandoned {
            flight.abandoned.cancel("nobody waits for it");
        }
    }

    /// Forgets a value, and lets the load under way for it end without being stored.
    pub(super) fn invalidate(&self, key: &K) {
        let _gone =
            self.state.with(|state| (state.stored.remove(key), state.loading.remove_entry(key)));
    }

    /// The same for all.
    pub(super) fn clear(&self) {
        let _gone = self.state.with(|state| (state.stored.clear(), take(&mut state.loading)));
    }
}

type Gone<K, V> = Option<(K, K, Arc<V>)>;

impl<K: Ord, V, E> State<K, V, E> {
    fn find(&mut self, key: &K, now: Instant) -> (Option<Arc<V>>, Gone<K, V>) {
        match self.stored.get(key, now) {
            Found::Fresh(value) => (Some(value.clone()), None),
            Found::Expired(gone) => (None, Some(gone)),
            Found::Nothing => (None, None),
        }
    }

    /// The load is no longer the one for its key, if it was.
    fn take_off(&mut self, key: &K, flight: &Arc<Flight<V, E>>) -> Option<(K, Arc<Flight<V, E>>)> {
        let same = self.loading.get(key).is_some_and(|known| Arc::ptr_eq(known, flight));
        if same { self.loading.remove_entry(key) } else { None }
    }
}
