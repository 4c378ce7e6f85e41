//! A registry without a heap.

use super::{
    ActorNotFound, ActorNotFoundKind, RegisterError, RegisterErrorKind, Registered,
    entry::{Entry, lead},
    table::{Refused, Rows, Table},
};
use crate::{
    actor::{ActorRef, Mailbox},
    sync::{Lock, const_fn},
};
use core::{
    any::{Any, type_name},
    fmt, iter,
};
use heapless::Vec;

/// Names of up to `N` actors in `static` mailboxes; it lies in a `static` itself.
///
/// The entry of an actor that has ended is as if it were not there; its room is used again when a
/// name is registered.
///
/// # Examples
///
/// ```
/// use klaw::{Mailbox, StaticRegistry};
///
/// static METER: Mailbox<u16, 8> = Mailbox::named("meter");
/// static ACTORS: StaticRegistry<4> = StaticRegistry::new();
///
/// ACTORS.register("meter", &METER)?;
/// let meter = ACTORS.get_actor::<u16>("meter")?;
/// assert!(meter.same_actor(&METER.actor_ref()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct StaticRegistry<const N: usize>(Lock<Table<Vec<Fixed, N>>>);

/// A mailbox in a `static`, whatever its messages and its room.
trait AnyMailbox: Sync {
    fn messages(&self) -> &'static str;
    fn is_closed(&'static self) -> bool;
    fn has_ended(&'static self) -> bool;
    fn lead_to(&'static self, place: &mut dyn Any) -> bool;
}

impl<M: Send + 'static, const CAPACITY: usize> AnyMailbox for Mailbox<M, CAPACITY> {
    fn messages(&self) -> &'static str {
        type_name::<M>()
    }

    fn is_closed(&'static self) -> bool {
        self.actor_ref().is_closed()
    }

    fn has_ended(&'static self) -> bool {
        self.actor_ref().has_ended()
    }

    fn lead_to(&'static self, place: &mut dyn Any) -> bool {
        lead(place, || Some(self.actor_ref()))
    }
}

#[derive(Clone, Copy)]
struct Fixed {
    name: &'static str,
    mailbox: &'static dyn AnyMailbox,
}

impl Entry for Fixed {
    fn name(&self) -> &str {
        self.name
    }

    fn messages(&self) -> &'static str {
        self.mailbox.messages()
    }

    fn has_ended(&self) -> bool {
        self.mailbox.has_ended()
    }

    fn lead_to(&self, place: &mut dyn Any) -> bool {
        self.mailbox.lead_to(place)
    }
}

impl<const N: usize> Rows for Vec<Fixed, N> {
    type Entry = Fixed;

    fn insert(&mut self, at: usize, entry: Fixed) -> Result<(), Fixed> {
        Self::insert(self, at, entry)
    }

    fn remove(&mut self, at: usize) -> Fixed {
        Self::remove(self, at)
    }
}

impl<const N: usize> StaticRegistry<N> {
    const_fn! {
        /// A registry without names.
        #[must_use]
        pub const fn new() -> Self {
            Self(Lock::new(Table::new(Vec::new())))
        }
    }

    /// Lets the actor of `mailbox` be found by `name`, until it has ended for good.
    ///
    /// An actor may have several names.
    ///
    /// # Errors
    ///
    /// [`RegisterError`] if the name is taken, the actor takes no more messages, or `N` names are
    /// in use.
    pub fn register<M: Send + 'static, const CAPACITY: usize>(
        &self,
        name: &'static str,
        mailbox: &'static Mailbox<M, CAPACITY>,
    ) -> Result<(), RegisterError<&'static str>> {
        if mailbox.is_closed() {
            return Err(RegisterError { name, kind: RegisterErrorKind::Closed });
        }
        self.add(Fixed { name, mailbox }).map_err(|kind| RegisterError { name, kind })
    }

    fn add(&self, entry: Fixed) -> Result<(), RegisterErrorKind> {
        self.0.with(|table| {
            let refused = match table.add(entry) {
                Err(Refused::Full(entry)) => {
                    table.rows_mut().retain(|entry| !entry.has_ended());
                    table.add(entry)
                }
                added => added,
            };
            match refused {
                Ok(_) => Ok(()),
                Err(Refused::Taken(_)) => Err(RegisterErrorKind::Taken),
                Err(Refused::Full(_)) => Err(RegisterErrorKind::Full),
            }
        })
    }

    /// Frees `name`; false if no actor went by it.
    pub fn unregister(&self, name: &str) -> bool {
        let removed = self.0.with(|table| table.remove(name, |_| true));
        removed.is_some_and(|entry| !entry.has_ended())
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
    pub fn get_actor<'n, M: 'static>(
        &self,
        name: &'n str,
    ) -> Result<ActorRef<M>, ActorNotFound<&'n str>> {
        self.find(name).map_err(|kind| ActorNotFound { name, kind })
    }

    fn find<M: 'static>(&self, name: &str) -> Result<ActorRef<M>, ActorNotFoundKind> {
        self.0.with(|table| table.get(name))
    }

    /// The actors in the order of their names, each looked up when it is its turn.
    pub fn entries(&self) -> impl Iterator<Item = Registered<&'static str>> {
        let mut last = None;
        let fixed = iter::from_fn(move || {
            let entry = self.0.with(|table| table.after(last).copied())?;
            last = Some(entry.name);
            Some(entry)
        });
        fixed.filter(|entry| !entry.has_ended()).map(|entry| Registered {
            name: entry.name,
            messages: entry.messages(),
            is_closed: entry.mailbox.is_closed(),
        })
    }

    /// The names in use, in order.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.entries().map(|entry| entry.name)
    }

    /// How many names are in use.
    pub fn len(&self) -> usize {
        self.0.with(|table| table.rows().iter().filter(|entry| !entry.has_ended()).count())
    }

    /// Whether no name is in use.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many names there is room for.
    pub const fn capacity(&self) -> usize {
        N
    }
}

impl<const N: usize> Default for StaticRegistry<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize> fmt::Debug for StaticRegistry<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}
