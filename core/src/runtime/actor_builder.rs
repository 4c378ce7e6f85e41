//! Starting one supervised actor.

use super::Runtime;
use crate::{
    actor::{ActorRef, UNNAMED, mailbox_named},
    context::{self, WithContext},
    spawn::{Spawn, SpawnErrorKind},
    supervise::{
        ActorFactory, Chain, Child, ChildId, Event, Factory, InPlace, Incarnation, Restart,
        Strategy, Supervise, Supervisor, SupervisorError,
    },
    time::Clock,
};
use core::{
    fmt,
    future::Pending,
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use pin_project_lite::pin_project;

/// How many messages wait in a mailbox unless something else is asked for.
const CAPACITY: usize = 1000;

/// An actor to be started; made by [`Runtime::spawn_actor`].
#[must_use = "an actor builder does nothing until `start`"]
pub struct ActorBuilder<'a, S, C, M, F, O = fn(&Event<'_>)> {
    runtime: &'a Runtime<S, C>,
    incarnation: F,
    name: &'static str,
    capacity: usize,
    restart: Restart,
    supervisor: Supervisor<(), O>,
    messages: PhantomData<fn(M)>,
}

impl<'a, S, C: Clock, M, F> ActorBuilder<'a, S, C, M, F> {
    pub(super) fn new(runtime: &'a Runtime<S, C>, incarnation: F) -> Self {
        Self {
            runtime,
            incarnation,
            name: UNNAMED,
            capacity: CAPACITY,
            restart: Restart::OnFailure,
            supervisor: Supervisor::new(Strategy::OneForOne),
            messages: PhantomData,
        }
    }
}

impl<'a, S, C: Clock, M: 'static, F, O> ActorBuilder<'a, S, C, M, F, O> {
    /// The name it goes by in events; `actor` unless given.
    pub const fn name(mut self, name: &'static str) -> Self {
        self.name = name;
        self
    }

    /// How many messages may wait; 1,000 unless given. Memory follows use.
    pub const fn capacity(mut self, capacity: usize) -> Self {
        self.capacity = capacity;
        self
    }

    /// After which exits it is restarted; after failures unless given.
    pub const fn restart(mut self, restart: Restart) -> Self {
        self.restart = restart;
        self
    }

    /// How many restarts within the window are allowed; 1 unless given, as in OTP.
    pub fn max_restarts(mut self, max: usize) -> Self {
        self.supervisor = self.supervisor.max_restarts(max);
        self
    }

    /// The time within which restarts are counted; 5 s unless given, as in OTP.
    pub fn restart_window(mut self, window: Duration) -> Self {
        self.supervisor = self.supervisor.restart_window(window);
        self
    }

    /// Tells `observer` of every failure and restart, and of giving up, when it happens.
    ///
    /// It runs inside the actor's task: it must neither block nor panic.
    pub fn observe<P: FnMut(&Event<'_>)>(
        self,
        observer: P,
    ) -> ActorBuilder<'a, S, C, M, F, impl FnMut(&Event<'_>) + use<S, C, M, F, O, P>>
    where
        O: FnMut(&Event<'_>),
    {
        let Self { runtime, incarnation, name, capacity, restart, supervisor, messages } = self;
        let supervisor = supervisor.observe(observer);
        ActorBuilder { runtime, incarnation, name, capacity, restart, supervisor, messages }
    }

    /// Calls `hook` when an incarnation has failed; see [`Supervisor::on_failure`].
    ///
    /// It runs inside the actor's task: it must neither block nor panic.
    pub fn on_failure<P: FnMut(ChildId, &dyn fmt::Debug, usize)>(
        self,
        hook: P,
    ) -> ActorBuilder<'a, S, C, M, F, impl FnMut(&Event<'_>) + use<S, C, M, F, O, P>>
    where
        O: FnMut(&Event<'_>),
    {
        let Self { runtime, incarnation, name, capacity, restart, supervisor, messages } = self;
        let supervisor = supervisor.on_failure(hook);
        ActorBuilder { runtime, incarnation, name, capacity, restart, supervisor, messages }
    }

    /// Calls `hook` when the actor is restarted; see [`Supervisor::on_restart`].
    ///
    /// It runs inside the actor's task: it must neither block nor panic.
    pub fn on_restart<P: FnMut(ChildId, Option<&dyn fmt::Debug>, usize)>(
        self,
        hook: P,
    ) -> ActorBuilder<'a, S, C, M, F, impl FnMut(&Event<'_>) + use<S, C, M, F, O, P>>
    where
        O: FnMut(&Event<'_>),
    {
        let Self { runtime, incarnation, name, capacity, restart, supervisor, messages } = self;
        let supervisor = supervisor.on_restart(hook);
        ActorBuilder { runtime, incarnation, name, capacity, restart, supervisor, messages }
    }

    /// Calls `hook` when the actor failed once too often; see [`Supervisor::on_max_restarts`].
    ///
    /// It runs inside the actor's task: it must neither block nor panic.
    pub fn on_max_restarts<P: FnMut(ChildId, Option<&dyn fmt::Debug>, usize)>(
        self,
        hook: P,
    ) -> ActorBuilder<'a, S, C, M, F, impl FnMut(&Event<'_>) + use<S, C, M, F, O, P>>
    where
        O: FnMut(&Event<'_>),
    {
        let Self { runtime, incarnation, name, capacity, restart, supervisor, messages } = self;
        let supervisor = supervisor.on_max_restarts(hook);
        ActorBuilder { runtime, incarnation, name, capacity, restart, supervisor, messages }
    }

    /// Starts the actor on a task of its own.
    ///
    /// # Errors
    ///
    /// [`SpawnErrorKind`] if the executor is full or closed.
    ///
    /// # Panics
    ///
    /// If the capacity is zero.
    pub fn start<I>(self) -> Result<ActorRef<M>, SpawnErrorKind>
    where
        I: Incarnation<Control = ActorRef<M>>,
        F: FnMut(ActorRef<M>) -> I,
        O: FnMut(&Event<'_>),
        S: Spawn<ActorTask<M, F, C, O>>,
    {
        let Self { runtime, incarnation, name, capacity, restart, supervisor, .. } = self;
        let me = mailbox_named(name, capacity);
        let running = supervisor.actor(&me, restart, incarnation).run(&runtime.clock);
        let running = context::Context::current().for_spawn().run(running);
        runtime.spawner.spawn(ActorTask { running }).map_err(|error| error.kind)?;
        Ok(me)
    }
}

type Children<M, F> = Chain<(), Child<InPlace, ActorFactory<M, F>>>;

pin_project! {
    /// The task of a supervised actor.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct ActorTask<M: 'static, F, C, O>
    where
        C: Clock,
        ActorFactory<M, F>: Factory,
    {
        #[pin]
        running: WithContext<Supervise<Children<M, F>, C, Pending<()>, O>>,
    }
}

impl<M, F, C, O> Future for ActorTask<M, F, C, O>
where
    C: Clock,
    O: FnMut(&Event<'_>),
    ActorFactory<M, F>: Factory,
{
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        // A failed start or giving up has been told to the observer; here it only ends the task.
        self.project().running.poll(cx).map(|_: Result<(), SupervisorError>| ())
    }
}

impl<S, C, M, F, O> fmt::Debug for ActorBuilder<'_, S, C, M, F, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActorBuilder").field("name", &self.name).finish_non_exhaustive()
    }
}

impl<M, F, C, O> fmt::Debug for ActorTask<M, F, C, O>
where
    C: Clock,
    ActorFactory<M, F>: Factory,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActorTask").field("running", &self.running).finish()
    }
}
