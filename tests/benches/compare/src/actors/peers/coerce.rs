//! coerce: a type per message, unbounded mailboxes, no restarts.

use super::{Peer, by_hand_tokio::OnHandle};
use crate::{
    gates::Gates,
    library::{Counter, Library},
    stage::OnTokio,
};
use async_trait::async_trait;
use coerce::actor::{
    Actor, LocalActorRef,
    context::ActorContext,
    message::{Handler, Message},
    system::ActorSystem,
};
use tokio::runtime::Handle;

pub fn peer() -> Peer {
    Peer::of::<Coerce>("coerce", "coerce")
}

#[derive(Clone)]
pub struct Coerce {
    handle: OnHandle,
    system: ActorSystem,
}

impl From<Handle> for Coerce {
    fn from(handle: Handle) -> Self {
        Self { handle: handle.into(), system: ActorSystem::new() }
    }
}

impl AsRef<Handle> for Coerce {
    fn as_ref(&self) -> &Handle {
        self.handle.as_ref()
    }
}

pub struct Counting(Counter<LocalActorRef<Counting>>);

impl Actor for Counting {}

struct Add(u64);
struct Sum;
struct Introduce(Option<LocalActorRef<Counting>>);
struct Pass(u64);

impl Message for Add {
    type Result = ();
}

impl Message for Sum {
    type Result = u64;
}

impl Message for Introduce {
    type Result = ();
}

impl Message for Pass {
    type Result = ();
}

#[async_trait]
impl Handler<Add> for Counting {
    async fn handle(&mut self, Add(number): Add, _: &mut ActorContext) {
        self.0.sum += number;
    }
}

#[async_trait]
impl Handler<Sum> for Counting {
    async fn handle(&mut self, _: Sum, _: &mut ActorContext) -> u64 {
        self.0.sum
    }
}

#[async_trait]
impl Handler<Introduce> for Counting {
    async fn handle(&mut self, Introduce(next): Introduce, _: &mut ActorContext) {
        self.0.next = next;
    }
}

#[async_trait]
impl Handler<Pass> for Counting {
    async fn handle(&mut self, Pass(left): Pass, _: &mut ActorContext) {
        if let Some((next, left)) = self.0.hop(left) {
            tell(next, Pass(left));
        }
    }
}

fn tell<M: Message>(to: &LocalActorRef<Counting>, msg: M)
where
    Counting: Handler<M>,
{
    assert!(to.notify(msg).is_ok(), "the actor has ended");
}

impl Library for Coerce {
    type Stage = OnTokio<Self>;
    type Actor = LocalActorRef<Counting>;
    type Ref = LocalActorRef<Counting>;
    const BOUNDED: bool = false;

    async fn start(&self, _: usize, gates: Gates) -> LocalActorRef<Counting> {
        let counter = Counting(Counter::new(gates));
        self.system.new_anon_actor(counter).await.expect("it starts")
    }

    fn refer(actor: &LocalActorRef<Counting>) -> LocalActorRef<Counting> {
        actor.clone()
    }

    async fn add(to: &LocalActorRef<Counting>, number: u64) {
        tell(to, Add(number));
    }

    async fn sum(to: &LocalActorRef<Counting>) -> u64 {
        to.send(Sum).await.expect("it answers")
    }

    async fn introduce(to: &LocalActorRef<Counting>, next: Option<LocalActorRef<Counting>>) {
        tell(to, Introduce(next));
    }

    async fn pass(to: &LocalActorRef<Counting>, left: u64) {
        tell(to, Pass(left));
    }

    async fn stop(actor: LocalActorRef<Counting>, _: &Gates, _: u64) {
        actor.stop().await.expect("the actor runs");
    }
}
