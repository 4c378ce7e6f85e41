//! klaw's actors, on smol's executor and on tokio.

use super::Peer;
use crate::{
    gates::Gates,
    library::{Counter, Library, Restarts, RestartsAfterPanic, unwind},
    scenario::CAPACITY,
    stage::{OnSmol, OnTokio},
};
use klaw::{Actor, ActorRef, Ctx, Instant, Reply, Runtime, Spawn, SpawnError, serve};
use klaw_smol::SmolClock;
use std::{
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll},
};

pub fn peers() -> [Peer; 2] {
    [
        Peer::surviving::<Smol>("klaw (smol)", "klaw"),
        Peer::surviving::<Tokio>("klaw (tokio)", "klaw"),
    ]
}

pub enum Msg {
    Add(u64),
    Sum(Reply<u64>),
    Introduce(Option<ActorRef<Msg>>),
    Pass(u64),
    Fail,
    Panic,
}

#[derive(Debug)]
pub struct Failed;

impl Actor for Counter<ActorRef<Msg>> {
    type Msg = Msg;
    type Error = Failed;

    async fn handle(&mut self, msg: Msg, _: &mut Ctx<'_, Msg>) -> Result<(), Failed> {
        match msg {
            Msg::Add(number) => self.sum += number,
            Msg::Sum(reply) => reply.send(self.sum),
            Msg::Introduce(next) => self.next = next,
            Msg::Pass(left) => {
                if let Some((next, left)) = self.hop(left) {
                    tell(next, Msg::Pass(left)).await;
                }
            }
            Msg::Fail => return Err(Failed),
            Msg::Panic => unwind(),
        }
        Ok(())
    }
}

async fn tell(to: &ActorRef<Msg>, msg: Msg) {
    assert!(to.tell(msg).await.is_ok(), "the actor has ended");
}

/// On smol's executor, with the handle and the clock of `klaw_smol::Runtime`.
#[derive(Clone)]
pub struct Smol {
    runtime: Runtime<klaw_smol::Executor, SmolClock>,
    executor: Arc<smol::Executor<'static>>,
}

impl From<&Arc<smol::Executor<'static>>> for Smol {
    fn from(executor: &Arc<smol::Executor<'static>>) -> Self {
        let runtime = Runtime::new(klaw_smol::Executor::from(executor), SmolClock);
        Self { runtime, executor: executor.clone() }
    }
}

impl AsRef<Arc<smol::Executor<'static>>> for Smol {
    fn as_ref(&self) -> &Arc<smol::Executor<'static>> {
        &self.executor
    }
}

/// On tokio.
#[derive(Clone)]
pub struct Tokio {
    runtime: Runtime<OnHandle, TokioClock>,
}

impl From<tokio::runtime::Handle> for Tokio {
    fn from(handle: tokio::runtime::Handle) -> Self {
        Self { runtime: Runtime::new(OnHandle(handle), TokioClock) }
    }
}

impl AsRef<tokio::runtime::Handle> for Tokio {
    fn as_ref(&self) -> &tokio::runtime::Handle {
        &self.runtime.spawner().0
    }
}

#[derive(Clone)]
pub struct OnHandle(tokio::runtime::Handle);

impl<F: Future<Output = ()> + Send + 'static> Spawn<F> for OnHandle {
    fn spawn(&self, future: F) -> Result<(), SpawnError<F>> {
        drop(self.0.spawn(future));
        Ok(())
    }
}

/// tokio's clock, counted from the first look at it.
#[derive(Clone, Copy)]
pub struct TokioClock;

pub struct TokioSleep {
    /// None until there is a deadline: an actor that needs no timer makes none.
    timer: Option<Pin<Box<tokio::time::Sleep>>>,
}

impl TokioSleep {
    fn until(deadline: Instant) -> Self {
        let timer = (deadline != Instant::FAR_FUTURE).then(|| {
            let at = epoch() + std::time::Duration::from_nanos(deadline.as_nanos());
            Box::pin(tokio::time::sleep_until(at))
        });
        Self { timer }
    }
}

fn epoch() -> tokio::time::Instant {
    static EPOCH: OnceLock<tokio::time::Instant> = OnceLock::new();
    *EPOCH.get_or_init(tokio::time::Instant::now)
}

impl klaw::Clock for TokioClock {
    type Sleep = TokioSleep;

    fn now(&self) -> Instant {
        Instant::EPOCH.saturating_add(epoch().elapsed())
    }

    fn sleep_until(&self, deadline: Instant) -> TokioSleep {
        TokioSleep::until(deadline)
    }
}

impl klaw::Sleep for TokioSleep {
    fn reset(mut self: Pin<&mut Self>, deadline: Instant) {
        *self = Self::until(deadline);
    }
}

impl Future for TokioSleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        match &mut self.timer {
            Some(timer) => timer.as_mut().poll(context),
            None => Poll::Pending,
        }
    }
}

/// The same for both: only the types of the runtimes differ.
macro_rules! on {
    ($handle:ty, $stage:ident) => {
        impl Library for $handle {
            type Stage = $stage<Self>;
            type Actor = ActorRef<Msg>;
            type Ref = ActorRef<Msg>;
            const BOUNDED: bool = true;

            async fn start(&self, capacity: usize, gates: Gates) -> ActorRef<Msg> {
                let builder =
                    self.runtime.spawn_actor(move |me| serve(Counter::new(gates.clone()), me));
                builder.capacity(capacity).start().expect("the executor runs")
            }

            fn refer(actor: &ActorRef<Msg>) -> ActorRef<Msg> {
                actor.clone()
            }

            async fn add(to: &ActorRef<Msg>, number: u64) {
                tell(to, Msg::Add(number)).await;
            }

            async fn sum(to: &ActorRef<Msg>) -> u64 {
                to.ask(Msg::Sum).await.expect("it answers")
            }

            async fn introduce(to: &ActorRef<Msg>, next: Option<ActorRef<Msg>>) {
                tell(to, Msg::Introduce(next)).await;
            }

            async fn pass(to: &ActorRef<Msg>, left: u64) {
                tell(to, Msg::Pass(left)).await;
            }

            async fn stop(actor: ActorRef<Msg>, _: &Gates, _: u64) {
                actor.stop();
                actor.closed().await;
            }
        }

        impl Restarts for $handle {
            type Child = ActorRef<Msg>;

            async fn supervise(&self, gates: Gates) -> ActorRef<Msg> {
                let builder =
                    self.runtime.spawn_actor(move |me| serve(Counter::new(gates.clone()), me));
                let builder = builder.capacity(CAPACITY).max_restarts(usize::MAX);
                builder.start().expect("the executor runs")
            }

            async fn fail(child: &ActorRef<Msg>) {
                tell(child, Msg::Fail).await;
            }

            async fn dismiss(child: ActorRef<Msg>) {
                child.stop();
                child.closed().await;
            }
        }

        impl RestartsAfterPanic for $handle {
            async fn panic(child: &ActorRef<Msg>) {
                tell(child, Msg::Panic).await;
            }
        }
    };
}

on!(Smol, OnSmol);
on!(Tokio, OnTokio);
