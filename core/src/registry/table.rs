//! Entries in the order of their names, whatever they are stored in.

use super::{
    ActorNotFoundKind,
    entry::{Entry, reach},
};
use crate::{actor::ActorRef, sync::const_fn};
use core::{mem, ops::DerefMut};

/// What entries are stored in.
pub(super) trait Rows: DerefMut<Target = [Self::Entry]> {
    type Entry: Entry;

    /// Makes room at `at`; gives `entry` back if there is none without allocating.
    fn insert(&mut self, at: usize, entry: Self::Entry) -> Result<(), Self::Entry>;

    fn remove(&mut self, at: usize) -> Self::Entry;
}

/// A sorted table: whoever chooses the names cannot choose how long a look-up takes.
///
/// Entries that leave it are given to the caller, to be dropped without the lock.
pub(super) struct Table<R>(R);

/// Why an entry was not added.
pub(super) enum Refused<E> {
    Taken(E),
    Full(E),
}

impl<R> Table<R> {
    const_fn! {
        pub(super) const fn new(rows: R) -> Self {
            Self(rows)
        }
    }

    pub(super) const fn rows(&self) -> &R {
        &self.0
    }

    pub(super) const fn rows_mut(&mut self) -> &mut R {
        &mut self.0
    }
}

impl<R: Rows> Table<R> {
    fn find(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|entry| entry.name().cmp(name))
    }

    /// Adds `entry`; gives back the one of an ended actor that had left it in this place.
    pub(super) fn add(&mut self, entry: R::Entry) -> Result<Option<R::Entry>, Refused<R::Entry>> {
        match self.find(entry.name()) {
            Ok(at) if self.0[at].has_ended() => Ok(Some(mem::replace(&mut self.0[at], entry))),
            Ok(_) => Err(Refused::Taken(entry)),
            Err(at) => self.0.insert(at, entry).map(|()| None).map_err(Refused::Full),
        }
    }

    pub(super) fn get<M: 'static>(&self, name: &str) -> Result<ActorRef<M>, ActorNotFoundKind> {
        match self.find(name) {
            Ok(at) => reach(&self.0[at]),
            Err(_) => Err(ActorNotFoundKind::Unknown),
        }
    }

    /// Removes the entry of this name if `which` holds for it.
    pub(super) fn remove(
        &mut self,
        name: &str,
        which: impl FnOnce(&R::Entry) -> bool,
    ) -> Option<R::Entry> {
        let at = self.find(name).ok()?;
        which(&self.0[at]).then(|| self.0.remove(at))
    }

    /// The first entry, or the first one after a name.
    pub(super) fn after(&self, name: Option<&str>) -> Option<&R::Entry> {
        let at = name.map_or(0, |name| match self.find(name) {
            Ok(at) => at + 1,
            Err(at) => at,
        });
        self.0.get(at)
    }
}
