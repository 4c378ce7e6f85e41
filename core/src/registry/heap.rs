//! A registry on the heap.

use super::{
    ActorNotFound, ActorNotFoundKind, RegisterError, RegisterErrorKind, Registered,
    entry::{Entry, lead},
    table::{Refused, Rows, Table},
};
use crate::{
    actor::{ActorRef, WeakActorRef},
    sync::{Arc, Lock, downgrade},
};
use alloc::{boxed::Box, string::String, vec::Vec};
use core::{
    any::{Any, type_name},
    fmt, iter, mem, ptr,
};

/// Names of actors; clones are the same registry.
///
/// It keeps no actor alive: an entry goes when its actor has ended for good, or when nothing is left
/// that could reach or run it.
///
/// # Examples
///
/// ```
/// use klaw::{Registry, mailbox};
///
/// let registry = Registry::new();
/// let meter = mailbox::<u16>(8);
/// registry.register("meter", &meter)?;
/// assert!(registry.get_actor::<u16>("meter")?.same_actor(&meter));
/// assert!(registry.whereis::<String>("meter").is_none()); // it takes no strings
/// assert_eq!(
///     registry.register("meter", &mailbox::<u8>(1)).unwrap_err().to_string(),
///     "the name `meter` is taken"
/// );
/// drop(meter);
/// assert!(registry.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct Registry(Arc<Shared>);

struct Shared(Lock<Table<Vec<Arc<Record>>>>);

/// A name and its actor; what is done at the actor's end knows it by its address.
struct Record {
    name: String,
    actor: Box<dyn AnyActor>,
}

/// An actor, whatever its messages.
trait AnyActor: Send + Sync {
    fn messages(&self) -> &'static str;
    /// `None` if the actor is gone.
    fn is_closed(&self) -> Option<bool>;
    fn lead_to(&self, place: &mut dyn Any) -> bool;
    /// Forgets what was to be done at its end for this key.
    fn forget_end(&self, key: usize);
}

impl<M: Send + 'static> AnyActor for WeakActorRef<M> {
    fn messages(&self) -> &'static str {
        type_name::<M>()
    }

    fn is_closed(&self) -> Option<bool> {
        let actor = self.upgrade()?;
        (!actor.has_ended()).then(|| actor.is_closed())
    }

    fn lead_to(&self, place: &mut dyn Any) -> bool {
        lead(place, || self.upgrade())
    }

    fn forget_end(&self, key: usize) {
        self.upgrade().into_iter().for_each(|actor| actor.at_end().remove(key));
    }
}

impl Record {
    fn key(&self) -> usize {
        ptr::from_ref(self).addr()
    }
}

impl Entry for Arc<Record> {
    fn name(&self) -> &str {
        &self.name
    }

    fn messages(&self) -> &'static str {
        self.actor.messages()
    }

    /// Its entry goes with the actor, so none is left behind.
    fn has_ended(&self) -> bool {
        false
    }

    fn lead_to(&self, place: &mut dyn Any) -> bool {
        self.actor.lead_to(place)
    }
}

impl Rows for Vec<Arc<Record>> {
    type Entry = Arc<Record>;

    fn insert(&mut self, at: usize, record: Arc<Record>) -> Result<(), Arc<Record>> {
        if self.len() == self.capacity() {
            return Err(record);
        }
        Self::insert(self, at, record);
        Ok(())
    }

    fn remove(&mut self, at: usize) -> Arc<Record> {
        Self::remove(self, at)
    }
}

