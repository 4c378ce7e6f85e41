//! A broadcast against a model, under random interleaving, cancellation, cloning and closing.

#![cfg(feature = "std")]
#![allow(clippy::await_holding_refcell_ref, reason = "one future a receiver")]

mod by_hand;
mod storage;

use by_hand::ByHand;
use core::{cell::RefCell, pin::Pin, task::Poll};
use klaw::channel::broadcast::{
    Overflow, Receiver, RecvError, SendError, Sender, TryRecvError, TrySendError,
};
use proptest::{prelude::*, test_runner::TestCaseResult};
use std::{
    rc::Rc,
    sync::{Arc, Mutex},
};
use storage::{Heap, Inline, Storage};

/// A message that knows its number and counts its living copies.
struct Token {
    id: usize,
    alive: Arc<Mutex<Vec<u32>>>,
}

impl Token {
    fn new(id: usize, alive: &Arc<Mutex<Vec<u32>>>) -> Self {
        alive.lock().unwrap()[id] += 1;
        Self { id, alive: alive.clone() }
    }
}

impl Clone for Token {
    fn clone(&self) -> Self {
        Self::new(self.id, &self.alive)
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        self.alive.lock().unwrap()[self.id] -= 1;
    }
}

type Sending = ByHand<Pin<Box<dyn Future<Output = Result<usize, SendError<Token>>>>>>;
type Receiving = ByHand<Pin<Box<dyn Future<Output = Result<Token, RecvError>>>>>;

/// A receiver, the `recv` in progress on it, and what it ought to get.
struct Reader {
    // Before the receiver, which it borrows from.
    receiving: Option<Receiving>,
    rx: Rc<RefCell<Receiver<Token>>>,
    place: usize,
}

/// A broadcast, the futures that are in progress on it, and what it ought to hold.
struct World {
    capacity: usize,
    overflow: Overflow,
    tx: Option<Rc<Sender<Token>>>,
    // Every one of these has been polled.
    sending: Vec<(usize, Sending)>,
    readers: Vec<Reader>,
    /// Every message sent, by its token's number.
    sent: Vec<usize>,
    closed: bool,
    alive: Arc<Mutex<Vec<u32>>>,
}

#[derive(Clone, Copy, Debug)]
enum Op {
    Send,
    TrySend,
    PollSend(usize),
    DropSend(usize),
    Recv(usize),
    TryRecv(usize),
    DropRecv(usize),
    Subscribe,
    Clone(usize),
    Resubscribe(usize),
    Leave(usize),
    CloneSender,
    Settle,
    Close,
    DropSenders,
    DropReceivers,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        8 => Just(Op::Send),
        4 => Just(Op::TrySend),
        6 => any::<usize>().prop_map(Op::PollSend),
        4 => any::<usize>().prop_map(Op::DropSend),
        12 => any::<usize>().prop_map(Op::Recv),
        8 => any::<usize>().prop_map(Op::TryRecv),
        4 => any::<usize>().prop_map(Op::DropRecv),
        2 => Just(Op::Subscribe),
        2 => any::<usize>().prop_map(Op::Clone),
        1 => any::<usize>().prop_map(Op::Resubscribe),
        3 => any::<usize>().prop_map(Op::Leave),
        1 => Just(Op::CloneSender),
        2 => Just(Op::Settle),
    ]
}

/// Closing comes last, so that a run is on an open channel.
fn script() -> impl Strategy<Value = (bool, Vec<Op>, Op)> {
    let last = prop_oneof![Just(Op::Close), Just(Op::DropSenders), Just(Op::DropReceivers)];
    (any::<bool>(), prop::collection::vec(op(), 0..if cfg!(miri) { 30 } else { 100 }), last)
}

impl World {
    fn new<S: Storage, const N: usize>(overflow: Overflow) -> Self {
        let (tx, rx) = S::broadcast::<Token, N>(overflow);
        let mut world = Self {
            capacity: N,
            overflow,
            tx: Some(Rc::new(tx)),
            sending: vec![],
            readers: vec![],
            sent: vec![],
            closed: false,
            alive: Arc::default(),
        };
        world.add(rx, 0);
        world
    }

    fn add(&mut self, rx: Receiver<Token>, place: usize) {
        self.readers.push(Reader { receiving: None, rx: Rc::new(RefCell::new(rx)), place });
    }

    fn token(&self) -> Token {
        let id = {
            let mut alive = self.alive.lock().unwrap();
            alive.push(0);
            alive.len() - 1
        };
        Token::new(id, &self.alive)
    }

    /// The oldest message that has not been overwritten.
    fn oldest(&self) -> usize {
        match self.overflow {
            Overflow::Lag => self.sent.len().saturating_sub(self.capacity),
            Overflow::Backpressure => 0,
        }
    }

    /// How many messages somebody wants.
    fn len(&self) -> usize {
        let slowest = self.readers.iter().map(|reader| reader.place).min();
        self.sent.len() - slowest.unwrap_or(self.sent.len()).max(self.oldest())
    }

