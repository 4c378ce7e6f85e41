//! Results that are wanted all together.

use super::outlet::{ItemResult, Kept, Outlet, Put};
use crate::{cancel::CancelToken, sync::Lock, task::JoinError};
use alloc::vec::Vec;

/// How many results a worker puts in their places at once.
const PART: usize = 32;

/// Results go into a vector that is as long as the iterator promised. A worker puts them there a few at a
/// time, so that what it keeps by itself stays small, and does not take the lock for each.
///
/// What the iterator did not promise its workers keep until their end.
#[allow(missing_debug_implementations, reason = "never in the hands of a user")]
pub struct Collect<T> {
    // `Abandoned` where there is none yet: what an item is that nobody gave a result.
    placed: Lock<Vec<ItemResult<T>>>,
    /// How many fit in there, since nothing is allocated under the lock (K4).
    promised: usize,
    handed_in: Lock<Vec<Kept<T>>>,
    failure: Option<Failure<T>>,
}

/// What ends the whole map when it comes up.
struct Failure<T> {
    is: fn(&ItemResult<T>) -> bool,
    stop: CancelToken,
    /// The item that failed first.
    first: Lock<Option<usize>>,
}

impl<T> Collect<T> {
    /// For all results, of which `least` are promised.
    pub(super) fn all(least: usize) -> Self {
        let mut placed = Vec::new();
        // A promise may be far too large; then nothing is kept ready.
        let promised = placed.try_reserve_exact(least).map_or(0, |()| least);
        Self {
            placed: Lock::new(placed),
            promised,
            handed_in: Lock::new(Vec::new()),
            failure: None,
        }
    }

    /// The same, raising `stop` at the first result that `is` a failure.
    pub(super) fn until(least: usize, is: fn(&ItemResult<T>) -> bool, stop: CancelToken) -> Self {
        let failure = Some(Failure { is, stop, first: Lock::new(None) });
        Self { failure, ..Self::all(least) }
    }

    /// The item that failed first.
    pub(super) fn failed(&self) -> Option<usize> {
        self.failure.as_ref().and_then(|failure| failure.first.with(|first| *first))
    }

    /// Everything that was put and handed in, and `rest`, each result in its place.
    pub(super) fn take(
        &self,
        rest: impl Iterator<Item = (usize, ItemResult<T>)>,
    ) -> Vec<ItemResult<T>> {
        let mut all = self.placed.with(core::mem::take);
        let mut parts = self.handed_in.with(core::mem::take);
        parts.push(rest.collect());
        // Put in place instead of sorted: sorting costs more than the rest of a map.
        let count = parts.iter().flatten().map(|(index, _)| index + 1).max().unwrap_or(0);
        all.reserve_exact(count.saturating_sub(all.len()));
        parts.into_iter().flatten().for_each(|(index, result)| place(&mut all, index, result));
        all
    }
}

/// Puts `result` in its place, which must be within the capacity if nothing may be allocated.
#[inline]
fn place<T>(all: &mut Vec<ItemResult<T>>, index: usize, result: ItemResult<T>) {
    if let Some(place) = all.get_mut(index) {
        *place = result;
        return;
    }
    if all.len() < index {
        all.resize_with(index, || Err(JoinError::Abandoned));
    }
    all.push(result);
}

impl<T> Outlet<T> for Collect<T> {
    fn keep_room(&self) -> bool {
        true
    }

    fn has_room(&self) -> bool {
        true
    }

    fn give_up_room(&self) {}

    #[inline]
    fn put(&self, kept: &mut Kept<T>, index: usize, result: ItemResult<T>, more: bool) -> Put {
        if let Some(failure) = &self.failure
            && (failure.is)(&result)
        {
            failure.first.with(|first| *first.get_or_insert(index));
            failure.stop.cancel("another item failed");
        }
        kept.push((index, result));
        if kept.len() >= PART && index < self.promised {
            // A worker's items ascend, so all of these have a place.
            self.placed.with(|all| {
                kept.drain(..).for_each(|(index, result)| place(all, index, result));
            });
        }
        Put { is_next: false, has_room: more }
    }

    fn hand_in(&self, kept: Kept<T>) {
        if kept.is_empty() {
            return;
        }
        // Others' parts are taken out to be joined to ours, and all put back together, since nothing
        // may be allocated under the lock (K4).
        let mut parts = alloc::vec![kept];
        while let Some(others) = self.handed_in.with(|place| {
            let others = core::mem::take(place);
            if !others.is_empty() {
                return Some(others);
            }
            *place = core::mem::take(&mut parts);
            None
        }) {
            parts.extend(others);
        }
    }
}
