//! What happened to one actor and its messages, in order, and what has to hold of it.

use super::world::Plan;
use core::cell::{Cell, RefCell};
use klaw::{Clock, Instant, sim::VirtualClock};
use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

/// A message: who sent it, and how many that one had sent before.
pub(crate) type Id = (usize, usize);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fact {
    /// The sender was told that the message is in the queue.
    Accepted(Id),
    /// The sender was told that the actor takes no more.
    Refused(Id),
    /// A handler works on it.
    Handled(Id),
    /// There was no room to put it aside: it goes with the incarnation that had it in hand.
    Overflowed(Id),
    /// A handler answers it.
    Replied(Id),
    /// Its destructor ran.
    Dropped(Id),
    /// The asker has the answer.
    Answered(Id),
    /// The asker was told that none will come.
    Unanswered(Id),
    /// An incarnation starts.
    Begun(usize),
    /// Its destructor ran.
    Gone(usize),
    Killed,
    Stopped,
    StoppedNow,
}

impl Fact {
    const fn name(self) -> &'static str {
        match self {
            Accepted(_) => "accepted",
            Refused(_) => "refused",
            Handled(_) => "handled",
            Overflowed(_) => "overflowed",
            Replied(_) => "replied",
            Dropped(_) => "dropped",
            Answered(_) => "answered",
            Unanswered(_) => "unanswered",
            Begun(0) => "begun",
            Begun(_) => "begun again",
            Gone(_) => "gone",
            Killed => "killed",
            Stopped => "stopped",
            StoppedNow => "stopped now",
        }
    }
}

use Fact::{
    Accepted, Answered, Begun, Dropped, Gone, Handled, Killed, Overflowed, Refused, Replied,
    Stopped, StoppedNow, Unanswered,
};

/// How often each thing happened.
pub(crate) type Tally = BTreeMap<&'static str, usize>;

pub(crate) struct History {
    clock: VirtualClock,
    facts: RefCell<Vec<(Instant, Fact)>>,
    /// Incarnations whose state exists.
    pub(super) states: Cell<usize>,
    /// Messages of all actors.
    messages: Rc<Cell<usize>>,
}

impl History {
    pub(super) fn new(clock: VirtualClock, messages: Rc<Cell<usize>>) -> Self {
        Self { clock, facts: RefCell::default(), states: Cell::new(0), messages }
    }

    pub(super) fn add(&self, fact: Fact) {
        self.facts.borrow_mut().push((self.clock.now(), fact));
    }

    pub(super) fn message_made(&self) {
        self.messages.set(self.messages.get() + 1);
    }

    pub(super) fn message_dropped(&self, id: Id) {
        self.messages.set(self.messages.get() - 1);
        self.add(Dropped(id));
    }

    /// How many messages are in the mailbox, of those whose senders know that they are.
    pub(super) fn waiting(&self) -> usize {
        let mut waiting = BTreeSet::new();
        for &(_, fact) in self.facts.borrow().iter() {
            match fact {
                Accepted(id) => drop(waiting.insert(id)),
                Handled(id) | Overflowed(id) | Dropped(id) => drop(waiting.remove(&id)),
                _ => {}
            }
        }
        waiting.len()
    }

    /// Counts what happened.
    pub(super) fn tally(&self, tally: &mut Tally) {
        for (_, fact) in self.facts.borrow().iter() {
            *tally.entry(fact.name()).or_default() += 1;
        }
    }

    /// Goes through all that happened; everything has ended.
    pub(super) fn check(&self, plan: Plan) {
        assert_eq!(self.states.get(), 0, "an incarnation is left");
        let facts = self.facts.borrow();
        let tell = |what: &str, at: usize| -> ! {
            let line =
                |(when, fact): &(Instant, Fact)| format!("{:>9} ns {fact:?}\n", when.as_nanos());
            let before: String = facts.iter().take(at + 1).map(line).collect();
            panic!("{what}:\n{before}")
        };
        let mut reader = Reader::default();
        for (at, &(when, fact)) in facts.iter().enumerate() {
            if let Err(what) = reader.read(when, fact, plan) {
                tell(what, at);
            }
        }
        if let Err(what) = reader.end() {
            tell(what, facts.len());
        }
    }
}

