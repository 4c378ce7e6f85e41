//! The tokens below one.

use super::Cancel;
use crate::sync::{Arc, Lock, const_fn};
use alloc::vec::Vec;
use core::mem;

/// The requests that follow one, until it is made.
pub(super) struct Children(Lock<Row>);

/// Those that followed, when it was made.
pub(super) struct Followers(Vec<Place>);

struct Row {
    places: Vec<Place>,
    /// The first free place.
    free: usize,
    closed: bool,
}

enum Place {
    Taken(Arc<Cancel>),
    /// And the next free one.
    Free(usize),
}

/// No place.
const NONE: usize = usize::MAX;

enum Added {
    At(usize),
    Closed,
    /// There is no room; a larger row has to be made first, without the lock.
    Full(usize),
}

impl Children {
    const_fn! {
        pub(super) const fn new() -> Self {
            Self(Lock::new(Row { places: Vec::new(), free: NONE, closed: false }))
        }
    }

    /// Adds one, and says where; `None` if the request was made already.
    pub(super) fn add(&self, child: &Arc<Cancel>) -> Option<usize> {
        let mut spare = Vec::new();
        loop {
            match self.0.with(|row| row.add(child, &mut spare)) {
                Added::At(place) => return Some(place),
                Added::Closed => return None,
                Added::Full(len) => spare = Vec::with_capacity((2 * len).max(4)),
            }
        }
    }

    /// Takes the one at `place` out again.
    pub(super) fn remove(&self, place: usize) {
        let _child = self.0.with(|row| row.remove(place)); // dropped without the lock
    }

    /// Takes all out, and no more in.
    pub(super) fn close(&self) -> Followers {
        Followers(self.0.with(|row| {
            row.closed = true;
            mem::take(&mut row.places)
        }))
    }

    /// How many there are.
    #[cfg(all(test, not(loom)))]
    pub(super) fn len(&self) -> usize {
        self.0.with(|row| row.places.iter().filter(|p| matches!(p, Place::Taken(_))).count())
    }

    /// How many places there are.
    #[cfg(all(test, not(loom)))]
    pub(super) fn places(&self) -> usize {
        self.0.with(|row| row.places.len())
    }
}

impl Row {
    fn add(&mut self, child: &Arc<Cancel>, spare: &mut Vec<Place>) -> Added {
        if self.closed {
            return Added::Closed;
        }
        let taken = Place::Taken(child.clone());
        if let Some(place) = self.places.get_mut(self.free) {
            let at = self.free;
            if let Place::Free(next) = mem::replace(place, taken) {
                self.free = next;
            }
            return Added::At(at);
        }
        if self.places.len() == self.places.capacity() {
            if spare.capacity() <= self.places.len() {
                return Added::Full(self.places.len());
            }
            spare.append(&mut self.places);
            mem::swap(spare, &mut self.places);
        }
        self.places.push(taken);
        Added::At(self.places.len() - 1)
    }

    fn remove(&mut self, at: usize) -> Option<Place> {
        let place = self.places.get_mut(at)?; // gone if the row was closed meanwhile
        let removed = mem::replace(place, Place::Free(self.free));
        self.free = at;
        Some(removed)
    }
}

/// Gives `answer` to everyone below, level by level, so that a deep tree needs no deep stack.
pub(super) fn pass_on(followers: Followers, mut raise: impl FnMut(&Cancel) -> bool) {
    let mut rows = Vec::new();
    let mut next = Some(followers);
    while let Some(Followers(row)) = next {
        for place in row {
            if let Place::Taken(child) = place
                && raise(&child)
            {
                let below = child.children().close();
                if !below.0.is_empty() {
                    rows.push(below);
                }
            }
        }
        next = rows.pop();
    }
}
