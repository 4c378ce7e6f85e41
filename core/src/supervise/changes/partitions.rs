//! Actors alike, among which keys are shared out.

use crate::supervise::{
    children::actor_child::ActorFactory, children::child::ChildSpec,
    children::incarnation::Incarnation, children::set::Chain, children::set_heap::GroupSpec,
    entry::Entry, events::event::ChildId, spec::Restart, supervisor::Supervisor,
};
use crate::{
    actor::{ActorRef, mailbox_named},
    sync::Arc,
};
use alloc::vec::Vec;
use core::{
    fmt,
    hash::{Hash, Hasher},
    num::NonZeroUsize,
};

/// The mailboxes of actors alike, each for its part of the keys; clones are the same ones.
///
/// What Elixir's `PartitionSupervisor` routes by: a key leads to the same actor as long as there are
/// as many. The hash is not secret: who chooses the keys can choose the actor.
///
/// # Examples
///
/// ```
/// # use klaw::{Actor, Ctx, Restart, Strategy, Supervisor, serve, supervise::Partitions};
/// # struct Counter(usize);
/// # impl Actor for Counter {
/// #     type Msg = u32;
/// #     type Error = &'static str;
/// #     async fn handle(&mut self, _: u32, _: &mut Ctx<'_, u32>) -> Result<(), &'static str> {
/// #         Ok(())
/// #     }
/// # }
/// let threads = std::thread::available_parallelism().unwrap();
/// let counters = Partitions::new("counter", threads, 64);
/// let supervisor = Supervisor::new(Strategy::OneForOne)
///     .partitions(&counters, Restart::Always, |number, me| serve(Counter(number), me));
/// let counter = counters.partition("apples"); // always the same one
/// # assert!(counter.same_actor(counters.partition("apples")));
/// ```
pub struct Partitions<M: 'static> {
    name: &'static str,
    mailboxes: Arc<Vec<ActorRef<M>>>,
}

impl<M> Partitions<M> {
    /// As many mailboxes as `count`, of the same capacity.
    ///
    /// # Panics
    ///
    /// If the capacity is zero.
    pub fn new(name: &'static str, count: NonZeroUsize, capacity: usize) -> Self {
        let mailboxes = (0..count.get()).map(|_| mailbox_named(name, capacity)).collect();
        Self { name, mailboxes: Arc::new(mailboxes) }
    }

    /// The actor that this key belongs to.
    pub fn partition<K: Hash + ?Sized>(&self, key: &K) -> &ActorRef<M> {
        let mut hash = Fnv(0xcbf2_9ce4_8422_2325);
        key.hash(&mut hash);
        &self.mailboxes[(hash.finish() % self.mailboxes.len() as u64) as usize]
    }

    /// All of them, by number.
    pub fn all(&self) -> &[ActorRef<M>] {
        &self.mailboxes
    }
}

impl<Set, O> Supervisor<Set, O> {
    /// Adds an actor for each partition; `incarnation` makes their incarnations, by number.
    #[allow(clippy::type_complexity, reason = "a chain of types, as with every child")]
    pub fn partitions<M, I, F>(
        self,
        partitions: &Partitions<M>,
        restart: Restart,
        incarnation: F,
    ) -> Supervisor<
        Chain<Set, GroupSpec<ActorFactory<M, impl FnMut(ActorRef<M>) -> I + use<M, I, F, Set, O>>>>,
        O,
    >
    where
        I: Incarnation<Control = ActorRef<M>>,
        F: Fn(usize, ActorRef<M>) -> I + Clone,
    {
        let entry = Entry::new(restart, self.shutdown);
        let child = |(index, mailbox): (usize, &ActorRef<M>)| {
            let id = ChildId { name: partitions.name, index: Some(index) };
            let incarnation = incarnation.clone();
            let numbered = move |me| incarnation(index, me);
            ChildSpec { id, entry, factory: ActorFactory::new(mailbox.clone(), numbered) }
        };
        let group = partitions.mailboxes.iter().enumerate().map(child).collect();
        self.add(GroupSpec(group))
    }
}

/// FNV-1a, with its bits mixed at the end so that few partitions share them out evenly.
struct Fnv(u64);

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        let mixed = (self.0 ^ (self.0 >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        mixed ^ (mixed >> 33)
    }
}

impl<M> Clone for Partitions<M> {
    fn clone(&self) -> Self {
        Self { name: self.name, mailboxes: self.mailboxes.clone() }
    }
}

impl<M> fmt::Debug for Partitions<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Partitions")
            .field("name", &self.name)
            .field("count", &self.mailboxes.len())
            .finish_non_exhaustive()
    }
}