/// Goes through the facts and says which rule is broken.
#[derive(Default)]
struct Reader {
    accepted: BTreeSet<Id>,
    handled: BTreeSet<Id>,
    replied: BTreeSet<Id>,
    dropped: BTreeSet<Id>,
    refused: BTreeSet<Id>,
    answered: BTreeSet<Id>,
    /// The newest message of each sender that was handled.
    newest: BTreeMap<usize, usize>,
    /// Dropped unhandled with nothing to justify it but that the actor will not run again.
    final_only: Option<Id>,
    running: Option<usize>,
    next: usize,
    killed: Option<Instant>,
    closed: bool,
    stopped_now: bool,
}

impl Reader {
    fn read(&mut self, when: Instant, fact: Fact, plan: Plan) -> Result<(), &'static str> {
        // A kill needs neither time nor room.
        if let Some(killed) = self.killed
            && !plan.stalls
        {
            require(killed == when, "killed, and still there when time went on")?;
        }
        match fact {
            Accepted(id) => {
                self.accepted.insert(id);
                require(!self.closed, "accepted after the actor was stopped")
            }
            Refused(id) => {
                self.refused.insert(id);
                Ok(())
            }
            Handled(id) => {
                require(self.running.is_some(), "handled by nobody")?;
                require(!self.stopped_now, "handled after the actor was told to stop now")?;
                require(self.handled.insert(id), "handled twice")?;
                let (sender, number) = id;
                let before = self.newest.insert(sender, number);
                require(before.is_none_or(|before| before < number), "handled out of order")
            }
            Overflowed(id) => require(self.handled.insert(id), "handled twice"),
            Replied(id) => {
                self.replied.insert(id);
                Ok(())
            }
            Dropped(id) => {
                require(self.dropped.insert(id), "dropped twice")?;
                // One that nobody was told of may have been dropped with its sender.
                if !self.handled.contains(&id) && self.accepted.contains(&id) && !self.stopped_now {
                    require(self.running.is_none(), "lost while the actor ran")?;
                    self.final_only.get_or_insert(id);
                }
                Ok(())
            }
            Answered(id) => {
                self.answered.insert(id);
                require(self.replied.contains(&id), "an answer that nobody gave")
            }
            Unanswered(id) => {
                require(!self.replied.contains(&id), "the answer was lost")?;
                require(self.dropped.contains(&id), "told before the question was dropped")
            }
            Begun(number) => {
                require(self.running.is_none(), "begun before the one before was gone")?;
                require(number == self.next, "incarnations are counted wrong")?;
                require(self.final_only.is_none(), "a message was lost over a restart")?;
                self.running = Some(number);
                self.next = number + 1;
                Ok(())
            }
            Gone(number) => {
                self.killed = None;
                require(self.running.take() == Some(number), "gone without having begun")
            }
            Killed => {
                if self.running.is_some() {
                    self.killed.get_or_insert(when);
                }
                Ok(())
            }
            Stopped => {
                self.closed = true;
                Ok(())
            }
            StoppedNow => {
                (self.closed, self.stopped_now) = (true, true);
                Ok(())
            }
        }
    }

    fn end(self) -> Result<(), &'static str> {
        require(self.running.is_none(), "it runs for ever")?;
        require(self.accepted.is_subset(&self.dropped), "a message is still there")?;
        require(self.refused.is_disjoint(&self.handled), "handled though it was refused")?;
        require(self.answered.is_subset(&self.handled), "answered though it was not handled")
    }
}

fn require(holds: bool, what: &'static str) -> Result<(), &'static str> {
    if holds { Ok(()) } else { Err(what) }
}
