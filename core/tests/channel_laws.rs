//! The channel against a model, under random interleaving, cancellation and closing.

#![cfg(feature = "std")]

mod by_hand;
mod storage;

use by_hand::ByHand;
use core::{pin::Pin, task::Poll};
use klaw::{Receiver, RecvError, SendError, Sender, TryRecvError, TrySendError};
use proptest::{prelude::*, test_runner::TestCaseResult};
use std::{
    collections::VecDeque,
    rc::Rc,
    sync::{Arc, Mutex},
};
use storage::{Heap, Inline, Storage};

/// A message that knows its number and writes down when it is dropped.
struct Token {
    id: usize,
    drops: Arc<Mutex<Vec<u32>>>,
}

impl Drop for Token {
    fn drop(&mut self) {
        self.drops.lock().unwrap()[self.id] += 1;
    }
}

type Sending = ByHand<Pin<Box<dyn Future<Output = Result<(), SendError<Token>>>>>>;
type Receiving = ByHand<Pin<Box<dyn Future<Output = Result<Token, RecvError>>>>>;

/// A channel, the futures that are in progress on it, and what it ought to hold.
struct World {
    capacity: usize,
    tx: Option<Rc<Sender<Token>>>,
    rx: Option<Rc<Receiver<Token>>>,
    // Every one of these has been polled.
    sending: Vec<(usize, Sending)>,
    receiving: Vec<Receiving>,
    queue: VecDeque<usize>,
    closed: bool,
    drops: Arc<Mutex<Vec<u32>>>,
}

#[derive(Clone, Copy, Debug)]
enum Op {
    Send,
    Recv,
    TrySend,
    TryRecv,
    PollSend(usize),
    PollRecv(usize),
    DropSend(usize),
    DropRecv(usize),
    CloneAndDrop,
    Settle,
    Close,
    DropSenders,
    DropReceivers,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        8 => Just(Op::Send),
        8 => Just(Op::Recv),
        3 => Just(Op::TrySend),
        3 => Just(Op::TryRecv),
        6 => any::<usize>().prop_map(Op::PollSend),
        6 => any::<usize>().prop_map(Op::PollRecv),
        4 => any::<usize>().prop_map(Op::DropSend),
        4 => any::<usize>().prop_map(Op::DropRecv),
        1 => Just(Op::CloneAndDrop),
        2 => Just(Op::Settle),
        1 => Just(Op::Close),
    ]
}

/// Closing is rare in the middle, so that most of a run is on an open channel.
fn script() -> impl Strategy<Value = (Vec<Op>, Op)> {
    let last = prop_oneof![Just(Op::Close), Just(Op::DropSenders), Just(Op::DropReceivers)];
    (prop::collection::vec(op(), 0..80), last)
}

impl World {
    fn new<S: Storage, const N: usize>() -> Self {
        let (tx, rx) = S::channel::<Token, N>();
        Self {
            capacity: N,
            tx: Some(Rc::new(tx)),
            rx: Some(Rc::new(rx)),
            sending: vec![],
            receiving: vec![],
            queue: VecDeque::new(),
            closed: false,
            drops: Arc::default(),
        }
    }

    fn token(&self) -> Token {
        let mut drops = self.drops.lock().unwrap();
        drops.push(0);
        Token { id: drops.len() - 1, drops: self.drops.clone() }
    }

    fn step(&mut self, op: Op) -> TestCaseResult {
        match op {
            Op::Send => {
                let Some(tx) = self.tx.clone() else { return Ok(()) };
                let token = self.token();
                let id = token.id;
                let sending = ByHand::new(Box::pin(async move { tx.send(token).await }) as _);
                self.sending.push((id, sending));
                self.poll_send(self.sending.len() - 1)?;
            }
            Op::Recv => {
                let Some(rx) = self.rx.clone() else { return Ok(()) };
                let receiving = ByHand::new(Box::pin(async move { rx.recv().await }) as _);
                self.receiving.push(receiving);
                self.poll_recv(self.receiving.len() - 1)?;
            }
            Op::TrySend => {
                let Some(tx) = &self.tx else { return Ok(()) };
                let token = self.token();
                let id = token.id;
                match tx.try_send(token) {
                    Ok(()) => self.put(id)?,
                    Err(TrySendError::Full(token)) => {
                        prop_assert!(!self.closed && self.queue.len() == self.capacity);
                        prop_assert_eq!(token.id, id);
                    }
                    Err(TrySendError::Closed(token)) => {
                        prop_assert!(self.closed);
                        prop_assert_eq!(token.id, id);
                    }
                }
            }
            Op::TryRecv => {
                let Some(rx) = &self.rx else { return Ok(()) };
                match rx.try_recv() {
                    Ok(token) => self.take(&token)?,
                    Err(TryRecvError::Empty) => {
                        prop_assert!(self.queue.is_empty() && !self.closed);
                    }
                    Err(TryRecvError::Closed) => {
                        prop_assert!(self.queue.is_empty() && self.closed);
                    }
                }
            }
            Op::PollSend(at) if !self.sending.is_empty() => {
                self.poll_send(at % self.sending.len())?;
            }
            Op::PollRecv(at) if !self.receiving.is_empty() => {
                self.poll_recv(at % self.receiving.len())?;
            }
            Op::DropSend(at) if !self.sending.is_empty() => {
                drop(self.sending.remove(at % self.sending.len()));
            }
            Op::DropRecv(at) if !self.receiving.is_empty() => {
                drop(self.receiving.remove(at % self.receiving.len()));
            }
            Op::PollSend(_) | Op::PollRecv(_) | Op::DropSend(_) | Op::DropRecv(_) => {}
            Op::CloneAndDrop => {
                drop(self.tx.as_deref().cloned());
                drop(self.rx.as_deref().cloned());
            }
            Op::Settle => self.settle()?,
            Op::Close => {
                let first = match (&self.tx, &self.rx) {
                    (Some(tx), _) => tx.close(),
                    (None, Some(rx)) => rx.close(),
                    (None, None) => return Ok(()),
                };
                prop_assert_eq!(first, !self.closed);
                self.closed = true;
            }
            Op::DropSenders => {
                self.sending.clear();
                self.tx = None;
                self.closed = true;
            }
            Op::DropReceivers => {
                self.receiving.clear();
                self.rx = None;
                self.closed = true;
                for id in self.queue.drain(..) {
                    prop_assert_eq!(self.drops.lock().unwrap()[id], 1);
                }
            }
        }
        let (len, closed) = match (&self.tx, &self.rx) {
            (Some(tx), _) => (tx.len(), tx.is_closed()),
            (None, Some(rx)) => (rx.len(), rx.is_closed()),
            (None, None) => return Ok(()),
        };
        prop_assert_eq!((len, closed), (self.queue.len(), self.closed));
        Ok(())
    }

