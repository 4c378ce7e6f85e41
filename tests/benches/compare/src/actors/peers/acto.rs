//! acto: one enum of messages, bounded mailboxes, no ask of its own, no restarts.

use super::{Peer, by_hand_tokio::OnHandle};
use crate::{
    gates::Gates,
    library::{Counter, Library},
    stage::OnTokio,
};
use acto::{
    AcTokio, AcTokioRuntime, ActoCell, ActoHandle, ActoInput, ActoRef, ActoRuntime, MailboxSize,
    SupervisionRef, TokioJoinHandle,
};
use std::sync::Arc;
use tokio::{runtime::Handle, sync::oneshot};

pub fn peer() -> Peer {
    Peer::of::<Acto>("acto", "acto")
}

#[derive(Clone)]
pub struct Acto {
    handle: OnHandle,
    system: Arc<AcTokio>,
}

impl From<Handle> for Acto {
    fn from(handle: Handle) -> Self {
        let system = Arc::new(AcTokio::from_handle("bench", handle.clone()));
        Self { handle: handle.into(), system }
    }
}

impl AsRef<Handle> for Acto {
    fn as_ref(&self) -> &Handle {
        self.handle.as_ref()
    }
}

pub enum Msg {
    Add(u64),
    Sum(oneshot::Sender<u64>),
    Introduce(Option<ActoRef<Msg>>),
    Pass(u64),
}

/// Until everybody who could send has gone.
async fn incarnation(gates: Gates, mut mailbox: ActoCell<Msg, AcTokioRuntime>) {
    let mut counter = Counter::new(gates);
    while let ActoInput::Message(msg) = mailbox.recv().await {
        match msg {
            Msg::Add(number) => counter.sum += number,
            Msg::Sum(reply) => drop(reply.send(counter.sum)),
            Msg::Introduce(next) => counter.next = next,
            Msg::Pass(left) => {
                if let Some((next, left)) = counter.hop(left) {
                    tell(next, Msg::Pass(left)).await;
                }
            }
        }
    }
}

async fn tell(to: &ActoRef<Msg>, msg: Msg) {
    assert!(to.send_wait(msg).await, "the actor has ended");
}

impl Library for Acto {
    type Stage = OnTokio<Self>;
    type Actor = SupervisionRef<Msg, TokioJoinHandle<()>>;
    type Ref = ActoRef<Msg>;
    const BOUNDED: bool = true;

    async fn start(&self, capacity: usize, gates: Gates) -> Self::Actor {
        let runtime = self.system.with_mailbox_size(capacity);
        runtime.spawn_actor("counter", |mailbox: ActoCell<_, _>| incarnation(gates, mailbox))
    }

    fn refer(actor: &Self::Actor) -> ActoRef<Msg> {
        actor.me.clone()
    }

    async fn add(to: &ActoRef<Msg>, number: u64) {
        tell(to, Msg::Add(number)).await;
    }

    async fn sum(to: &ActoRef<Msg>) -> u64 {
        let (reply, answer) = oneshot::channel();
        tell(to, Msg::Sum(reply)).await;
        answer.await.expect("it answers")
    }

    async fn introduce(to: &ActoRef<Msg>, next: Option<ActoRef<Msg>>) {
        tell(to, Msg::Introduce(next)).await;
    }

    async fn pass(to: &ActoRef<Msg>, left: u64) {
        tell(to, Msg::Pass(left)).await;
    }

    async fn stop(actor: Self::Actor, _: &Gates, _: u64) {
        let SupervisionRef { me, handle } = actor;
        drop(me);
        assert!(handle.join().await.is_ok(), "it does not panic");
    }
}
