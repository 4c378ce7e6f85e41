//! A watch channel against a model, under random interleaving, cancellation and cloning.

#![cfg(feature = "std")]

mod by_hand;
mod storage;
mod watch_storage;

use by_hand::ByHand;
use core::{
    cell::Cell,
    future::poll_fn,
    pin::{Pin, pin},
    task::Poll,
};
use klaw::channel::{
    RecvError, SendError,
    watch::{Receiver, Sender},
};
use proptest::{prelude::*, test_runner::TestCaseResult};
use std::rc::Rc;
use watch_storage::{Heap, Inline, Storage};

/// What a receiver waits for.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Goal {
    Change,
    /// A value with this remainder by four.
    Remainder(u64),
}

/// A wait that gives the receiver back: with what it got, or with nothing if it was given up.
type Waiting = ByHand<Pin<Box<dyn Future<Output = (Receiver<u64>, Option<Got>)>>>>;
type Got = Result<Option<u64>, RecvError>;

enum Doing {
    Nothing(Receiver<u64>),
    Waiting { goal: Goal, given_up: Rc<Cell<bool>>, future: Waiting },
}

/// A receiver and what it ought to know.
struct End {
    doing: Doing,
    /// The version it has seen.
    seen: Option<usize>,
}

type Leaving = ByHand<Pin<Box<dyn Future<Output = ()>>>>;

/// A channel, the futures that are in progress on it, and what it ought to hold.
struct World {
    senders: Vec<Rc<Sender<u64>>>,
    ends: Vec<End>,
    leaving: Vec<Leaving>,
    value: u64,
    version: usize,
}

#[derive(Clone, Copy, Debug)]
enum Op {
    Send,
    Replace,
    Modify(bool),
    CloneSender,
    DropSender,
    Subscribe,
    CloneReceiver(usize),
    DropReceiver(usize),
    Borrow(usize),
    Update(usize),
    MarkChanged(usize),
    MarkUnchanged(usize),
    Wait(usize, Option<u64>),
    Poll(usize),
    GiveUp(usize),
    AwaitClose,
    PollClose(usize),
    GiveUpClose(usize),
    Settle,
}

fn op() -> impl Strategy<Value = Op> {
    let at = any::<usize>;
    prop_oneof![
        8 => Just(Op::Send),
        2 => Just(Op::Replace),
        4 => any::<bool>().prop_map(Op::Modify),
        1 => Just(Op::CloneSender),
        1 => Just(Op::DropSender),
        2 => Just(Op::Subscribe),
        2 => at().prop_map(Op::CloneReceiver),
        3 => at().prop_map(Op::DropReceiver),
        3 => at().prop_map(Op::Borrow),
        3 => at().prop_map(Op::Update),
        1 => at().prop_map(Op::MarkChanged),
        1 => at().prop_map(Op::MarkUnchanged),
        10 => (at(), prop::option::of(0..4_u64)).prop_map(|(at, goal)| Op::Wait(at, goal)),
        8 => at().prop_map(Op::Poll),
        5 => at().prop_map(Op::GiveUp),
        2 => Just(Op::AwaitClose),
        2 => at().prop_map(Op::PollClose),
        1 => at().prop_map(Op::GiveUpClose),
        2 => Just(Op::Settle),
    ]
}

fn wait(mut rx: Receiver<u64>, goal: Goal, given_up: Rc<Cell<bool>>) -> Waiting {
    ByHand::new(Box::pin(async move {
        let got = {
            let mut wait = pin!(async {
                match goal {
                    Goal::Change => rx.changed().await.map(|()| None),
                    Goal::Remainder(goal) => {
                        rx.wait_for(|n| n % 4 == goal).await.map(|value| Some(value.into_inner()))
                    }
                }
            });
            poll_fn(|cx| match given_up.get() {
                true => Poll::Ready(None),
                false => wait.as_mut().poll(cx).map(Some),
            })
            .await
        };
        (rx, got)
    }) as _)
}

impl World {
    fn new<S: Storage>() -> Self {
        let (tx, rx) = S::watch(0);
        Self {
            senders: vec![Rc::new(tx)],
            ends: vec![End { doing: Doing::Nothing(rx), seen: Some(0) }],
            leaving: vec![],
            value: 0,
            version: 0,
        }
    }

    fn stored(&mut self) {
        self.value += 1;
        self.version += 1;
    }

    /// A receiver that does nothing, counted round from `at`.
    fn idle(&mut self, at: usize) -> Option<(&mut Receiver<u64>, &mut Option<usize>)> {
        let idle = self.ends.iter_mut().filter_map(|end| match &mut end.doing {
            Doing::Nothing(rx) => Some((rx, &mut end.seen)),
            Doing::Waiting { .. } => None,
        });
        let mut idle: Vec<_> = idle.collect();
        if idle.is_empty() { None } else { Some(idle.swap_remove(at % idle.len())) }
    }

