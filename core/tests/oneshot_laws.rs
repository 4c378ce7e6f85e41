//! A oneshot channel against a model: random interleaving, tasks, cancellation, closing.

#![cfg(feature = "std")]

mod by_hand;
mod oneshot_pairs;

use by_hand::Task;
use core::{
    mem::ManuallyDrop,
    pin::Pin,
    task::{Context, Poll, Waker},
};
use klaw::{
    RecvError, SendError, TryRecvError,
    channel::oneshot::{self, Oneshot, Receiver, Sender},
};
use oneshot_pairs::room;
use proptest::{prelude::*, test_runner::TestCaseResult};
use std::sync::Arc;

const TASKS: usize = 3;

#[derive(Clone, Copy, Debug)]
enum Op {
    Send,
    DropSender,
    /// Polls `closed` as a task and drops the future.
    CancelClosed(usize),
    /// Polls `closed` as a task and leaks the future, so that its waker stays.
    LeakClosed(usize),
    Poll(usize),
    TryRecv,
    Close,
    DropReceiver,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        2 => Just(Op::Send),
        1 => Just(Op::DropSender),
        3 => (0..TASKS).prop_map(Op::CancelClosed),
        3 => (0..TASKS).prop_map(Op::LeakClosed),
        5 => (0..TASKS).prop_map(Op::Poll),
        2 => Just(Op::TryRecv),
        1 => Just(Op::Close),
        1 => Just(Op::DropReceiver),
    ]
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    Open,
    Sent,
    /// Nothing will come, or it was received.
    Over,
}

/// A pair, and what ought to be true of it.
struct World {
    tx: Option<Sender<Arc<()>>>,
    rx: Option<Receiver<Arc<()>>>,
    phase: Phase,
    // The receiver has given its output.
    done: bool,
    // Counts itself: who has it, has another reference.
    value: Arc<()>,
    tasks: [Arc<Task>; TASKS],
    wakes: [usize; TASKS],
    // Which task each end's waker is of.
    sender_waits: Option<usize>,
    receiver_waits: Option<usize>,
}

impl World {
    fn new((tx, rx): (Sender<Arc<()>>, Receiver<Arc<()>>)) -> Self {
        Self {
            tx: Some(tx),
            rx: Some(rx),
            phase: Phase::Open,
            done: false,
            value: Arc::new(()),
            tasks: [Task::new(), Task::new(), Task::new()],
            wakes: [0; TASKS],
            sender_waits: None,
            receiver_waits: None,
        }
    }

    /// Leaves the open phase, to `phase`; gives whoever waited.
    fn settle(&mut self, phase: Phase) -> (Option<usize>, Option<usize>) {
        if self.phase != Phase::Open {
            return (None, None);
        }
        self.phase = phase;
        (self.sender_waits.take(), self.receiver_waits.take())
    }

    fn woken(&mut self, task: Option<usize>) {
        task.into_iter().for_each(|task| self.wakes[task] += 1);
    }

    fn received(&mut self, value: Option<Arc<()>>) -> TestCaseResult {
        let expected = self.phase == Phase::Sent;
        prop_assert_eq!(value.is_some(), expected);
        prop_assert!(value.is_none_or(|value| Arc::ptr_eq(&value, &self.value)));
        self.phase = Phase::Over;
        self.done = true;
        Ok(())
    }