    fn put(&mut self, id: usize) -> TestCaseResult {
        prop_assert!(!self.closed, "nothing is put after closing");
        prop_assert!(self.queue.len() < self.capacity, "the capacity is kept");
        self.queue.push_back(id);
        Ok(())
    }

    fn take(&mut self, token: &Token) -> TestCaseResult {
        prop_assert_eq!(Some(token.id), self.queue.pop_front(), "first in, first out");
        Ok(())
    }

    fn poll_send(&mut self, at: usize) -> TestCaseResult {
        let (id, sending) = &mut self.sending[at];
        let (id, result) = (*id, sending.poll());
        match result {
            Poll::Ready(Ok(())) => self.put(id)?,
            Poll::Ready(Err(SendError(token))) => {
                prop_assert!(self.closed);
                prop_assert_eq!(token.id, id);
            }
            Poll::Pending => {
                prop_assert!(!self.closed);
                let room = self.queue.len() < self.capacity;
                let owed = self.sending.iter().any(|(_, other)| other.is_woken());
                prop_assert!(!room || owed, "it parks with room, and nobody was woken for it");
                return Ok(());
            }
        }
        drop(self.sending.remove(at));
        Ok(())
    }

    fn poll_recv(&mut self, at: usize) -> TestCaseResult {
        match self.receiving[at].poll() {
            Poll::Ready(Ok(token)) => self.take(&token)?,
            Poll::Ready(Err(RecvError)) => prop_assert!(self.closed && self.queue.is_empty()),
            Poll::Pending => {
                prop_assert!(!self.closed);
                let owed = self.receiving.iter().any(ByHand::is_woken);
                prop_assert!(self.queue.is_empty() || owed, "it parks before a message");
                return Ok(());
            }
        }
        drop(self.receiving.remove(at));
        Ok(())
    }

    /// Polls whoever was woken until nobody is; then nobody waits who could go on.
    fn settle(&mut self) -> TestCaseResult {
        loop {
            if let Some(at) = self.sending.iter().position(|(_, sending)| sending.is_woken()) {
                self.poll_send(at)?;
            } else if let Some(at) = self.receiving.iter().position(ByHand::is_woken) {
                self.poll_recv(at)?;
            } else {
                break;
            }
        }
        let (messages, room) = (!self.queue.is_empty(), self.queue.len() < self.capacity);
        prop_assert!(self.receiving.is_empty() || !(messages || self.closed), "a lost wake");
        prop_assert!(self.sending.is_empty() || !(room || self.closed), "a lost wake");
        Ok(())
    }
}

fn laws<S: Storage, const N: usize>(script: &(Vec<Op>, Op)) -> TestCaseResult {
    let mut world = World::new::<S, N>();
    for &op in &script.0 {
        world.step(op)?;
    }
    world.step(Op::Settle)?;
    world.step(script.1)?;
    world.step(Op::Settle)?;
    while !world.queue.is_empty() {
        world.step(Op::TryRecv)?;
    }
    world.step(Op::TryRecv)?;
    let drops = world.drops.clone();
    drop(world);
    prop_assert!(drops.lock().unwrap().iter().all(|&drops| drops == 1), "lost or doubled");
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
    fn laws_on_the_heap(script in script()) {
        laws::<Heap, 1>(&script)?;
        laws::<Heap, 2>(&script)?;
        laws::<Heap, 5>(&script)?;
        laws::<Heap, 9>(&script)?;
    }

    #[test]
    fn laws_inline(script in script()) {
        laws::<Inline, 1>(&script)?;
        laws::<Inline, 2>(&script)?;
        laws::<Inline, 5>(&script)?;
    }
}
