//! xtra: a type per message, bounded mailboxes, any executor, no supervision.

use super::{Peer, by_hand_smol::OnExecutor, by_hand_tokio::OnHandle};
use crate::{
    gates::Gates,
    library::{Counter, Library},
    stage::{OnSmol, OnTokio},
};
use smol::Executor;
use std::sync::Arc;
use tokio::runtime::Handle;
use xtra::{Actor, Address, Context, Handler, Mailbox};

pub fn peers() -> [Peer; 2] {
    [Peer::of::<Smol>("xtra (smol)", "xtra"), Peer::of::<Tokio>("xtra (tokio)", "xtra")]
}

pub struct Counting(Counter<Address<Counting>>);

impl Actor for Counting {
    type Stop = ();

    async fn stopped(self) {}
}

struct Add(u64);
struct Sum;
struct Introduce(Option<Address<Counting>>);
struct Pass(u64);

impl Handler<Add> for Counting {
    type Return = ();

    async fn handle(&mut self, Add(number): Add, _: &mut Context<Self>) {
        self.0.sum += number;
    }
}

impl Handler<Sum> for Counting {
    type Return = u64;

    async fn handle(&mut self, Sum: Sum, _: &mut Context<Self>) -> u64 {
        self.0.sum
    }
}

impl Handler<Introduce> for Counting {
    type Return = ();

    async fn handle(&mut self, Introduce(next): Introduce, _: &mut Context<Self>) {
        self.0.next = next;
    }
}

impl Handler<Pass> for Counting {
    type Return = ();

    async fn handle(&mut self, Pass(left): Pass, _: &mut Context<Self>) {
        if let Some((next, left)) = self.0.hop(left) {
            tell(next, Pass(left)).await;
        }
    }
}

/// Waits for room, not for the handler.
async fn tell<M: Send + 'static>(to: &Address<Counting>, msg: M)
where
    Counting: Handler<M, Return = ()>,
{
    drop(to.send(msg).detach().await.expect("the actor runs"));
}

#[derive(Clone)]
pub struct Smol(OnExecutor);

impl From<&Arc<Executor<'static>>> for Smol {
    fn from(executor: &Arc<Executor<'static>>) -> Self {
        Self(executor.into())
    }
}

impl AsRef<Arc<Executor<'static>>> for Smol {
    fn as_ref(&self) -> &Arc<Executor<'static>> {
        self.0.as_ref()
    }
}

#[derive(Clone)]
pub struct Tokio(OnHandle);

impl From<Handle> for Tokio {
    fn from(handle: Handle) -> Self {
        Self(handle.into())
    }
}

impl AsRef<Handle> for Tokio {
    fn as_ref(&self) -> &Handle {
        self.0.as_ref()
    }
}

/// The same for both, but for the spawning.
macro_rules! on {
    ($handle:ty, $stage:ident, $spawn:expr) => {
        impl Library for $handle {
            type Stage = $stage<Self>;
            type Actor = Address<Counting>;
            type Ref = Address<Counting>;
            const BOUNDED: bool = true;

            async fn start(&self, capacity: usize, gates: Gates) -> Address<Counting> {
                let (address, mailbox) = Mailbox::bounded(capacity);
                let spawn: fn(&Self, _) = $spawn;
                spawn(self, async move {
                    xtra::run(mailbox, Counting(Counter::new(gates))).await;
                });
                address
            }

            fn refer(actor: &Address<Counting>) -> Address<Counting> {
                actor.clone()
            }

            async fn add(to: &Address<Counting>, number: u64) {
                tell(to, Add(number)).await;
            }

            async fn sum(to: &Address<Counting>) -> u64 {
                to.send(Sum).await.expect("it answers")
            }

            async fn introduce(to: &Address<Counting>, next: Option<Address<Counting>>) {
                tell(to, Introduce(next)).await;
            }

            async fn pass(to: &Address<Counting>, left: u64) {
                tell(to, Pass(left)).await;
            }

            async fn stop(actor: Address<Counting>, _: &Gates, _: u64) {
                let ended = actor.join();
                drop(actor);
                ended.await;
            }
        }
    };
}

on!(Smol, OnSmol, |smol, actor| smol.0.as_ref().spawn(actor).detach());
on!(Tokio, OnTokio, |_, actor| drop(tokio::spawn(actor)));
