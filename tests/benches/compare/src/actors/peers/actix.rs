//! actix: a type per message, an arbiter per thread; `do_send` ignores the mailbox's bound.
//!
//! On two threads actors alternate between two arbiters. A handler cannot fail its actor, so the one
//! that is restarted stops itself under actix's supervisor.

use super::Peer;
use crate::{
    gates::Gates,
    library::{Counter, Library, Restarts},
    run::pin,
    stage::{Stage, Threads},
};
use actix::{
    Actor, ActorContext, Addr, Arbiter, ArbiterHandle, Context, Handler, Message, Supervised,
    Supervisor, System,
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

pub fn peer() -> Peer {
    Peer::restarting::<Actix>("actix", "actix")
}

#[derive(Clone)]
pub struct Actix {
    arbiters: Arc<[ArbiterHandle]>,
    next: Arc<AtomicUsize>,
}

impl Actix {
    fn new(arbiters: impl Into<Arc<[ArbiterHandle]>>) -> Self {
        Self { arbiters: arbiters.into(), next: Arc::default() }
    }

    fn arbiter(&self) -> &ArbiterHandle {
        &self.arbiters[self.next.fetch_add(1, Ordering::Relaxed) % self.arbiters.len()]
    }
}

pub struct OnArbiters;

impl Stage for OnArbiters {
    type Handle = Actix;

    fn run<T, D, F>(threads: Threads, driver: D) -> T
    where
        T: Send + 'static,
        D: FnOnce(Actix) -> F,
        F: Future<Output = T> + Send + 'static,
    {
        match threads {
            Threads::Root => {
                System::new().block_on(async { driver(Actix::new([Arbiter::current()])).await })
            }
            Threads::One => System::new().block_on(async {
                let driver = driver(Actix::new([Arbiter::current()]));
                actix::spawn(driver).await.expect("a driver that panics ends the program")
            }),
            Threads::Two => two(driver),
        }
    }

    fn spawn(handle: &Actix, task: impl Future<Output = ()> + Send + 'static) {
        assert!(handle.arbiter().spawn(task), "the arbiter runs");
    }
}

/// A thread for the driver's arbiter, since that is pinned, and one for the other.
fn two<T, D, F>(driver: D) -> T
where
    T: Send + 'static,
    D: FnOnce(Actix) -> F,
    F: Future<Output = T> + Send + 'static,
{
    let (handles, made) = std::sync::mpsc::channel();
    let (work, task) = std::sync::mpsc::channel::<F>();
    let own = thread::spawn(move || {
        pin::to_core(0);
        System::new().block_on(async move {
            let other = Arbiter::new();
            other.spawn_fn(|| pin::to_core(1));
            handles.send([other.handle(), Arbiter::current()]).expect("it is awaited");
            let driver = task.recv().expect("a driver comes");
            let result = actix::spawn(driver).await;
            other.stop();
            other.join().expect("an arbiter that panics ends the program");
            result.expect("a driver that panics ends the program")
        })
    });
    let driver = driver(Actix::new(made.recv().expect("the system starts")));
    assert!(work.send(driver).is_ok(), "the system runs");
    own.join().expect("a driver that panics ends the program")
}

pub struct Counting(Counter<Addr<Counting>>);

impl Actor for Counting {
    type Context = Context<Self>;

    fn stopped(&mut self, _: &mut Context<Self>) {
        self.0.gates.stopped.pass(1);
    }
}

impl Supervised for Counting {
    fn restarting(&mut self, _: &mut Context<Self>) {
        self.0 = Counter::new(self.0.gates.clone());
    }
}

struct Add(u64);
struct Sum;
struct Introduce(Option<Addr<Counting>>);
struct Pass(u64);
struct Stop;

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

impl Message for Stop {
    type Result = ();
}

impl Handler<Add> for Counting {
    type Result = ();

    fn handle(&mut self, Add(number): Add, _: &mut Context<Self>) {
        self.0.sum += number;
    }
}

impl Handler<Sum> for Counting {
    type Result = u64;

    fn handle(&mut self, Sum: Sum, _: &mut Context<Self>) -> u64 {
        self.0.sum
    }
}

impl Handler<Introduce> for Counting {
    type Result = ();

    fn handle(&mut self, Introduce(next): Introduce, _: &mut Context<Self>) {
        self.0.next = next;
    }
}

impl Handler<Pass> for Counting {
    type Result = ();

    fn handle(&mut self, Pass(left): Pass, _: &mut Context<Self>) {
        if let Some((next, left)) = self.0.hop(left) {
            next.do_send(Pass(left));
        }
    }
}

impl Handler<Stop> for Counting {
    type Result = ();

    fn handle(&mut self, Stop: Stop, context: &mut Context<Self>) {
        context.stop();
    }
}

impl Library for Actix {
    type Stage = OnArbiters;
    type Actor = Addr<Counting>;
    type Ref = Addr<Counting>;
    const BOUNDED: bool = false;

    async fn start(&self, _: usize, gates: Gates) -> Addr<Counting> {
        let counter = Counting(Counter::new(gates));
        if self.arbiters.len() == 1 {
            return counter.start();
        }
        Counting::start_in_arbiter(self.arbiter(), |_| counter)
    }

    fn refer(actor: &Addr<Counting>) -> Addr<Counting> {
        actor.clone()
    }

    async fn add(to: &Addr<Counting>, number: u64) {
        to.do_send(Add(number));
    }

    async fn sum(to: &Addr<Counting>) -> u64 {
        to.send(Sum).await.expect("it answers")
    }

    async fn introduce(to: &Addr<Counting>, next: Option<Addr<Counting>>) {
        to.do_send(Introduce(next));
    }

    async fn pass(to: &Addr<Counting>, left: u64) {
        to.do_send(Pass(left));
    }

    async fn stop(actor: Addr<Counting>, gates: &Gates, nth: u64) {
        actor.do_send(Stop);
        gates.stopped.wait_for(nth).await;
    }
}

impl Restarts for Actix {
    type Child = Addr<Counting>;

    async fn supervise(&self, gates: Gates) -> Addr<Counting> {
        Supervisor::start_in_arbiter(self.arbiter(), |_| Counting(Counter::new(gates)))
    }

    async fn fail(child: &Addr<Counting>) {
        child.do_send(Stop);
    }

    /// It has no way to be stopped; it ends with its arbiter.
    async fn dismiss(child: Addr<Counting>) {
        drop(child);
    }
}
