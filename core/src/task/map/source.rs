//! Where the items of a map come from.

use crate::{
    panic::{Panic, catch},
    sync::Mutex,
};

/// An iterator that several workers take from, one item at a time.
///
/// It is foreign code under a lock, which K4 allows for a `Mutex` only.
pub(super) struct Source<I>(Mutex<State<I>>);

struct State<I> {
    /// None when it has ended.
    items: Option<I>,
    next: usize,
}

/// One item with its place in the input; or what the iterator panicked with, which ends it.
pub(super) type Taken<T> = (usize, Result<T, Panic>);

impl<I: Iterator> Source<I> {
    pub(super) fn new(items: I) -> Self {
        Self(Mutex::new(State { items: Some(items), next: 0 }))
    }

    /// How many items there are left, at least and at most.
    pub(super) fn size_hint(&self) -> (usize, Option<usize>) {
        let hint = || self.0.with(|state| state.items.as_ref().map(Iterator::size_hint));
        // A hint that panics is none.
        catch(hint).unwrap_or(Some((0, None))).unwrap_or((0, Some(0)))
    }

    pub(super) fn next(&self) -> Option<Taken<I::Item>> {
        let taken = catch(|| {
            self.0.with(|state| {
                let item = state.items.as_mut()?.next()?;
                state.next += 1;
                Some((state.next - 1, item))
            })
        });
        match taken {
            Ok(Some((index, item))) => Some((index, Ok(item))),
            Ok(None) => {
                self.end();
                None
            }
            Err(panic) => self.end().map(|index| (index, Err(panic))),
        }
    }

    /// Takes no more; gives the index of what would have been next, if it had not ended before.
    pub(super) fn end(&self) -> Option<usize> {
        let (items, index) = self.0.with(|state| (state.items.take(), state.next));
        let had = items.is_some();
        drop(items); // outside the lock
        had.then_some(index)
    }

    pub(super) fn is_over(&self) -> bool {
        self.0.with(|state| state.items.is_none())
    }
}

/// How many items an iterator promises; a promise that panics is none.
pub(super) fn least(items: &impl Iterator) -> usize {
    catch(|| items.size_hint().0).unwrap_or(0)
}
