//! What an actor library has to do here.
//!
//! The actor is a counter: it adds numbers, says their sum, passes a token on, and fails when told.

use crate::{
    gates::Gates,
    stage::{Stage, Threads},
};

/// An actor library on an executor; a value of it is what starts actors.
pub trait Library: Clone + Send + Sync + 'static {
    /// Where it runs.
    type Stage: Stage<Handle = Self>;
    /// What owns an actor and can wait for its end.
    type Actor: Send + Sync + 'static;
    /// What messages are sent by.
    type Ref: Clone + Send + Sync + 'static;
    /// Whether a full mailbox makes senders wait.
    const BOUNDED: bool;

    /// Starts an actor, which passes `gates.started` when it begins.
    fn start(&self, capacity: usize, gates: Gates) -> impl Future<Output = Self::Actor> + Send;

    fn refer(actor: &Self::Actor) -> Self::Ref;

    /// Tells the actor a number to add.
    fn add(to: &Self::Ref, number: u64) -> impl Future<Output = ()> + Send;

    /// Asks the actor for the sum.
    fn sum(to: &Self::Ref) -> impl Future<Output = u64> + Send;

    /// Tells the actor to whom it passes the token, if to anybody.
    fn introduce(to: &Self::Ref, next: Option<Self::Ref>) -> impl Future<Output = ()> + Send;

    /// Passes the token, which has so many hops left.
    fn pass(to: &Self::Ref, left: u64) -> impl Future<Output = ()> + Send;

    /// Stops the actor and waits until it has ended; it is the `nth` since the gates were made.
    fn stop(actor: Self::Actor, gates: &Gates, nth: u64) -> impl Future<Output = ()> + Send;
}

/// A library whose actors are started again when they fail.
pub trait Restarts: Library {
    /// What reaches the incarnation that runs.
    type Child: Send + Sync + 'static;

    /// Starts an actor that is restarted without a limit.
    fn supervise(&self, gates: Gates) -> impl Future<Output = Self::Child> + Send;

    /// Tells it to fail by an error.
    fn fail(child: &Self::Child) -> impl Future<Output = ()> + Send;

    /// Stops it for good, with its supervisor.
    fn dismiss(child: Self::Child) -> impl Future<Output = ()> + Send;
}

/// A library that restarts after a panic, too.
pub trait RestartsAfterPanic: Restarts {
    /// Tells it to panic.
    fn panic(child: &Self::Child) -> impl Future<Output = ()> + Send;
}

/// The state of every actor here.
pub struct Counter<R> {
    pub sum: u64,
    pub next: Option<R>,
    pub gates: Gates,
}

impl<R> Counter<R> {
    /// The state of a new incarnation.
    pub fn new(gates: Gates) -> Self {
        gates.started.pass(1);
        Self { sum: 0, next: None, gates }
    }

    /// Takes the token; gives whom to pass it to, with how many hops left.
    pub fn hop(&mut self, left: u64) -> Option<(&R, u64)> {
        self.sum += 1;
        if left == 0 {
            self.gates.arrived.pass(1);
            return None;
        }
        Some((self.next.as_ref().expect("it has been introduced"), left - 1))
    }
}

/// How an actor panics: no message is printed, for no peer.
pub fn unwind() -> ! {
    std::panic::resume_unwind(Box::new("on purpose"))
}

/// Where a driver runs.
pub fn run<L, T, D, F>(threads: Threads, driver: D) -> T
where
    L: Library,
    T: Send + 'static,
    D: FnOnce(L) -> F,
    F: Future<Output = T> + Send + 'static,
{
    L::Stage::run(threads, driver)
}
