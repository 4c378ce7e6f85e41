//! ractor: one enum of messages, unbounded mailboxes.
//!
//! It leaves restarting to the supervisor's code, so the supervisor here spawns another child when
//! one fails, and that one has a reference of its own.

use super::{Peer, by_hand_tokio::OnHandle};
use crate::{
    gates::Gates,
    library::{Counter, Library, Restarts, RestartsAfterPanic, unwind},
    stage::OnTokio,
};
use ractor::{
    Actor, ActorProcessingErr, ActorRef, RpcReplyPort, SupervisionEvent, concurrency::JoinHandle,
    rpc::CallResult,
};
use std::{
    error, fmt,
    sync::{Arc, Mutex},
};
use tokio::runtime::Handle;

pub fn peer() -> Peer {
    Peer::surviving::<Ractor>("ractor", "ractor")
}

#[derive(Clone)]
pub struct Ractor(OnHandle);

impl From<Handle> for Ractor {
    fn from(handle: Handle) -> Self {
        Self(handle.into())
    }
}

impl AsRef<Handle> for Ractor {
    fn as_ref(&self) -> &Handle {
        self.0.as_ref()
    }
}

pub enum Msg {
    Add(u64),
    Sum(RpcReplyPort<u64>),
    Introduce(Option<ActorRef<Msg>>),
    Pass(u64),
    Fail,
    Panic,
}

#[derive(Debug)]
struct Failed;

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("on purpose")
    }
}

impl error::Error for Failed {}

struct Counting;

impl Actor for Counting {
    type Msg = Msg;
    type State = Counter<ActorRef<Msg>>;
    type Arguments = Gates;

    async fn pre_start(
        &self,
        _: ActorRef<Msg>,
        gates: Gates,
    ) -> Result<Self::State, ActorProcessingErr> {
        Ok(Counter::new(gates))
    }

    async fn handle(
        &self,
        _: ActorRef<Msg>,
        msg: Msg,
        counter: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        match msg {
            Msg::Add(number) => counter.sum += number,
            Msg::Sum(reply) => reply.send(counter.sum)?,
            Msg::Introduce(next) => counter.next = next,
            Msg::Pass(left) => {
                if let Some((next, left)) = counter.hop(left) {
                    next.cast(Msg::Pass(left))?;
                }
            }
            Msg::Fail => return Err(Failed.into()),
            Msg::Panic => unwind(),
        }
        Ok(())
    }
}

/// The child that runs now, for who sends to it.
type Current = Arc<Mutex<Option<ActorRef<Msg>>>>;

struct Supervising {
    gates: Gates,
    /// What the children pass; that one has started is said once it can be reached.
    of_child: Gates,
    current: Current,
}

impl Supervising {
    async fn child(&self, me: ActorRef<()>) -> Result<(), ActorProcessingErr> {
        let gates = self.of_child.clone();
        let (child, _) = Actor::spawn_linked(None, Counting, gates, me.get_cell()).await?;
        *self.current.lock().expect("nobody panics with it") = Some(child);
        self.gates.started.pass(1);
        Ok(())
    }
}

impl Actor for Supervising {
    type Msg = ();
    type State = ();
    type Arguments = ();

    async fn pre_start(&self, me: ActorRef<()>, (): ()) -> Result<(), ActorProcessingErr> {
        self.child(me).await
    }

    async fn handle_supervisor_evt(
        &self,
        me: ActorRef<()>,
        event: SupervisionEvent,
        (): &mut (),
    ) -> Result<(), ActorProcessingErr> {
        match event {
            SupervisionEvent::ActorFailed(..) => self.child(me).await,
            _ => Ok(()),
        }
    }
}

pub struct Running {
    to: ActorRef<Msg>,
    task: JoinHandle<()>,
}

pub struct Child {
    current: Current,
    supervisor: ActorRef<()>,
    task: JoinHandle<()>,
}

impl Child {
    fn tell(&self, msg: Msg) {
        let current = self.current.lock().expect("nobody panics with it");
        tell(current.as_ref().expect("it has started"), msg);
    }
}

fn tell(to: &ActorRef<Msg>, msg: Msg) {
    assert!(to.cast(msg).is_ok(), "the actor has ended");
}

impl Library for Ractor {
    type Stage = OnTokio<Self>;
    type Actor = Running;
    type Ref = ActorRef<Msg>;
    const BOUNDED: bool = false;

    async fn start(&self, _: usize, gates: Gates) -> Running {
        let (to, task) = Actor::spawn(None, Counting, gates).await.expect("it starts");
        Running { to, task }
    }

    fn refer(actor: &Running) -> ActorRef<Msg> {
        actor.to.clone()
    }

    async fn add(to: &ActorRef<Msg>, number: u64) {
        tell(to, Msg::Add(number));
    }

    async fn sum(to: &ActorRef<Msg>) -> u64 {
        match to.call(Msg::Sum, None).await {
            Ok(CallResult::Success(sum)) => sum,
            _ => panic!("it answers"),
        }
    }

    async fn introduce(to: &ActorRef<Msg>, next: Option<ActorRef<Msg>>) {
        tell(to, Msg::Introduce(next));
    }

    async fn pass(to: &ActorRef<Msg>, left: u64) {
        tell(to, Msg::Pass(left));
    }

    async fn stop(actor: Running, _: &Gates, _: u64) {
        actor.to.stop(None);
        actor.task.await.expect("it does not panic");
    }
}

impl Restarts for Ractor {
    type Child = Child;

    async fn supervise(&self, gates: Gates) -> Child {
        let current = Current::default();
        let supervisor =
            Supervising { gates, of_child: Gates::default(), current: current.clone() };
        let (supervisor, task) = Actor::spawn(None, supervisor, ()).await.expect("it starts");
        Child { current, supervisor, task }
    }

    async fn fail(child: &Child) {
        child.tell(Msg::Fail);
    }

    async fn dismiss(child: Child) {
        child.supervisor.stop(None);
        child.task.await.expect("it does not panic");
    }
}

impl RestartsAfterPanic for Ractor {
    async fn panic(child: &Child) {
        child.tell(Msg::Panic);
    }
}