    fn step(&mut self, op: Op) -> TestCaseResult {
        match op {
            Op::Send => {
                let Some(tx) = self.tx.take() else { return Ok(()) };
                self.sender_waits = None;
                let open = self.phase == Phase::Open;
                match tx.send(self.value.clone()) {
                    Ok(()) => prop_assert!(open),
                    Err(SendError(back)) => {
                        prop_assert!(!open && Arc::ptr_eq(&back, &self.value));
                    }
                }
                let (_, receiver) = self.settle(Phase::Sent);
                self.woken(receiver);
            }
            Op::DropSender => {
                if self.tx.take().is_some() {
                    let (_, receiver) = self.settle(Phase::Over);
                    self.woken(receiver);
                }
            }
            Op::CancelClosed(task) | Op::LeakClosed(task) => {
                let Some(tx) = &mut self.tx else { return Ok(()) };
                let waker = Waker::from(self.tasks[task].clone());
                let mut closed = ManuallyDrop::new(tx.closed());
                let polled = Pin::new(&mut *closed).poll(&mut Context::from_waker(&waker));
                prop_assert_eq!(polled.is_pending(), self.phase == Phase::Open);
                if polled.is_pending() {
                    self.sender_waits = Some(task);
                }
                if matches!(op, Op::CancelClosed(_)) {
                    drop(ManuallyDrop::into_inner(closed));
                    self.sender_waits = None;
                }
            }
            Op::Poll(task) => {
                let Some(rx) = &mut self.rx else { return Ok(()) };
                let waker = Waker::from(self.tasks[task].clone());
                match Pin::new(rx).poll(&mut Context::from_waker(&waker)) {
                    Poll::Pending => {
                        prop_assert_eq!(self.phase, Phase::Open);
                        self.receiver_waits = Some(task);
                    }
                    Poll::Ready(Ok(value)) => self.received(Some(value))?,
                    Poll::Ready(Err(RecvError)) => {
                        prop_assert_eq!(self.phase, Phase::Over);
                        self.received(None)?;
                    }
                }
            }
            Op::TryRecv => {
                let Some(rx) = &mut self.rx else { return Ok(()) };
                match rx.try_recv() {
                    Ok(value) => self.received(Some(value))?,
                    Err(TryRecvError::Empty) => prop_assert_eq!(self.phase, Phase::Open),
                    Err(TryRecvError::Closed) => {
                        prop_assert_eq!(self.phase, Phase::Over);
                        self.received(None)?;
                    }
                }
            }
            Op::Close => {
                let Some(rx) = &mut self.rx else { return Ok(()) };
                rx.close();
                let (sender, receiver) = self.settle(Phase::Over);
                self.woken(sender);
                self.woken(receiver);
            }
            Op::DropReceiver => {
                if self.rx.take().is_some() {
                    let (sender, _) = self.settle(Phase::Over);
                    self.woken(sender);
                    self.phase = Phase::Over;
                }
            }
        }
        self.check()
    }

    fn check(&self) -> TestCaseResult {
        let inside = usize::from(self.phase == Phase::Sent);
        prop_assert_eq!(Arc::strong_count(&self.value), 1 + inside, "lost or doubled");
        for (at, task) in self.tasks.iter().enumerate() {
            prop_assert_eq!(task.wakes(), self.wakes[at], "a wake lost or too many");
            let waits = usize::from(self.sender_waits == Some(at))
                + usize::from(self.receiver_waits == Some(at));
            prop_assert_eq!(Arc::strong_count(task), 1 + waits, "a waker lost or kept");
        }
        if let Some(tx) = &self.tx {
            prop_assert_eq!(tx.is_closed(), self.phase != Phase::Open);
        }
        if let Some(rx) = &self.rx {
            prop_assert_eq!(rx.is_closed(), self.phase != Phase::Open);
            prop_assert_eq!(rx.is_empty(), self.phase != Phase::Sent);
            prop_assert_eq!(is_terminated(rx), self.done);
        }
        Ok(())
    }
}

fn is_terminated<T>(rx: &Receiver<T>) -> bool {
    futures_util::future::FusedFuture::is_terminated(rx)
}

fn laws(pair: (Sender<Arc<()>>, Receiver<Arc<()>>), script: &[Op]) -> TestCaseResult {
    let mut world = World::new(pair);
    for &op in script {
        world.step(op)?;
    }
    Ok(())
}

/// A room is in use until the receiver has its output or is dropped, and the sender is gone.
fn laws_in(room: &'static Oneshot<Arc<()>>, script: &[Op]) -> TestCaseResult {
    let mut world = World::new(room.channel().unwrap());
    for &op in script {
        world.step(op)?;
        let in_use = world.tx.is_some() || (world.rx.is_some() && !world.done);
        prop_assert_eq!(room.is_in_use(), in_use);
        prop_assert!(!in_use || room.channel().is_none());
    }
    drop(world);
    prop_assert!(!room.is_in_use());
    Ok(())
}

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: if cfg!(miri) { 2 } else { 500 },
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn laws_on_the_heap(script in prop::collection::vec(op(), 0..20)) {
        laws(oneshot::channel(), &script)?;
    }

    #[test]
    fn laws_in_one_room_again_and_again(
        scripts in prop::collection::vec(prop::collection::vec(op(), 0..12), 1..5)
    ) {
        let room = room();
        for script in &scripts {
            laws_in(room, script)?;
        }
    }
}
