//! Starting a pool.

use super::{
    ActorPool, PoolEvent, PoolTask, Route, ServeMember,
    keeper::Keeper,
    member::Member,
    seat::Seat,
    shared::Shared,
    terms::{Budget, Terms},
};
use crate::{
    actor::{Exit, mailbox_named},
    context,
    runtime::Runtime,
    spawn::{Spawn, SpawnErrorKind},
    supervise::{Restart, SpawnedChild},
    sync::Arc,
    time::Clock,
};
use core::{fmt, marker::PhantomData, time::Duration};

/// How many messages wait in a queue unless something else is asked for.
const CAPACITY: usize = 1000;

/// A pool to be started; made by [`Runtime::spawn_pool`].
#[must_use = "a pool builder does nothing until `start`"]
pub struct PoolBuilder<'a, S, C, M, F, O = fn(&PoolEvent<'_>)> {
    runtime: &'a Runtime<S, C>,
    members: usize,
    incarnation: F,
    name: &'static str,
    route: Route,
    terms: Terms,
    observer: O,
    messages: PhantomData<fn(M)>,
}

impl<S, C: Clock> Runtime<S, C> {
    /// Specifies a pool of actors, of which `incarnation` makes one incarnation after the other.
    ///
    /// Use it as `rt.spawn_pool(4, |member| member.serve(Worker::new())).name("resize").start()`. Each
    /// member has a clone of `incarnation`.
    pub fn spawn_pool<M: 'static, I, F>(
        &self,
        members: usize,
        incarnation: F,
    ) -> PoolBuilder<'_, S, C, M, F>
    where
        F: FnMut(Member<M>) -> ServeMember<M, I> + Clone,
    {
        PoolBuilder {
            runtime: self,
            members,
            incarnation,
            name: "pool",
            route: Route::Shared,
            terms: Terms {
                capacity: CAPACITY,
                restart: Restart::OnFailure,
                restarts: Budget { max: 1, window: Duration::from_secs(5) },
                replacements: Budget { max: 3, window: Duration::from_secs(60) },
            },
            observer: |_| {},
            messages: PhantomData,
        }
    }
}

impl<'a, S, C: Clock, M: 'static, F, O> PoolBuilder<'a, S, C, M, F, O> {
    /// The name that its members go by in events; `pool` unless given.
    pub const fn name(mut self, name: &'static str) -> Self {
        self.name = name;
        self
    }

    /// How many messages may wait in the shared queue, and in each member's own; 1,000 unless given.
    ///
    /// Memory follows use.
    pub const fn capacity(mut self, capacity: usize) -> Self {
        self.terms.capacity = capacity;
        self
    }

    /// Which member is given a message; whoever is free next unless given.
    pub const fn route(mut self, route: Route) -> Self {
        self.route = route;
        self
    }

    /// After which exits a member is restarted; after failures unless given.
    pub const fn restart(mut self, restart: Restart) -> Self {
        self.terms.restart = restart;
        self
    }

    /// How many restarts each member is allowed within the window; 1 unless given.
    pub const fn max_restarts(mut self, max: usize) -> Self {
        self.terms.restarts.max = max;
        self
    }

    /// The time within which a member's restarts are counted; 5 s unless given.
    pub const fn restart_window(mut self, window: Duration) -> Self {
        self.terms.restarts.window = window;
        self
    }

    /// How many members that spent their budget are replaced within the window; 3 unless given.
    ///
    /// A replacement takes over the place with its number, its mailbox and what waits there, and has a
    /// budget of its own.
    pub const fn max_replacements(mut self, max: usize) -> Self {
        self.terms.replacements.max = max;
        self
    }

    /// The time within which replacements are counted; 60 s unless given.
    pub const fn replacement_window(mut self, window: Duration) -> Self {
        self.terms.replacements.window = window;
        self
    }

    /// Tells `observer` of every failure, restart and replacement, and of the end, when it happens.
    ///
    /// It runs inside the task that keeps the pool: it must neither block nor panic.
    pub fn observe<P: FnMut(&PoolEvent<'_>)>(self, observer: P) -> PoolBuilder<'a, S, C, M, F, P> {
        let Self { runtime, members, incarnation, name, route, terms, messages, .. } = self;
        PoolBuilder { runtime, members, incarnation, name, route, terms, observer, messages }
    }

    /// Starts the pool: a task for each member, and one that keeps them.
    ///
    /// A member that the executor refuses counts as one that failed.
    ///
    /// # Errors
    ///
    /// [`SpawnErrorKind`] if the executor is full or closed.
    ///
    /// # Panics
    ///
    /// If the capacity or the number of members is zero.
    pub fn start<I, E>(self) -> Result<ActorPool<M>, SpawnErrorKind>
    where
        E: fmt::Debug,
        I: Future<Output = Exit<E>>,
        F: FnMut(Member<M>) -> ServeMember<M, I> + Clone,
        O: FnMut(&PoolEvent<'_>),
        S: Spawn<SpawnedChild<ServeMember<M, I>>> + Spawn<PoolTask<M, S, C, F, O>> + Clone,
    {
        let Self { runtime, members, incarnation, name, route, terms, observer, .. } = self;
        assert!(members > 0, "a pool needs a member");
        let front = mailbox_named(name, terms.capacity);
        let seat = |number| Arc::new(Seat::new(number, mailbox_named(name, terms.capacity)));
        let shared = Arc::new(Shared::new(front, route, (0..members).map(seat).collect()));
        let pool = ActorPool::new(shared.clone());
        let (spawner, clock) = (runtime.spawner().clone(), runtime.clock().clone());
        let keeper = Keeper::new(shared, spawner, clock, incarnation, observer, terms);
        let keeper = context::Context::current().for_spawn().run(keeper);
        Spawn::<PoolTask<M, S, C, F, O>>::spawn(runtime.spawner(), PoolTask { keeper })
            .map_err(|refused| refused.kind)?;
        Ok(pool)
    }
}

impl<S, C, M, F, O> fmt::Debug for PoolBuilder<'_, S, C, M, F, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PoolBuilder")
            .field("name", &self.name)
            .field("members", &self.members)
            .field("route", &self.route)
            .finish_non_exhaustive()
    }
}
