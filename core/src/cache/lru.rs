//! What is stored: at most so many values, of which the least recently used one goes first.

use crate::time::Instant;
use alloc::collections::BTreeMap;
use core::{mem::replace, num::NonZeroUsize, time::Duration};

/// Values with the moments they were stored; knows no clock.
pub(super) struct Lru<K, V> {
    entries: BTreeMap<K, Entry<V>>,
    // The keys by the number of their last use.
    by_use: BTreeMap<u64, K>,
    uses: u64,
    capacity: NonZeroUsize,
    ttl: Duration,
}

struct Entry<V> {
    value: V,
    expires: Instant,
    used: u64,
}

/// What a look into it found.
pub(super) enum Found<'a, K, V> {
    Fresh(&'a V),
    /// It was too old and is not stored any more; the caller drops it.
    Expired((K, K, V)),
    Nothing,
}

impl<K: Ord, V> Lru<K, V> {
    pub(super) const fn new(capacity: NonZeroUsize) -> Self {
        let ttl = Duration::MAX;
        Self { entries: BTreeMap::new(), by_use: BTreeMap::new(), uses: 0, capacity, ttl }
    }

    pub(super) const fn set_ttl(&mut self, ttl: Duration) {
        self.ttl = ttl;
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Looks for a value, which is a use of it.
    pub(super) fn get(&mut self, key: &K, now: Instant) -> Found<'_, K, V> {
        match self.entries.get(key) {
            None => return Found::Nothing,
            Some(entry) if entry.expires <= now => {
                return self.remove(key).map_or(Found::Nothing, Found::Expired);
            }
            Some(_) => {}
        }
        let used = self.next_use();
        let Some(entry) = self.entries.get_mut(key) else { return Found::Nothing };
        if let Some(key) = self.by_use.remove(&replace(&mut entry.used, used)) {
            self.by_use.insert(used, key);
        }
        Found::Fresh(&entry.value)
    }

    /// Stores a value under two equal keys; what it replaces, or has no room for, is given back.
    pub(super) fn insert(&mut self, keys: (K, K), value: V, now: Instant) -> Option<(K, K, V)> {
        let mut gone = self.remove(&keys.0);
        if self.entries.len() == self.capacity.get() {
            let oldest = self.by_use.pop_first();
            gone = oldest.and_then(|(_, key)| {
                let (stored, entry) = self.entries.remove_entry(&key)?;
                Some((key, stored, entry.value))
            });
        }
        let used = self.next_use();
        let expires = now.saturating_add(self.ttl);
        self.by_use.insert(used, keys.0);
        self.entries.insert(keys.1, Entry { value, expires, used });
        gone
    }

    pub(super) fn remove(&mut self, key: &K) -> Option<(K, K, V)> {
        let (key, entry) = self.entries.remove_entry(key)?;
        let same = self.by_use.remove(&entry.used)?;
        Some((key, same, entry.value))
    }

    /// Forgets everything; the caller drops it.
    pub(super) fn clear(&mut self) -> Self {
        let ttl = self.ttl;
        replace(self, Self { ttl, ..Self::new(self.capacity) })
    }

    const fn next_use(&mut self) -> u64 {
        self.uses += 1;
        self.uses
    }
}
