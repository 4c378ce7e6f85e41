//! Starting one supervised actor.

use super::Runtime;
use crate::{
    actor::{ActorRef, UNNAMED, mailbox_named},
    context::{self, WithContext},
    spawn::{Spawn, SpawnErrorKind},
    supervise::{
        ActorFactory, ChildId, Delays, Event, Factory, Incarnations, Observer, Plan, Restart,
        RestartDelays, SuperviseOne, Supervisor, Unobserved, Window, observer_with,
    },
    time::Clock,
};
use core::{
    fmt,
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
pub struct ActorBuilder<'a, S, C, M, F, O = Unobserved, D = ()> {
    runtime: &'a Runtime<S, C>,
    incarnation: F,
    name: &'static str,
    capacity: usize,
    plan: Plan,
    observer: O,
    delays: D,
    messages: PhantomData<fn(M)>,
}

impl<'a, S, C: Clock, M, F> ActorBuilder<'a, S, C, M, F> {
    pub(super) fn new(runtime: &'a Runtime<S, C>, incarnation: F) -> Self {
        Self {
            runtime,
            incarnation,
            name: UNNAMED,
            capacity: CAPACITY,
            plan: Plan::new(),
            observer: Unobserved,
            delays: (),
            messages: PhantomData,
        }
    }
}

impl<'a, S, C: Clock, M: 'static, F, O, D> ActorBuilder<'a, S, C, M, F, O, D> {
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
        self.plan.restart = restart;
        self
    }

    /// How many restarts within the window are allowed; 1 unless given, as in OTP.
    pub const fn max_restarts(mut self, max: usize) -> Self {
        self.plan.max_restarts = max;
        self
    }

    /// The time within which restarts are counted; 5 s unless given, as in OTP.
    pub const fn restart_window(mut self, window: Duration) -> Self {
        self.plan.window = Window::new(window);
        self
    }

    /// Tells `observer` of every failure and restart, and of giving up, when it happens.
    ///
    /// It runs inside the actor's task: it must neither block nor panic.
    pub fn observe<P: FnMut(&Event<'_>)>(
        self,
        observer: P,
    ) -> ActorBuilder<'a, S, C, M, F, impl Observer + use<S, C, M, F, O, P, D>, D>
    where
        O: Observer,
    {
        self.map(|supervisor| supervisor.observe(observer))
    }

    /// Calls `hook` when an incarnation has failed; see [`Supervisor::on_failure`].
    ///
    /// It runs inside the actor's task: it must neither block nor panic.
    pub fn on_failure<P: FnMut(ChildId, &dyn fmt::Debug, usize)>(
        self,
        hook: P,
    ) -> ActorBuilder<'a, S, C, M, F, impl Observer + use<S, C, M, F, O, P, D>, D>
    where
        O: Observer,
    {
        self.map(|supervisor| supervisor.on_failure(hook))
    }

    /// Calls `hook` when the actor is restarted; see [`Supervisor::on_restart`].
    ///
    /// It runs inside the actor's task: it must neither block nor panic.
    pub fn on_restart<P: FnMut(ChildId, Option<&dyn fmt::Debug>, usize)>(
        self,
        hook: P,
    ) -> ActorBuilder<'a, S, C, M, F, impl Observer + use<S, C, M, F, O, P, D>, D>
    where
        O: Observer,
    {
        self.map(|supervisor| supervisor.on_restart(hook))
    }

    /// Calls `hook` when the actor failed once too often; see [`Supervisor::on_max_restarts`].
    ///
    /// It runs inside the actor's task: it must neither block nor panic.
    pub fn on_max_restarts<P: FnMut(ChildId, Option<&dyn fmt::Debug>, usize)>(
        self,
        hook: P,
    ) -> ActorBuilder<'a, S, C, M, F, impl Observer + use<S, C, M, F, O, P, D>, D>
    where
        O: Observer,
    {
        self.map(|supervisor| supervisor.on_max_restarts(hook))
    }

    /// Lets the actor wait before it is restarted; at once unless given, as in OTP.
    ///
    /// Its mailbox takes messages meanwhile. The schedule is a [`Backoff`](crate::Backoff) or
    /// [`RestartDelays`].
    pub fn backoff<I: Iterator<Item = Duration> + Clone>(
        self,
        delays: impl Into<RestartDelays<I>>,
    ) -> ActorBuilder<'a, S, C, M, F, O, RestartDelays<I>> {
        let Self { runtime, incarnation, name, capacity, plan, observer, messages, .. } = self;
        let delays = delays.into();
        ActorBuilder { runtime, incarnation, name, capacity, plan, observer, delays, messages }
    }

    /// The same with other incarnations, made of its own and the runtime's clock.
    ///
    /// # Panics
    ///
    /// If it has no name.
    pub(super) fn with_incarnations<G>(
        self,
        change: impl FnOnce(F, &C) -> G,
    ) -> ActorBuilder<'a, S, C, M, G, O, D> {
        let Self { runtime, incarnation, name, capacity, plan, observer, .. } = self;
        assert!(name != UNNAMED, "a checkpointed actor needs a name: its state is kept under it");
        let (delays, messages) = (self.delays, self.messages);
        let incarnation = change(incarnation, &runtime.clock);
        ActorBuilder { runtime, incarnation, name, capacity, plan, observer, delays, messages }
    }

    fn map<P>(
        self,
        change: impl FnOnce(Supervisor<(), O>) -> Supervisor<(), P>,
    ) -> ActorBuilder<'a, S, C, M, F, P, D> {
        let Self { runtime, incarnation, name, capacity, plan, .. } = self;
        let (delays, messages) = (self.delays, self.messages);
        let observer = observer_with(self.observer, change);
        ActorBuilder { runtime, incarnation, name, capacity, plan, observer, delays, messages }
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
    pub fn start(self) -> Result<ActorRef<M>, SpawnErrorKind>
    where
        F: Incarnations<M>,
        O: Observer,
        D: Delays<ActorFactory<M, F>, Factory: Factory>,
        S: Spawn<ActorTask<D::Factory, C, O>>,
    {
        let Self { runtime, incarnation, name, capacity, plan, observer, delays, .. } = self;
        let me = mailbox_named(name, capacity);
        let factory = delays.apply(ActorFactory::new(me.clone(), incarnation));
        let context = context::Context::current().for_spawn();
        let one = SuperviseOne::new(plan, factory, runtime.clock.clone(), observer);
        let task = ActorTask { running: context.run(one) };
        runtime.spawner.spawn(task).map_err(|error| error.kind)?;
        Ok(me)
    }
}

pin_project! {
    /// The task of a supervised actor, whose incarnations `F` makes.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct ActorTask<F: Factory, C: Clock, O> {
        #[pin]
        running: WithContext<SuperviseOne<F, C, O>>,
    }
}

impl<F: Factory, C: Clock, O: Observer> Future for ActorTask<F, C, O> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        // A failed start or giving up has been told to the observer; here it only ends the task.
        self.project().running.poll(cx)
    }
}

impl<S, C, M, F, O, D> fmt::Debug for ActorBuilder<'_, S, C, M, F, O, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActorBuilder").field("name", &self.name).finish_non_exhaustive()
    }
}

impl<F: Factory, C: Clock, O> fmt::Debug for ActorTask<F, C, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActorTask").field("running", &self.running).finish()
    }
}