impl Registry {
    /// A registry without names.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets `actor` be found by `name`, over every restart and until it has ended for good.
    ///
    /// An actor may have several names.
    ///
    /// # Errors
    ///
    /// [`RegisterError`] if the name is taken, or the actor takes no more messages.
    pub fn register<M: Send + 'static>(
        &self,
        name: &str,
        actor: &ActorRef<M>,
    ) -> Result<(), RegisterError<String>> {
        let refuse = |kind| Err(RegisterError { name: name.into(), kind });
        if actor.is_closed() {
            return refuse(RegisterErrorKind::Closed);
        }
        let record = Arc::new(Record { name: name.into(), actor: Box::new(actor.downgrade()) });
        let free = {
            let (shared, record) = (downgrade(&self.0), record.clone());
            move || drop(shared.upgrade().and_then(|shared| shared.remove(&record)))
        };
        // Before the name is known, so that whoever unregisters it finds this to be forgotten.
        if !actor.at_end().add(record.key(), Box::new(free)) {
            return refuse(RegisterErrorKind::Closed);
        }
        if !self.0.add(record.clone()) {
            actor.at_end().remove(record.key());
            return refuse(RegisterErrorKind::Taken);
        }
        // The end may have come before there was a name to be freed.
        if actor.at_end().is_over() {
            drop(self.0.remove(&record));
            return refuse(RegisterErrorKind::Closed);
        }
        Ok(())
    }

    /// Frees `name`; false if no actor went by it.
    pub fn unregister(&self, name: &str) -> bool {
        let removed = self.0.0.with(|table| table.remove(name, |_| true));
        removed.map(|record| record.actor.forget_end(record.key())).is_some()
    }

    /// The actor that goes by `name` and takes messages of type `M`.
    pub fn whereis<M: 'static>(&self, name: &str) -> Option<ActorRef<M>> {
        self.find(name).ok()
    }

    /// The actor that goes by `name`, or why there is none.
    ///
    /// # Errors
    ///
    /// [`ActorNotFound`] if the name is unknown, or the actor takes other messages.
    pub fn get_actor<M: 'static>(&self, name: &str) -> Result<ActorRef<M>, ActorNotFound<String>> {
        self.find(name).map_err(|kind| ActorNotFound { name: name.into(), kind })
    }

    fn find<M: 'static>(&self, name: &str) -> Result<ActorRef<M>, ActorNotFoundKind> {
        let actor = self.0.0.with(|table| table.get::<M>(name))?;
        // One that ends while it is being registered has a name for a moment.
        if actor.has_ended() { Err(ActorNotFoundKind::Unknown) } else { Ok(actor) }
    }

    /// The actors in the order of their names, each looked up when it is its turn.
    pub fn entries(&self) -> impl Iterator<Item = Registered<String>> {
        let mut last: Option<Arc<Record>> = None;
        let records = iter::from_fn(move || {
            let name = last.as_ref().map(|record| record.name.as_str());
            last = self.0.0.with(|table| table.after(name).cloned());
            last.clone()
        });
        records.filter_map(|record| {
            let is_closed = record.actor.is_closed()?;
            let (name, messages) = (record.name.clone(), record.actor.messages());
            Some(Registered { name, messages, is_closed })
        })
    }

    /// The names in use, in order.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.entries().map(|entry| entry.name).collect()
    }

    /// How many names are in use.
    pub fn len(&self) -> usize {
        self.0.0.with(|table| table.rows().len())
    }

    /// Whether no name is in use.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Shared {
    /// Adds `record`; false if its name is taken.
    fn add(&self, mut record: Arc<Record>) -> bool {
        let mut spare = Vec::new();
        loop {
            let added = self.0.with(|table| {
                let rows = table.rows_mut();
                if spare.capacity() > rows.len() {
                    spare.append(rows);
                    mem::swap(&mut spare, rows);
                }
                table.add(record).map_err(|refused| (refused, table.rows().len()))
            });
            match added {
                Ok(_) => return true,
                Err((Refused::Taken(_), _)) => return false,
                Err((Refused::Full(again), len)) => {
                    record = again;
                    spare = Vec::with_capacity((2 * len).max(4)); // without the lock
                }
            }
        }
    }

    /// Takes this very record out, and not another one of its name.
    fn remove(&self, record: &Arc<Record>) -> Option<Arc<Record>> {
        self.0.with(|table| table.remove(&record.name, |known| Arc::ptr_eq(known, record)))
    }
}

impl Default for Shared {
    fn default() -> Self {
        Self(Lock::new(Table::new(Vec::new())))
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        for record in self.0.with(|table| mem::take(table.rows_mut())) {
            record.actor.forget_end(record.key());
        }
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}