    fn step(&mut self, op: Op) -> TestCaseResult {
        let (value, version) = (self.value, self.version);
        match op {
            Op::Send => {
                let Some(tx) = self.senders.last().cloned() else { return Ok(()) };
                let sent = tx.send(value + 1);
                let nobody = self.ends.is_empty();
                prop_assert_eq!(sent, if nobody { Err(SendError(value + 1)) } else { Ok(()) });
                if !nobody {
                    self.stored();
                }
            }
            Op::Replace => {
                let Some(tx) = self.senders.last().cloned() else { return Ok(()) };
                prop_assert_eq!(tx.send_replace(value + 1), value);
                self.stored();
            }
            Op::Modify(modify) => {
                let Some(tx) = self.senders.first().cloned() else { return Ok(()) };
                let modified = tx.send_if_modified(|value| {
                    *value += u64::from(modify);
                    modify
                });
                prop_assert_eq!(modified, modify);
                if modify {
                    self.stored();
                }
            }
            Op::CloneSender => self.senders.extend(self.senders.last().cloned()),
            Op::DropSender => drop(self.senders.pop()),
            Op::Subscribe => {
                let Some(tx) = self.senders.last() else { return Ok(()) };
                let doing = Doing::Nothing(tx.subscribe());
                self.ends.push(End { doing, seen: Some(version) });
            }
            Op::CloneReceiver(at) => {
                let Some((rx, seen)) = self.idle(at) else { return Ok(()) };
                let (doing, seen) = (Doing::Nothing(rx.clone()), *seen);
                self.ends.push(End { doing, seen });
            }
            Op::DropReceiver(at) if !self.ends.is_empty() => {
                // In the middle of a wait as well.
                drop(self.ends.remove(at % self.ends.len()));
            }
            Op::Borrow(at) => {
                let Some((rx, seen)) = self.idle(at) else { return Ok(()) };
                let current = rx.borrow();
                prop_assert_eq!((*current, current.has_changed()), (value, *seen != Some(version)));
            }
            Op::Update(at) => {
                let Some((rx, seen)) = self.idle(at) else { return Ok(()) };
                let current = rx.borrow_and_update();
                prop_assert_eq!((*current, current.has_changed()), (value, *seen != Some(version)));
                *seen = Some(version);
            }
            Op::MarkChanged(at) => {
                let Some((rx, seen)) = self.idle(at) else { return Ok(()) };
                rx.mark_changed();
                *seen = None;
            }
            Op::MarkUnchanged(at) => {
                let Some((rx, seen)) = self.idle(at) else { return Ok(()) };
                rx.mark_unchanged();
                *seen = Some(version);
            }
            Op::Wait(at, remainder) if !self.ends.is_empty() => {
                let at = at % self.ends.len();
                let end = self.ends.remove(at);
                let Doing::Nothing(rx) = end.doing else {
                    self.ends.insert(at, end);
                    return Ok(());
                };
                let goal = remainder.map_or(Goal::Change, Goal::Remainder);
                let given_up = Rc::new(Cell::new(false));
                let future = wait(rx, goal, given_up.clone());
                let doing = Doing::Waiting { goal, given_up, future };
                // Its first look is at the current value, seen or not.
                let seen = if goal == Goal::Change { end.seen } else { None };
                self.ends.insert(at, End { doing, seen });
                self.poll(at)?;
            }
            Op::Poll(at) if !self.ends.is_empty() => self.poll(at % self.ends.len())?,
            Op::GiveUp(at) if !self.ends.is_empty() => {
                let at = at % self.ends.len();
                if let Doing::Waiting { given_up, .. } = &self.ends[at].doing {
                    given_up.set(true);
                    self.poll(at)?;
                }
            }
            Op::AwaitClose => {
                let Some(tx) = self.senders.last().cloned() else { return Ok(()) };
                let tx = Sender::clone(&tx);
                let waits = ByHand::new(Box::pin(async move { tx.closed().await }) as _);
                self.leaving.push(waits);
                self.poll_close(self.leaving.len() - 1)?;
            }
            Op::PollClose(at) if !self.leaving.is_empty() => {
                self.poll_close(at % self.leaving.len())?;
            }
            Op::GiveUpClose(at) if !self.leaving.is_empty() => {
                drop(self.leaving.remove(at % self.leaving.len()));
            }
            Op::Settle => self.settle()?,
            Op::DropReceiver(_)
            | Op::Wait(..)
            | Op::Poll(_)
            | Op::GiveUp(_)
            | Op::PollClose(_)
            | Op::GiveUpClose(_) => {}
        }
        self.check()
    }

