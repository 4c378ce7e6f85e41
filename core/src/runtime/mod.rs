//! The capabilities of one application together, and what is started with them.
//!
//! A [`Runtime`] is generic over its executor and its clock; each adapter makes one.

mod actor_builder;
mod checkpointed;
mod tree;

pub use actor_builder::{ActorBuilder, ActorTask};
pub use checkpointed::FromCheckpoint;
pub use tree::{Joined, Tree, TreeError, TreeTask};

use crate::{
    actor::ActorRef,
    cancel::{Timeout, WaitCancelled, timeout},
    spawn::{Spawn, SpawnError, SpawnErrorKind},
    supervise::{
        Asked, Build, Chain, Child, ChildSet, Drive, DynamicRef, DynamicSupervisor, Factory, Group,
        Hire, Kind, Observer, Seated, Spawned, Supervise, Supervisor, SupervisorRef,
    },
    task::{Executor, Task, TaskHandle},
    time::{Clock, Instant},
};
use alloc::boxed::Box;
use core::{pin::Pin, time::Duration};

/// An executor and a clock, from which actors and supervision trees are started.
#[derive(Clone, Copy, Debug)]
pub struct Runtime<S, C> {
    spawner: S,
    clock: C,
}

/// The future that a supervision tree runs as.
pub type TreeFuture<Set, C, O> = TreeTask<Supervise<Set, C, WaitCancelled, O>>;

/// The future that a supervision tree runs as to which children can be added.
pub type OpenTreeFuture<Set, C, O, T> =
    TreeTask<Supervise<Chain<Set, Group<T>>, C, WaitCancelled, O, Asked<Pin<Box<T>>>>>;

/// The future that a dynamic supervisor runs as.
pub type DynamicTreeFuture<S, C, O, A, Make, F> = TreeTask<
    Supervise<
        Chain<(), Group<Child<Spawned<S>, Seated<F>>>>,
        C,
        WaitCancelled,
        O,
        Hire<A, Make, Spawned<S>>,
    >,
>;

impl<S, C: Clock> Runtime<S, C> {
    /// Puts an executor and a clock together.
    pub const fn new(spawner: S, clock: C) -> Self {
        Self { spawner, clock }
    }

    /// The executor.
    pub const fn spawner(&self) -> &S {
        &self.spawner
    }

    /// The clock.
    pub const fn clock(&self) -> &C {
        &self.clock
    }

    /// The present moment.
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// A timer that completes when `duration` has passed.
    ///
    /// # Cancel safety
    ///
    /// Dropping the timer costs nothing.
    pub fn sleep(&self, duration: Duration) -> C::Sleep {
        self.clock.sleep(duration)
    }

    /// Gives `future` as much time as `limit`; then it is dropped.
    ///
    /// # Errors
    ///
    /// [`Elapsed`](crate::Elapsed) if the time ran out.
    ///
    /// # Cancel safety
    ///
    /// Dropping the returned future drops `future`, nothing else.
    pub fn timeout<F: Future>(&self, limit: Duration, future: F) -> Timeout<F, C> {
        timeout(&self.clock, limit, future)
    }

    /// Runs `future` in the background.
    ///
    /// # Errors
    ///
    /// [`SpawnError`] if the executor is full or closed.
    pub fn spawn<F: Future<Output = ()>>(&self, future: F) -> Result<(), SpawnError<F>>
    where
        S: Spawn<F>,
    {
        self.spawner.spawn(future)
    }

    /// Starts `future` as a task with a handle.
    ///
    /// # Errors
    ///
    /// [`SpawnError`] if the executor is full or closed, with `future` unless it consumed it.
    pub fn submit<F: Future>(&self, future: F) -> Result<TaskHandle<F::Output>, SpawnError<F>>
    where
        S: Spawn<Task<F>>,
    {
        Executor::new(&self.spawner).submit(future)
    }

    /// The executor as one that gives handles and runs maps.
    pub fn executor(&self) -> Executor<S>
    where
        S: Clone,
    {
        Executor::new(self.spawner.clone())
    }

    /// Specifies an actor of which `incarnation` makes one incarnation after the other.
    ///
    /// Use it as `rt.spawn_actor(|me| serve(Counter::default(), me)).name("counter").start()`.
    ///
    /// A checkpointed actor is made of what was saved, see [`ActorBuilder::checkpoint`]. If there is more to
    /// be said of where and when, its incarnations are made by
    /// [`serve_checkpointed`](crate::durable::serve_checkpointed).
    pub fn spawn_actor<M: 'static, I, F>(&self, incarnation: F) -> ActorBuilder<'_, S, C, M, F>
    where
        F: FnMut(ActorRef<M>) -> I,
    {
        ActorBuilder::new(self, incarnation)
    }

    /// Runs a supervision tree in the background, each child on a task of its own.
    ///
    /// # Errors
    ///
    /// [`SpawnErrorKind`] if the executor is full or closed.
    pub fn supervise<Set, O>(&self, supervisor: Supervisor<Set, O>) -> Result<Tree, SpawnErrorKind>
    where
        S: Clone,
        Set: Build<Spawned<S>>,
        Set::Set: ChildSet,
        O: Observer,
        S: Spawn<TreeFuture<Set::Set, C, O>>,
    {
        let driver = Spawned(self.spawner.clone());
        let tree = Tree::new();
        let running = supervisor.run_with(driver, &self.clock).until(tree.stop_requested());
        self.spawner.spawn(tree.task(running)).map_err(|e| e.kind)?;
        Ok(tree)
    }

    /// As [`supervise`](Self::supervise), with a reference by which children are added and stopped.
    ///
    /// `T` is how added children are boxed, see [`SupervisorRef`].
    ///
    /// # Errors
    ///
    /// [`SpawnErrorKind`] if the executor is full or closed.
    pub fn supervise_open<T, Set, O>(
        &self,
        supervisor: Supervisor<Set, O>,
    ) -> Result<(Tree, SupervisorRef<Spawned<S>, T>), SpawnErrorKind>
    where
        T: Kind + ?Sized,
        S: Clone,
        Set: Build<Spawned<S>>,
        O: Observer,
        S: Spawn<OpenTreeFuture<Set::Set, C, O, T>>,
    {
        let (running, children) = supervisor.run_open(Spawned(self.spawner.clone()), &self.clock);
        let tree = Tree::new();
        let running = running.until(tree.stop_requested());
        self.spawner.spawn(tree.task(running)).map_err(|e| e.kind)?;
        Ok((tree, children))
    }

    /// Runs a dynamic supervisor in the background, each child on a task of its own.
    ///
    /// # Errors
    ///
    /// [`SpawnErrorKind`] if the executor is full or closed.
    pub fn supervise_dynamic<A, Make, F, O>(
        &self,
        supervisor: DynamicSupervisor<A, Make, O>,
    ) -> Result<(Tree, DynamicRef<A>), SpawnErrorKind>
    where
        S: Clone,
        F: Factory,
        Make: FnMut(A) -> F,
        O: Observer,
        Spawned<S>: Drive<F::Future>,
        S: Spawn<DynamicTreeFuture<S, C, O, A, Make, F>>,
    {
        let (running, children) = supervisor.run_with(Spawned(self.spawner.clone()), &self.clock);
        let tree = Tree::new();
        let running = running.until(tree.stop_requested());
        self.spawner.spawn(tree.task(running)).map_err(|e| e.kind)?;
        Ok((tree, children))
    }
}
