//! A task with a channel, as one writes it by hand on tokio: the base of all ratios.
//!
//! The one that is restarted runs each incarnation as a task, so that a panic ends that task only;
//! the queue is behind a mutex since it must outlive it.

use super::Peer;
use crate::{
    gates::Gates,
    library::{Counter, Library, Restarts, RestartsAfterPanic, unwind},
    stage::OnTokio,
};
use std::sync::Arc;
use tokio::{
    runtime::Handle,
    sync::{Mutex, mpsc, oneshot},
    task::JoinHandle,
};

pub fn peer() -> Peer {
    Peer { is_base: true, ..Peer::surviving::<OnHandle>("tokio by hand", "tokio") }
}

/// Also what other libraries on tokio are started by.
#[derive(Clone)]
pub struct OnHandle(Handle);

impl From<Handle> for OnHandle {
    fn from(handle: Handle) -> Self {
        Self(handle)
    }
}

impl AsRef<Handle> for OnHandle {
    fn as_ref(&self) -> &Handle {
        &self.0
    }
}

pub enum Msg {
    Add(u64),
    Sum(oneshot::Sender<u64>),
    Introduce(Option<mpsc::Sender<Msg>>),
    Pass(u64),
    Fail,
    Panic,
}

struct Failed;

pub struct Running {
    to: mpsc::Sender<Msg>,
    task: JoinHandle<()>,
}

/// Until everybody who could send has gone.
async fn incarnation(gates: Gates, mailbox: &mut mpsc::Receiver<Msg>) -> Result<(), Failed> {
    let mut counter = Counter::new(gates);
    while let Some(msg) = mailbox.recv().await {
        match msg {
            Msg::Add(number) => counter.sum += number,
            Msg::Sum(reply) => drop(reply.send(counter.sum)),
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

async fn supervise(gates: Gates, mailbox: mpsc::Receiver<Msg>) {
    let mailbox = Arc::new(Mutex::new(mailbox));
    loop {
        let (gates, mailbox) = (gates.clone(), mailbox.clone());
        let task = async move { incarnation(gates, &mut *mailbox.lock().await).await };
        if let Ok(Ok(())) = tokio::spawn(task).await {
            return;
        }
    }
}

async fn tell(to: &mpsc::Sender<Msg>, msg: Msg) {
    assert!(to.send(msg).await.is_ok(), "the actor has ended");
}

impl Library for OnHandle {
    type Stage = OnTokio<Self>;
    type Actor = Running;
    type Ref = mpsc::Sender<Msg>;
    const BOUNDED: bool = true;

    async fn start(&self, capacity: usize, gates: Gates) -> Running {
        let (to, mut mailbox) = mpsc::channel(capacity);
        let task = tokio::spawn(async move {
            drop(incarnation(gates, &mut mailbox).await);
        });
        Running { to, task }
    }

    fn refer(actor: &Running) -> mpsc::Sender<Msg> {
        actor.to.clone()
    }

    async fn add(to: &mpsc::Sender<Msg>, number: u64) {
        tell(to, Msg::Add(number)).await;
    }

    async fn sum(to: &mpsc::Sender<Msg>) -> u64 {
        let (reply, answer) = oneshot::channel();
        tell(to, Msg::Sum(reply)).await;
        answer.await.expect("it answers")
    }

    async fn introduce(to: &mpsc::Sender<Msg>, next: Option<mpsc::Sender<Msg>>) {
        tell(to, Msg::Introduce(next)).await;
    }

    async fn pass(to: &mpsc::Sender<Msg>, left: u64) {
        tell(to, Msg::Pass(left)).await;
    }

    async fn stop(actor: Running, _: &Gates, _: u64) {
        drop(actor.to);
        actor.task.await.expect("it does not panic");
    }
}

impl Restarts for OnHandle {
    type Child = Running;

    async fn supervise(&self, gates: Gates) -> Running {
        let (to, mailbox) = mpsc::channel(crate::scenario::CAPACITY);
        let task = tokio::spawn(supervise(gates, mailbox));
        Running { to, task }
    }

    async fn fail(child: &Running) {
        tell(&child.to, Msg::Fail).await;
    }

    async fn dismiss(child: Running) {
        drop(child.to);
        child.task.await.expect("it does not panic");
    }
}

impl RestartsAfterPanic for OnHandle {
    async fn panic(child: &Running) {
        tell(&child.to, Msg::Panic).await;
    }
}