    fn can_send(&self) -> bool {
        self.overflow == Overflow::Lag || self.len() < self.capacity
    }

    fn step(&mut self, op: Op) -> TestCaseResult {
        let reader = |at: usize, world: &Self| match world.readers.len() {
            0 => None,
            len => Some(at % len),
        };
        match op {
            Op::Send => {
                let Some(tx) = self.tx.clone() else { return Ok(()) };
                let token = self.token();
                let id = token.id;
                let future: Pin<Box<dyn Future<Output = _>>> =
                    Box::pin(async move { tx.send(token).await });
                self.sending.push((id, ByHand::new(future)));
                self.poll_send(self.sending.len() - 1)?;
            }
            Op::TrySend => {
                let Some(tx) = self.tx.clone() else { return Ok(()) };
                let token = self.token();
                let id = token.id;
                match tx.try_send(token) {
                    Ok(receivers) => self.put(id, receivers)?,
                    Err(TrySendError::Full(token)) => {
                        prop_assert!(!self.closed && !self.readers.is_empty() && !self.can_send());
                        prop_assert_eq!(token.id, id);
                    }
                    Err(TrySendError::Closed(token)) => {
                        prop_assert!(self.closed);
                        prop_assert_eq!(token.id, id);
                    }
                    Err(TrySendError::NoReceivers(token)) => {
                        prop_assert!(!self.closed && self.readers.is_empty());
                        prop_assert_eq!(token.id, id);
                    }
                }
            }
            Op::PollSend(at) if !self.sending.is_empty() => {
                self.poll_send(at % self.sending.len())?;
            }
            Op::DropSend(at) if !self.sending.is_empty() => {
                drop(self.sending.remove(at % self.sending.len()));
            }
            Op::PollSend(_) | Op::DropSend(_) => {}
            Op::Recv(at) => {
                let Some(at) = reader(at, self) else { return Ok(()) };
                let reader = &mut self.readers[at];
                if reader.receiving.is_none() {
                    let rx = reader.rx.clone();
                    let future: Pin<Box<dyn Future<Output = _>>> =
                        Box::pin(async move { rx.borrow_mut().recv().await });
                    reader.receiving = Some(ByHand::new(future));
                }
                self.poll_recv(at)?;
            }
            Op::TryRecv(at) => {
                let Some(at) = reader(at, self) else { return Ok(()) };
                self.readers[at].receiving = None;
                let rx = self.readers[at].rx.clone();
                let result = rx.borrow_mut().try_recv();
                self.received(at, result)?;
            }
            Op::DropRecv(at) => {
                let Some(at) = reader(at, self) else { return Ok(()) };
                self.readers[at].receiving = None;
            }
            Op::Subscribe => {
                let Some(tx) = self.tx.clone() else { return Ok(()) };
                self.add(tx.subscribe(), self.sent.len());
            }
            Op::Clone(at) => {
                let Some(at) = reader(at, self) else { return Ok(()) };
                self.readers[at].receiving = None;
                let (rx, place) = (self.readers[at].rx.clone(), self.readers[at].place);
                let clone = rx.borrow().clone();
                self.add(clone, place);
            }
            Op::Resubscribe(at) => {
                let Some(at) = reader(at, self) else { return Ok(()) };
                self.readers[at].receiving = None;
                let rx = self.readers[at].rx.clone();
                let fresh = rx.borrow().resubscribe();
                self.add(fresh, self.sent.len());
            }
            Op::Leave(at) => {
                let Some(at) = reader(at, self) else { return Ok(()) };
                drop(self.readers.remove(at));
            }
            Op::CloneSender => drop(self.tx.as_deref().cloned()),
            Op::Settle => self.settle()?,
            Op::Close => {
                let Some(tx) = &self.tx else { return Ok(()) };
                prop_assert_eq!(tx.close(), !self.closed);
                self.closed = true;
            }
            Op::DropSenders => {
                self.sending.clear();
                self.tx = None;
                self.closed = true;
            }
            Op::DropReceivers => self.readers.clear(),
        }
        self.check()
    }

    /// What can be seen from outside is what the model says.
    fn check(&self) -> TestCaseResult {
        for reader in self.readers.iter().filter(|reader| reader.receiving.is_none()) {
            let (rx, place) = (reader.rx.borrow(), reader.place.max(self.oldest()));
            prop_assert_eq!(rx.len(), self.sent.len() - place);
            prop_assert_eq!(rx.is_closed(), self.closed);
        }
        if let Some(tx) = &self.tx {
            prop_assert_eq!(tx.len(), self.len());
            prop_assert_eq!(tx.receiver_count(), self.readers.len());
            prop_assert_eq!(tx.is_closed(), self.closed || self.readers.is_empty());
        }
        // Of what was sent there is one copy while somebody wants it, and none afterwards.
        let wanted = self.sent.len() - self.len();
        let alive = self.alive.lock().unwrap();
        for (number, &id) in self.sent.iter().enumerate() {
            prop_assert_eq!(alive[id], u32::from(number >= wanted));
        }
        Ok(())
    }

