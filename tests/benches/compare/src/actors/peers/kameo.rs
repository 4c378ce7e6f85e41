//! kameo: a type per message, bounded mailboxes, supervision of its own.

use super::{Peer, by_hand_tokio::OnHandle};
use crate::{
    gates::Gates,
    library::{Counter, Library, Restarts, RestartsAfterPanic, unwind},
    scenario::CAPACITY,
    stage::OnTokio,
};
use kameo::{
    actor::{Actor, ActorRef, Spawn},
    error::Infallible,
    mailbox,
    message::{Context, Message},
    supervision::RestartPolicy,
};
use std::time::Duration;
use tokio::runtime::Handle;

pub fn peer() -> Peer {
    Peer::surviving::<Kameo>("kameo", "kameo")
}

#[derive(Clone)]
pub struct Kameo(OnHandle);

impl From<Handle> for Kameo {
    fn from(handle: Handle) -> Self {
        Self(handle.into())
    }
}

impl AsRef<Handle> for Kameo {
    fn as_ref(&self) -> &Handle {
        self.0.as_ref()
    }
}

pub struct Counting(Counter<ActorRef<Counting>>);

impl Actor for Counting {
    type Args = Gates;
    type Error = Infallible;

    async fn on_start(gates: Gates, _: ActorRef<Self>) -> Result<Self, Infallible> {
        Ok(Self(Counter::new(gates)))
    }
}

struct Add(u64);
struct Sum;
struct Introduce(Option<ActorRef<Counting>>);
struct Pass(u64);
struct Fail;
struct Panic;

#[derive(Debug)]
struct Failed;

impl Message<Add> for Counting {
    type Reply = ();

    async fn handle(&mut self, Add(number): Add, _: &mut Context<Self, ()>) {
        self.0.sum += number;
    }
}

impl Message<Sum> for Counting {
    type Reply = u64;

    async fn handle(&mut self, Sum: Sum, _: &mut Context<Self, u64>) -> u64 {
        self.0.sum
    }
}

impl Message<Introduce> for Counting {
    type Reply = ();

    async fn handle(&mut self, Introduce(next): Introduce, _: &mut Context<Self, ()>) {
        self.0.next = next;
    }
}

impl Message<Pass> for Counting {
    type Reply = ();

    async fn handle(&mut self, Pass(left): Pass, _: &mut Context<Self, ()>) {
        if let Some((next, left)) = self.0.hop(left) {
            next.tell(Pass(left)).await.expect("the actor runs");
        }
    }
}

impl Message<Fail> for Counting {
    type Reply = Result<(), Failed>;

    async fn handle(&mut self, Fail: Fail, _: &mut Context<Self, Self::Reply>) -> Self::Reply {
        Err(Failed)
    }
}

impl Message<Panic> for Counting {
    type Reply = ();

    async fn handle(&mut self, Panic: Panic, _: &mut Context<Self, ()>) {
        unwind()
    }
}

/// It only restarts its child.
struct Supervising;

impl Actor for Supervising {
    type Args = ();
    type Error = Infallible;

    async fn on_start((): (), _: ActorRef<Self>) -> Result<Self, Infallible> {
        Ok(Self)
    }
}

pub struct Child {
    to: ActorRef<Counting>,
    supervisor: ActorRef<Supervising>,
}

impl Library for Kameo {
    type Stage = OnTokio<Self>;
    type Actor = ActorRef<Counting>;
    type Ref = ActorRef<Counting>;
    const BOUNDED: bool = true;

    async fn start(&self, capacity: usize, gates: Gates) -> ActorRef<Counting> {
        Counting::spawn_with_mailbox(gates, mailbox::bounded(capacity))
    }

    fn refer(actor: &ActorRef<Counting>) -> ActorRef<Counting> {
        actor.clone()
    }

    async fn add(to: &ActorRef<Counting>, number: u64) {
        to.tell(Add(number)).await.expect("the actor runs");
    }

    async fn sum(to: &ActorRef<Counting>) -> u64 {
        to.ask(Sum).await.expect("it answers")
    }

    async fn introduce(to: &ActorRef<Counting>, next: Option<ActorRef<Counting>>) {
        to.tell(Introduce(next)).await.expect("the actor runs");
    }

    async fn pass(to: &ActorRef<Counting>, left: u64) {
        to.tell(Pass(left)).await.expect("the actor runs");
    }

    async fn stop(actor: ActorRef<Counting>, _: &Gates, _: u64) {
        actor.stop_gracefully().await.expect("the actor runs");
        actor.wait_for_shutdown().await;
    }
}

impl Restarts for Kameo {
    type Child = Child;

    async fn supervise(&self, gates: Gates) -> Child {
        let supervisor = Supervising::spawn(());
        let child = Counting::supervise(&supervisor, gates);
        let child = child.restart_policy(RestartPolicy::Permanent);
        let child = child.restart_limit(u32::MAX, Duration::from_secs(5));
        let to = child.spawn_with_mailbox(mailbox::bounded(CAPACITY)).await;
        Child { to, supervisor }
    }

    async fn fail(child: &Child) {
        child.to.tell(Fail).await.expect("the actor runs");
    }

    async fn dismiss(child: Child) {
        child.supervisor.stop_gracefully().await.expect("the actor runs");
        child.supervisor.wait_for_shutdown().await;
    }
}

impl RestartsAfterPanic for Kameo {
    async fn panic(child: &Child) {
        child.to.tell(Panic).await.expect("the actor runs");
    }
}
