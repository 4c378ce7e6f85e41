//! speare: one enum of messages, unbounded mailboxes, restarts after errors.

use super::{Peer, by_hand_tokio::OnHandle};
use crate::{
    gates::Gates,
    library::{Counter, Library, Restarts},
    stage::OnTokio,
};
use speare::{Actor, Ctx, ExitReason, Handle, Node, Request};
use std::sync::{Arc, Mutex};
use tokio::runtime;

pub fn peer() -> Peer {
    Peer::restarting::<Speare>("speare", "speare")
}

#[derive(Clone)]
pub struct Speare {
    handle: OnHandle,
    node: Arc<Mutex<Node>>,
}

impl From<runtime::Handle> for Speare {
    fn from(handle: runtime::Handle) -> Self {
        Self { handle: handle.into(), node: Arc::new(Mutex::new(Node::new())) }
    }
}

impl AsRef<runtime::Handle> for Speare {
    fn as_ref(&self) -> &runtime::Handle {
        self.handle.as_ref()
    }
}

pub enum Msg {
    Add(u64),
    Sum(Request<(), u64>),
    Introduce(Option<Handle<Msg>>),
    Pass(u64),
    Fail,
}

pub struct Failed;

struct Counting(Counter<Handle<Msg>>);

impl Actor for Counting {
    type Props = Gates;
    type Msg = Msg;
    type Err = Failed;

    async fn init(ctx: &mut Ctx<Self>) -> Result<Self, Failed> {
        Ok(Self(Counter::new(ctx.props().clone())))
    }

    async fn exit(_: Option<Self>, _: ExitReason<Self>, ctx: &mut Ctx<Self>) {
        ctx.props().stopped.pass(1);
    }

    async fn handle(&mut self, msg: Msg, _: &mut Ctx<Self>) -> Result<(), Failed> {
        match msg {
            Msg::Add(number) => self.0.sum += number,
            Msg::Sum(request) => request.reply(self.0.sum),
            Msg::Introduce(next) => self.0.next = next,
            Msg::Pass(left) => {
                if let Some((next, left)) = self.0.hop(left) {
                    tell(next, Msg::Pass(left));
                }
            }
            Msg::Fail => return Err(Failed),
        }
        Ok(())
    }
}

fn tell(to: &Handle<Msg>, msg: Msg) {
    assert!(to.send(msg), "the actor has ended");
}

impl Library for Speare {
    type Stage = OnTokio<Self>;
    type Actor = Handle<Msg>;
    type Ref = Handle<Msg>;
    const BOUNDED: bool = false;

    async fn start(&self, _: usize, gates: Gates) -> Handle<Msg> {
        self.node.lock().expect("nobody panics with it").actor::<Counting>(gates).spawn()
    }

    fn refer(actor: &Handle<Msg>) -> Handle<Msg> {
        actor.clone()
    }

    async fn add(to: &Handle<Msg>, number: u64) {
        tell(to, Msg::Add(number));
    }

    async fn sum(to: &Handle<Msg>) -> u64 {
        to.reqw(Msg::Sum, ()).await.expect("it answers")
    }

    async fn introduce(to: &Handle<Msg>, next: Option<Handle<Msg>>) {
        tell(to, Msg::Introduce(next));
    }

    async fn pass(to: &Handle<Msg>, left: u64) {
        tell(to, Msg::Pass(left));
    }

    async fn stop(actor: Handle<Msg>, gates: &Gates, nth: u64) {
        actor.stop();
        gates.stopped.wait_for(nth).await;
    }
}

impl Restarts for Speare {
    type Child = Handle<Msg>;

    async fn supervise(&self, gates: Gates) -> Handle<Msg> {
        self.start(0, gates).await
    }

    async fn fail(child: &Handle<Msg>) {
        tell(child, Msg::Fail);
    }

    async fn dismiss(child: Handle<Msg>) {
        child.stop();
    }
}