    fn put(&mut self, id: usize, receivers: usize) -> TestCaseResult {
        prop_assert!(!self.closed, "nothing is sent after closing");
        prop_assert!(self.can_send(), "nobody's message is overwritten");
        prop_assert!(receivers > 0);
        prop_assert_eq!(receivers, self.readers.len());
        self.sent.push(id);
        Ok(())
    }

    fn poll_send(&mut self, at: usize) -> TestCaseResult {
        let (id, sending) = &mut self.sending[at];
        let (id, result) = (*id, sending.poll());
        match result {
            Poll::Ready(Ok(receivers)) => self.put(id, receivers)?,
            Poll::Ready(Err(SendError::Closed(token))) => {
                prop_assert!(self.closed);
                prop_assert_eq!(token.id, id);
            }
            Poll::Ready(Err(SendError::NoReceivers(token))) => {
                prop_assert!(!self.closed && self.readers.is_empty());
                prop_assert_eq!(token.id, id);
            }
            Poll::Pending => {
                prop_assert!(!self.closed && !self.readers.is_empty());
                let owed = self.sending.iter().any(|(_, other)| other.is_woken());
                prop_assert!(!self.can_send() || owed, "it parks with room, and nobody was woken");
                return Ok(());
            }
        }
        drop(self.sending.remove(at));
        Ok(())
    }

    fn poll_recv(&mut self, at: usize) -> TestCaseResult {
        let Some(receiving) = &mut self.readers[at].receiving else { return Ok(()) };
        let result = match receiving.poll() {
            Poll::Ready(result) => {
                self.readers[at].receiving = None;
                result.map_err(|error| match error {
                    RecvError::Closed => TryRecvError::Closed,
                    RecvError::Lagged(missed) => TryRecvError::Lagged(missed),
                })
            }
            Poll::Pending => Err(TryRecvError::Empty),
        };
        self.received(at, result)
    }

    fn received(&mut self, at: usize, result: Result<Token, TryRecvError>) -> TestCaseResult {
        let oldest = self.oldest();
        let place = self.readers[at].place;
        match result {
            Ok(token) => {
                prop_assert!(place >= oldest);
                prop_assert_eq!(Some(&token.id), self.sent.get(place), "in order, each once");
                self.readers[at].place += 1;
            }
            Err(TryRecvError::Lagged(missed)) => {
                prop_assert!(missed > 0);
                prop_assert_eq!(missed, (oldest - place) as u64);
                self.readers[at].place = oldest;
            }
            Err(TryRecvError::Empty) => {
                prop_assert!(place == self.sent.len() && !self.closed);
            }
            Err(TryRecvError::Closed) => prop_assert!(place == self.sent.len() && self.closed),
        }
        Ok(())
    }

    /// Polls whoever was woken until nobody is; then nobody waits who could go on.
    fn settle(&mut self) -> TestCaseResult {
        let is_woken = |reader: &Reader| reader.receiving.as_ref().is_some_and(ByHand::is_woken);
        loop {
            if let Some(at) = self.sending.iter().position(|(_, sending)| sending.is_woken()) {
                self.poll_send(at)?;
            } else if let Some(at) = self.readers.iter().position(is_woken) {
                self.poll_recv(at)?;
            } else {
                break;
            }
        }
        let go_on = self.can_send() || self.closed || self.readers.is_empty();
        prop_assert!(self.sending.is_empty() || !go_on, "a sender's wake is lost");
        for reader in self.readers.iter().filter(|reader| reader.receiving.is_some()) {
            let ready = reader.place < self.sent.len() || self.closed;
            prop_assert!(!ready, "a receiver's wake is lost");
        }
        Ok(())
    }
}

fn laws<S: Storage, const N: usize>((lags, ops, last): &(bool, Vec<Op>, Op)) -> TestCaseResult {
    let overflow = if *lags { Overflow::Lag } else { Overflow::Backpressure };
    let mut world = World::new::<S, N>(overflow);
    for &op in ops {
        world.step(op)?;
    }
    world.step(Op::Settle)?;
    world.step(*last)?;
    world.step(Op::Settle)?;
    for at in 0..world.readers.len() {
        while world.readers[at].place < world.sent.len() {
            world.step(Op::TryRecv(at))?;
        }
        world.step(Op::TryRecv(at))?;
    }
    let alive = world.alive.clone();
    drop(world);
    prop_assert!(alive.lock().unwrap().iter().all(|&alive| alive == 0), "lost or doubled");
    Ok(())
}

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: if cfg!(miri) { 1 } else { 200 },
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
    }

    #[test]
    fn laws_inline(script in script()) {
        laws::<Inline, 1>(&script)?;
        laws::<Inline, 2>(&script)?;
        laws::<Inline, 5>(&script)?;
    }
}
