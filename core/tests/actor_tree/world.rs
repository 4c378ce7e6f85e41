//! What all tasks of one run share: chance, the actors, who lives, and what was written down.

use super::{
    history::{History, Tally},
    ms,
    restarts::Restarts,
    worker::Job,
};
use core::{
    cell::{Cell, RefCell},
    time::Duration,
};
use klaw::{
    ActorRef, Clock, Entropy, Sender,
    sim::{Random, Sim, Spawner, VirtualClock},
};
use std::rc::Rc;

/// Chance that follows from the seed.
#[derive(Clone)]
pub(crate) struct Dice(Random);

impl Dice {
    /// A number below `limit`.
    pub(crate) fn below(&self, limit: u64) -> u64 {
        self.0.clone().next_u64() % limit
    }

    /// True in so many of a thousand cases.
    pub(crate) fn chance(&self, per_mille: u64) -> bool {
        self.below(1000) < per_mille
    }

    /// One of these.
    pub(crate) fn one_of<T: Copy, const N: usize>(&self, all: [T; N]) -> T {
        all[self.below(N as u64) as usize]
    }

    pub(crate) fn up_to_ms(&self, longest: u64) -> Duration {
        ms(self.below(longest + 1))
    }
}

/// What may happen in one run.
#[derive(Clone, Copy)]
pub(crate) struct Plan {
    /// Tasks are not polled for a while: nothing can be said of when things happen.
    pub(crate) stalls: bool,
    /// Tasks of children, clients and the tree are dropped or panic.
    pub(crate) losses: bool,
    /// Handlers may wait for ever; no shutdown may then be without a limit.
    pub(crate) hangs: bool,
    /// How often, of a thousand messages, a handler fails in one way or another.
    pub(crate) failures: u64,
}

impl Plan {
    pub(crate) fn draw(dice: &Dice) -> Self {
        let failures = dice.one_of([0, 20, 100, 300]);
        Self {
            stalls: dice.chance(300),
            losses: dice.chance(500),
            hangs: dice.chance(300),
            failures,
        }
    }
}

/// An actor of the tree; it stays known when it has ended.
#[derive(Clone)]
pub(crate) struct Member {
    pub(crate) mailbox: ActorRef<Job>,
    pub(crate) history: Rc<History>,
}

pub(crate) struct World {
    pub(crate) dice: Dice,
    pub(crate) plan: Plan,
    pub(crate) clock: VirtualClock,
    pub(crate) spawner: Spawner,
    pub(crate) members: RefCell<Vec<Member>>,
    pub(crate) supervisors: RefCell<Vec<Rc<Restarts>>>,
    pub(crate) messages: Rc<Cell<usize>>,
    alive: RefCell<Option<Sender<()>>>,
}

/// Is dropped when the tree has ended: then only what still lives keeps the run from ending.
pub(crate) struct LetGo(pub(crate) Rc<World>);

impl Drop for LetGo {
    fn drop(&mut self) {
        self.0.alive.take();
    }
}

impl World {
    /// Everything that lives holds a clone of `alive`.
    pub(crate) fn new(sim: &Sim, alive: Sender<()>) -> Rc<Self> {
        let dice = Dice(sim.random());
        Rc::new(Self {
            plan: Plan::draw(&dice),
            dice,
            clock: sim.clock(),
            spawner: sim.spawner(),
            members: RefCell::default(),
            supervisors: RefCell::default(),
            messages: Rc::default(),
            alive: RefCell::new(Some(alive)),
        })
    }

    /// Waits for a random time of up to so many milliseconds.
    pub(crate) async fn clock_sleep(&self, longest: u64) {
        self.clock.sleep(self.dice.up_to_ms(longest)).await;
    }

    /// Keeps the run from ending until it is dropped; none when the tree has ended.
    pub(crate) fn alive(&self) -> Option<Sender<()>> {
        self.alive.borrow().clone()
    }

    pub(crate) fn join(&self, name: &'static str, capacity: usize) -> Member {
        let mailbox = klaw::mailbox_named(name, capacity);
        let history = Rc::new(History::new(self.clock.clone(), self.messages.clone()));
        let member = Member { mailbox, history };
        self.members.borrow_mut().push(member.clone());
        member
    }

    /// Any actor, also one that has ended.
    pub(crate) fn any(&self) -> Option<Member> {
        let members = self.members.borrow();
        let at = self.dice.below((members.len() as u64).max(1)) as usize;
        members.get(at).cloned()
    }

    /// What has to hold when everything has ended; counts what happened.
    pub(crate) fn check(&self, tally: &mut Tally) {
        for Member { mailbox, history } in self.members.borrow().iter() {
            assert!(mailbox.is_closed() && mailbox.is_empty(), "{mailbox:?}");
            history.check(self.plan);
            history.tally(tally);
        }
        for restarts in self.supervisors.borrow().iter() {
            restarts.check();
            restarts.tally(tally);
        }
        assert_eq!(self.messages.get(), 0, "messages are left");
        let weak: Vec<_> =
            self.members.take().iter().map(|member| member.mailbox.downgrade()).collect();
        assert!(weak.iter().all(|weak| weak.upgrade().is_none()), "a mailbox is left");
    }
}
