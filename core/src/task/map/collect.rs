//! Results that are wanted all together.

use super::outlet::{ItemResult, Kept, Outlet};
use crate::{cancel::CancelToken, sync::Lock};
use alloc::vec::Vec;

/// Each worker keeps its results by itself until its end, so that putting one takes no lock.
#[allow(missing_debug_implementations, reason = "never in the hands of a user")]
pub struct Collect<T> {
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
    /// For all results.
    pub(super) fn all() -> Self {
        Self { handed_in: Lock::new(Vec::new()), failure: None }
    }

    /// The same, raising `stop` at the first result that `is` a failure.
    pub(super) fn until(is: fn(&ItemResult<T>) -> bool, stop: CancelToken) -> Self {
        Self {
            failure: Some(Failure { is, stop, first: Lock::new(None) }),
            handed_in: Lock::new(Vec::new()),
        }
    }

    /// The item that failed first.
    pub(super) fn failed(&self) -> Option<usize> {
        self.failure.as_ref().and_then(|failure| failure.first.with(|first| *first))
    }

    /// Everything that was handed in, and `rest`, each result in its place; none where there is none.
    pub(super) fn take(
        &self,
        rest: impl Iterator<Item = (usize, ItemResult<T>)>,
    ) -> Vec<Option<ItemResult<T>>> {
        let mut parts = self.handed_in.with(core::mem::take);
        parts.push(rest.collect());
        // Put in place instead of sorted: sorting costs more than the rest of a map.
        let count = parts.iter().flatten().map(|(index, _)| index + 1).max().unwrap_or(0);
        let mut all: Vec<_> = core::iter::repeat_with(|| None).take(count).collect();
        for (index, result) in parts.into_iter().flatten() {
            all[index] = Some(result);
        }
        all
    }
}

impl<T> Outlet<T> for Collect<T> {
    fn keep_room(&self) -> bool {
        true
    }

    fn has_room(&self) -> bool {
        true
    }

    fn give_up_room(&self) {}

    fn put(&self, kept: &mut Kept<T>, index: usize, result: ItemResult<T>) -> bool {
        if let Some(failure) = &self.failure
            && (failure.is)(&result)
        {
            failure.first.with(|first| *first.get_or_insert(index));
            failure.stop.cancel("another item failed");
        }
        kept.push((index, result));
        false
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
