//! A task with a channel, as one writes it by hand on smol.
//!
//! The one that is restarted runs each incarnation as a task, as on tokio; here a receiver can be
//! cloned, and a panic has to be caught by hand.

use super::Peer;
use crate::{
    gates::Gates,
    library::{Counter, Library, Restarts, RestartsAfterPanic, unwind},
    scenario::CAPACITY,
    stage::OnSmol,
};
use async_channel::{Receiver, Sender};
use smol::{Executor, Task, future::FutureExt};
use std::{panic::AssertUnwindSafe, sync::Arc};

pub fn peer() -> Peer {
    Peer::surviving::<OnExecutor>("smol by hand", "async-executor")
}

/// Also what other libraries on smol are started by.
#[derive(Clone)]
pub struct OnExecutor(Arc<Executor<'static>>);

impl From<&Arc<Executor<'static>>> for OnExecutor {
    fn from(executor: &Arc<Executor<'static>>) -> Self {
        Self(executor.clone())
    }
}

impl AsRef<Arc<Executor<'static>>> for OnExecutor {
    fn as_ref(&self) -> &Arc<Executor<'static>> {
        &self.0
    }
}

pub enum Msg {
    Add(u64),
    Sum(Sender<u64>),
    Introduce(Option<Sender<Msg>>),
    Pass(u64),
    Fail,
    Panic,
}

struct Failed;

pub struct Running {
    to: Sender<Msg>,
    task: Task<()>,
}

/// Until everybody who could send has gone.
async fn incarnation(gates: Gates, mailbox: Receiver<Msg>) -> Result<(), Failed> {
    let mut counter = Counter::new(gates);
    while let Ok(msg) = mailbox.recv().await {
        match msg {
            Msg::Add(number) => counter.sum += number,
            Msg::Sum(reply) => drop(reply.try_send(counter.sum)),
            Msg::Introduce(next) => counter.next = next,
            Msg::Pass(left) => {
                if let Some((next, left)) = counter.hop(left) {
                    tell(next, Msg::Pass(left)).await;
                }
            }
            Msg::Fail => return Err(Failed),
            Msg::Panic => unwind(),
        }
    }
    Ok(())
}

async fn supervise(executor: Arc<Executor<'static>>, gates: Gates, mailbox: Receiver<Msg>) {
    loop {
        let incarnation = AssertUnwindSafe(incarnation(gates.clone(), mailbox.clone()));
        if let Ok(Ok(())) = executor.spawn(incarnation.catch_unwind()).await {
            return;
        }
    }
}

async fn tell(to: &Sender<Msg>, msg: Msg) {
    assert!(to.send(msg).await.is_ok(), "the actor has ended");
}

impl Library for OnExecutor {
    type Stage = OnSmol<Self>;
    type Actor = Running;
    type Ref = Sender<Msg>;
    const BOUNDED: bool = true;

    async fn start(&self, capacity: usize, gates: Gates) -> Running {
        let (to, mailbox) = async_channel::bounded(capacity);
        let task = self.0.spawn(async move {
            drop(incarnation(gates, mailbox).await);
        });
        Running { to, task }
    }

    fn refer(actor: &Running) -> Sender<Msg> {
        actor.to.clone()
    }

    async fn add(to: &Sender<Msg>, number: u64) {
        tell(to, Msg::Add(number)).await;
    }

    async fn sum(to: &Sender<Msg>) -> u64 {
        let (reply, answer) = async_channel::bounded(1);
        tell(to, Msg::Sum(reply)).await;
        answer.recv().await.expect("it answers")
    }

    async fn introduce(to: &Sender<Msg>, next: Option<Sender<Msg>>) {
        tell(to, Msg::Introduce(next)).await;
    }

    async fn pass(to: &Sender<Msg>, left: u64) {
        tell(to, Msg::Pass(left)).await;
    }

    async fn stop(actor: Running, _: &Gates, _: u64) {
        drop(actor.to);
        actor.task.await;
    }
}

impl Restarts for OnExecutor {
    type Child = Running;

    async fn supervise(&self, gates: Gates) -> Running {
        let (to, mailbox) = async_channel::bounded(CAPACITY);
        let task = self.0.spawn(supervise(self.0.clone(), gates, mailbox));
        Running { to, task }
    }

    async fn fail(child: &Running) {
        tell(&child.to, Msg::Fail).await;
    }

    async fn dismiss(child: Running) {
        drop(child.to);
        child.task.await;
    }
}

impl RestartsAfterPanic for OnExecutor {
    async fn panic(child: &Running) {
        tell(&child.to, Msg::Panic).await;
    }
}