    /// No sender is left, not even inside a future.
    fn ended(&self) -> bool {
        self.senders.is_empty() && self.leaving.is_empty()
    }

    fn check(&mut self) -> TestCaseResult {
        if let Some(tx) = self.senders.last() {
            prop_assert_eq!(*tx.borrow(), self.value);
            prop_assert_eq!(tx.receiver_count(), self.ends.len());
            prop_assert_eq!(tx.is_closed(), self.ends.is_empty());
        }
        let (version, ended, value) = (self.version, self.ended(), self.value);
        for end in &self.ends {
            let news = end.seen != Some(version);
            match &end.doing {
                Doing::Nothing(rx) => {
                    let expected = if news || !ended { Ok(news) } else { Err(RecvError) };
                    prop_assert_eq!(rx.has_changed(), expected);
                    prop_assert_eq!(*rx.borrow(), value);
                }
                Doing::Waiting { future, .. } => {
                    prop_assert!(future.is_woken() || !(news || ended), "a lost wake");
                }
            }
        }
        let told = |leaving: &Leaving| leaving.is_woken() || !self.ends.is_empty();
        prop_assert!(self.leaving.iter().all(told), "a lost wake");
        Ok(())
    }

    fn poll(&mut self, at: usize) -> TestCaseResult {
        let (version, value, ended) = (self.version, self.value, self.ended());
        let end = &mut self.ends[at];
        let Doing::Waiting { goal, given_up, future } = &mut end.doing else { return Ok(()) };
        let (goal, given_up, news) = (*goal, given_up.get(), end.seen != Some(version));
        let Poll::Ready((rx, got)) = future.poll() else {
            prop_assert!(!given_up && !ended);
            match goal {
                Goal::Change => prop_assert!(!news, "it parks before a change"),
                Goal::Remainder(goal) => {
                    prop_assert!(value % 4 != goal, "it parks before its value");
                    end.seen = Some(version);
                }
            }
            return Ok(());
        };
        match (got, goal) {
            (None, _) => prop_assert!(given_up, "it keeps what it has seen"),
            (Some(Ok(None)), Goal::Change) => {
                prop_assert!(news);
                end.seen = Some(version);
            }
            (Some(Ok(Some(found))), Goal::Remainder(goal)) => {
                prop_assert_eq!(
                    (found, found % 4),
                    (value, goal),
                    "the newest, and what was asked"
                );
                end.seen = Some(version);
            }
            (Some(Err(RecvError)), Goal::Change) => prop_assert!(ended && !news),
            (Some(Err(RecvError)), Goal::Remainder(goal)) => {
                prop_assert!(ended && value % 4 != goal);
                end.seen = Some(version);
            }
            (got, goal) => prop_assert!(false, "{:?} for {:?}", got, goal),
        }
        if given_up && goal != Goal::Change && end.seen.is_none() {
            // Given up before its first look, which cannot be: it is polled when it is made.
            prop_assert!(false);
        }
        end.doing = Doing::Nothing(rx);
        Ok(())
    }

    fn poll_close(&mut self, at: usize) -> TestCaseResult {
        let nobody = self.ends.is_empty();
        match self.leaving[at].poll() {
            Poll::Ready(()) => {
                prop_assert!(nobody);
                drop(self.leaving.remove(at));
            }
            Poll::Pending => prop_assert!(!nobody),
        }
        Ok(())
    }

    /// Polls whoever was woken until nobody is.
    fn settle(&mut self) -> TestCaseResult {
        loop {
            let woken = |end: &End| match &end.doing {
                Doing::Nothing(_) => false,
                Doing::Waiting { future, .. } => future.is_woken(),
            };
            if let Some(at) = self.ends.iter().position(woken) {
                self.poll(at)?;
            } else if let Some(at) = self.leaving.iter().position(ByHand::is_woken) {
                self.poll_close(at)?;
            } else {
                return Ok(());
            }
        }
    }
}

/// Short under Miri, where long ones take many minutes.
fn script() -> impl Strategy<Value = Vec<Op>> {
    prop::collection::vec(op(), 0..if cfg!(miri) { 15 } else { 100 })
}

fn laws<S: Storage>(script: &[Op]) -> TestCaseResult {
    let mut world = World::new::<S>();
    for &op in script {
        world.step(op)?;
    }
    world.senders.clear();
    world.leaving.clear();
    world.step(Op::Settle)?;
    let waits = |end: &End| matches!(end.doing, Doing::Waiting { .. });
    prop_assert!(!world.ends.iter().any(waits), "nobody waits after the end");
    Ok(())
}

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: if cfg!(miri) { 2 } else { 150 },
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn laws_on_the_heap(script in script()) {
        laws::<Heap>(&script)?;
    }

    #[test]
    fn laws_inline(script in script()) {
        laws::<Inline>(&script)?;
    }
}
