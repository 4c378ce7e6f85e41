//! The channel against a model, under random interleaving, cancellation and closing.

#![cfg(feature = "std")]

mod by_hand;
mod storage;

use by_hand::ByHand;
use core::{
    cell::{Cell, RefCell},
    future::poll_fn,
    pin::{Pin, pin},
    task::Poll,
};
use klaw::{
    Receiver, RecvError, SendError, Sender, TryRecvError, TrySendError,
    channel::{Sharing, WeakReceiver, WeakSender},
};
use proptest::{prelude::*, test_runner::TestCaseResult};
use std::{
    collections::VecDeque,
    rc::{Rc, Weak},
    sync::{Arc, Mutex},
};
use storage::{Flavour, Heap, Inline, LocalHeap, LocalInline};

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

type Boxed<T> = ByHand<Pin<Box<dyn Future<Output = T>>>>;

fn boxed<F: Future + 'static>(future: F) -> Boxed<F::Output> {
    ByHand::new(Box::pin(future) as _)
}

/// A `send` in progress.
struct Sending {
    id: usize,
    cancel: Rc<Cell<bool>>,
    future: Boxed<Sent>,
}

enum Sent {
    Done(Result<(), SendError<Token>>),
    Cancelled(Option<Token>),
}

/// A `reserve` in progress, then a permit, which lives in the future.
struct Reserving {
    granted: Rc<Cell<bool>>,
    message: Rc<RefCell<Option<Token>>>,
    future: Boxed<Result<(), SendError<Option<Token>>>>,
}

/// A look at the oldest message, which lives in the future.
struct Peeking {
    take: Rc<Cell<bool>>,
    future: Boxed<Token>,
}

/// A `recv` or a `recv_many` in progress.
type Receiving = Boxed<Result<Vec<Token>, RecvError>>;

/// A channel, the futures that are in progress on it, and what it ought to hold.
struct World<M: Sharing> {
    capacity: usize,
    tx: Vec<Rc<Sender<Token, M>>>,
    rx: Vec<Rc<Receiver<Token, M>>>,
    // All that there ever were; futures keep some alive.
    senders: Vec<Weak<Sender<Token, M>>>,
    receivers: Vec<Weak<Receiver<Token, M>>>,
    weak_tx: WeakSender<Token, M>,
    weak_rx: WeakReceiver<Token, M>,
    // Every one of these has been polled.
    sending: Vec<Sending>,
    reserving: Vec<Reserving>,
    receiving: Vec<Receiving>,
    peeking: Option<Peeking>,
    queue: VecDeque<usize>,
    closed: bool,
    drops: Arc<Mutex<Vec<u32>>>,
}

#[derive(Clone, Copy, Debug)]
enum Op {
    Send(usize),
    Recv(usize),
    RecvMany(usize),
    Reserve(usize),
    TrySend,
    TryRecv,
    ForceSend,
    Peek,
    PollSend(usize),
    PollRecv(usize),
    PollReserve(usize),
    CancelSend(usize),
    SendPermitted(usize),
    TakePeeked,
    DropSend(usize),
    DropRecv(usize),
    DropReserve(usize),
    DropPeek,
    Clone,
    DropEnd(usize),
    Upgrade,
    Settle,
    Close,
    DropSenders,
    DropReceivers,
}

fn op() -> impl Strategy<Value = Op> {
    let any = any::<usize>;
    prop_oneof![
        8 => any().prop_map(Op::Send),
        6 => any().prop_map(Op::Recv),
        3 => any().prop_map(Op::RecvMany),
        4 => any().prop_map(Op::Reserve),
        3 => Just(Op::TrySend),
        3 => Just(Op::TryRecv),
        2 => Just(Op::ForceSend),
        3 => Just(Op::Peek),
        6 => any().prop_map(Op::PollSend),
        6 => any().prop_map(Op::PollRecv),
        4 => any().prop_map(Op::PollReserve),
        3 => any().prop_map(Op::CancelSend),
        4 => any().prop_map(Op::SendPermitted),
        2 => Just(Op::TakePeeked),
        3 => any().prop_map(Op::DropSend),
        4 => any().prop_map(Op::DropRecv),
        3 => any().prop_map(Op::DropReserve),
        2 => Just(Op::DropPeek),
        1 => Just(Op::Clone),
        1 => any().prop_map(Op::DropEnd),
        1 => Just(Op::Upgrade),
        2 => Just(Op::Settle),
        1 => Just(Op::Close),
    ]
}

/// Closing is rare in the middle, so that most of a run is on an open channel.
fn script() -> impl Strategy<Value = (Vec<Op>, Op)> {
    let last = prop_oneof![Just(Op::Close), Just(Op::DropSenders), Just(Op::DropReceivers)];
    (prop::collection::vec(op(), 0..if cfg!(miri) { 12 } else { 100 }), last)
}

fn alive<T>(handles: &[Weak<T>]) -> usize {
    handles.iter().filter(|handle| handle.strong_count() > 0).count()
}

impl<M: Sharing> World<M> {
    fn new<S: Flavour<Sharing = M>, const N: usize>() -> Self {
        let (tx, rx) = S::channel::<Token, N>();
        let (weak_tx, weak_rx) = (tx.downgrade(), rx.downgrade());
        let (tx, rx) = (Rc::new(tx), Rc::new(rx));
        Self {
            capacity: N,
            senders: vec![Rc::downgrade(&tx)],
            receivers: vec![Rc::downgrade(&rx)],
            tx: vec![tx],
            rx: vec![rx],
            weak_tx,
            weak_rx,
            sending: vec![],
            reserving: vec![],
            receiving: vec![],
            peeking: None,
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

    fn permits(&self) -> usize {
        self.reserving.iter().filter(|reserving| reserving.granted.get()).count()
    }

    fn has_room(&self) -> bool {
        self.queue.len() + self.permits() < self.capacity
    }

    fn step(&mut self, op: Op) -> TestCaseResult {
        match op {
            Op::Send(at) if !self.tx.is_empty() => {
                let (tx, token) = (self.tx[at % self.tx.len()].clone(), self.token());
                let (id, cancel) = (token.id, Rc::new(Cell::new(false)));
                let cancelled = cancel.clone();
                let future = boxed(async move {
                    let mut send = pin!(tx.send(token));
                    poll_fn(|cx| match cancelled.get() {
                        true => Poll::Ready(Sent::Cancelled(send.as_mut().cancel())),
                        false => send.as_mut().poll(cx).map(Sent::Done),
                    })
                    .await
                });
                self.sending.push(Sending { id, cancel, future });
                self.poll_send(self.sending.len() - 1)?;
            }
            Op::Recv(at) if !self.rx.is_empty() => {
                let rx = self.rx[at % self.rx.len()].clone();
                self.receiving.push(boxed(async move { rx.recv().await.map(|token| vec![token]) }));
                self.poll_recv(self.receiving.len() - 1)?;
            }
            Op::RecvMany(limit) if !self.rx.is_empty() => {
                let (rx, limit) = (self.rx[0].clone(), limit % 5 + 1);
                self.receiving.push(boxed(async move {
                    let mut batch = vec![];
                    let count = rx.recv_many(&mut batch, limit).await?;
                    assert!(count == batch.len() && (1..=limit).contains(&count));
                    Ok(batch)
                }));
                self.poll_recv(self.receiving.len() - 1)?;
            }
            Op::Reserve(at) if !self.tx.is_empty() => {
                let tx = self.tx[at % self.tx.len()].clone();
                let (granted, message) = (Rc::new(Cell::new(false)), Rc::new(RefCell::new(None)));
                let (grant, given) = (granted.clone(), message.clone());
                let future = boxed(async move {
                    let permit = tx.reserve().await.map_err(|_| SendError(None))?;
                    grant.set(true);
                    let message = poll_fn(|_| match given.take() {
                        Some(message) => Poll::Ready(message),
                        None => Poll::Pending,
                    });
                    permit.send(message.await).map_err(|SendError(token)| SendError(Some(token)))
                });
                self.reserving.push(Reserving { granted, message, future });
                self.poll_reserve(self.reserving.len() - 1)?;
            }
            Op::TrySend => self.try_send()?,
            Op::TryRecv => self.try_recv()?,
            Op::ForceSend => self.force_send()?,
            Op::Peek => self.peek()?,
            Op::PollSend(at) if !self.sending.is_empty() => {
                self.poll_send(at % self.sending.len())?;
            }
            Op::PollRecv(at) if !self.receiving.is_empty() => {
                self.poll_recv(at % self.receiving.len())?;
            }
            Op::PollReserve(at) if !self.reserving.is_empty() => {
                self.poll_reserve(at % self.reserving.len())?;
            }
            Op::CancelSend(at) if !self.sending.is_empty() => {
                let mut sending = self.sending.remove(at % self.sending.len());
                sending.cancel.set(true);
                match sending.future.poll() {
                    Poll::Ready(Sent::Cancelled(Some(token))) => {
                        prop_assert_eq!(token.id, sending.id);
                    }
                    _ => prop_assert!(false, "it was not done, so its message comes back"),
                }
            }
            Op::SendPermitted(at) if self.permits() > 0 => {
                let at = at % self.permits();
                let at = (0..self.reserving.len())
                    .filter(|&at| self.reserving[at].granted.get())
                    .nth(at)
                    .unwrap();
                let token = self.token();
                let id = token.id;
                let mut permit = self.reserving.remove(at);
                *permit.message.borrow_mut() = Some(token);
                match permit.future.poll() {
                    Poll::Ready(Ok(())) => self.put(id)?,
                    Poll::Ready(Err(SendError(Some(token)))) => {
                        prop_assert!(self.closed && token.id == id);
                    }
                    _ => prop_assert!(false, "a permit never waits"),
                }
            }
            Op::TakePeeked => {
                if let Some(mut peeking) = self.peeking.take() {
                    peeking.take.set(true);
                    match peeking.future.poll() {
                        Poll::Ready(token) => self.took(&token)?,
                        Poll::Pending => prop_assert!(false, "a peek has its message"),
                    }
                }
            }
            Op::DropSend(at) if !self.sending.is_empty() => {
                drop(self.sending.remove(at % self.sending.len()));
            }
            Op::DropRecv(at) if !self.receiving.is_empty() => {
                drop(self.receiving.remove(at % self.receiving.len()));
            }
            Op::DropReserve(at) if !self.reserving.is_empty() => {
                drop(self.reserving.remove(at % self.reserving.len()));
            }
            Op::DropPeek => drop(self.peeking.take()),
            Op::Clone => {
                if let Some(tx) = self.tx.first() {
                    self.add_sender(Sender::clone(tx));
                }
                if let Some(rx) = self.rx.first() {
                    self.add_receiver(Receiver::clone(rx));
                }
            }
            Op::DropEnd(at) => {
                if at.is_multiple_of(2) && self.tx.len() > 1 {
                    drop(self.tx.remove(at / 2 % self.tx.len()));
                } else if self.rx.len() > 1 {
                    drop(self.rx.remove(at / 2 % self.rx.len()));
                }
            }
            Op::Upgrade => {
                let (tx, rx) = (self.weak_tx.upgrade(), self.weak_rx.upgrade());
                prop_assert_eq!(tx.is_some(), alive(&self.senders) > 0 && !self.closed);
                prop_assert_eq!(rx.is_some(), alive(&self.receivers) > 0);
                tx.into_iter().for_each(|tx| self.add_sender(tx));
                rx.into_iter().for_each(|rx| self.add_receiver(rx));
            }
            Op::Settle => self.settle()?,
            Op::Close => {
                let first = match (self.tx.first(), self.rx.first()) {
                    (Some(tx), _) => tx.close(),
                    (None, Some(rx)) => rx.close(),
                    (None, None) => return Ok(()),
                };
                prop_assert_eq!(first, !self.closed);
                self.closed = true;
            }
            Op::DropSenders => {
                self.sending.clear();
                self.reserving.clear();
                self.tx.clear();
            }
            Op::DropReceivers => {
                self.receiving.clear();
                self.peeking = None;
                self.rx.clear();
            }
            _ => {}
        }
        self.check()
    }

    fn add_sender(&mut self, tx: Sender<Token, M>) {
        self.tx.push(Rc::new(tx));
        self.senders.extend(self.tx.last().map(Rc::downgrade));
    }

    fn add_receiver(&mut self, rx: Receiver<Token, M>) {
        self.rx.push(Rc::new(rx));
        self.receivers.extend(self.rx.last().map(Rc::downgrade));
    }

    /// What the channel says of itself is what it ought to be.
    fn check(&mut self) -> TestCaseResult {
        let (senders, receivers) = (alive(&self.senders), alive(&self.receivers));
        self.closed |= senders == 0 || receivers == 0;
        if receivers == 0 {
            for id in self.queue.drain(..) {
                prop_assert_eq!(self.drops.lock().unwrap()[id], 1, "nobody will receive it");
            }
        }
        prop_assert!(self.queue.len() + self.permits() <= self.capacity);
        let tx = self.senders.iter().find_map(Weak::upgrade);
        let rx = self.receivers.iter().find_map(Weak::upgrade);
        let says = match (&tx, &rx) {
            (Some(tx), _) => (tx.len(), tx.is_closed(), tx.sender_count(), tx.receiver_count()),
            (_, Some(rx)) => (rx.len(), rx.is_closed(), rx.sender_count(), rx.receiver_count()),
            (None, None) => return Ok(()),
        };
        prop_assert_eq!(says, (self.queue.len(), self.closed, senders, receivers));
        Ok(())
    }

    fn put(&mut self, id: usize) -> TestCaseResult {
        prop_assert!(!self.closed, "nothing is put after closing");
        prop_assert!(self.has_room(), "the capacity is kept");
        self.queue.push_back(id);
        Ok(())
    }

    fn took(&mut self, token: &Token) -> TestCaseResult {
        prop_assert!(self.peeking.is_none(), "nobody takes what another looks at");
        prop_assert_eq!(Some(token.id), self.queue.pop_front(), "first in, first out");
        Ok(())
    }

    fn try_send(&mut self) -> TestCaseResult {
        let Some(tx) = self.tx.first().cloned() else { return Ok(()) };
        let token = self.token();
        let id = token.id;
        match tx.try_send(token) {
            Ok(()) => self.put(id)?,
            Err(TrySendError::Full(token)) => {
                prop_assert!(!self.closed && !self.has_room() && token.id == id);
            }
            Err(TrySendError::Closed(token)) => prop_assert!(self.closed && token.id == id),
        }
        Ok(())
    }

    fn force_send(&mut self) -> TestCaseResult {
        let Some(tx) = self.tx.first().cloned() else { return Ok(()) };
        let token = self.token();
        let id = token.id;
        match tx.force_send(token) {
            Ok(oldest) => {
                prop_assert_eq!(oldest.is_none(), self.has_room());
                oldest.map_or(Ok(()), |oldest| self.took(&oldest))?;
                self.put(id)?;
            }
            Err(TrySendError::Full(token)) => {
                prop_assert!(!self.closed && !self.has_room() && token.id == id);
                prop_assert!(self.peeking.is_some() || self.queue.is_empty());
            }
            Err(TrySendError::Closed(token)) => prop_assert!(self.closed && token.id == id),
        }
        Ok(())
    }

    fn try_recv(&mut self) -> TestCaseResult {
        let Some(rx) = self.rx.first().cloned() else { return Ok(()) };
        match rx.try_recv() {
            Ok(token) => self.took(&token),
            Err(error) => self.found_nothing(error),
        }
    }

    fn peek(&mut self) -> TestCaseResult {
        let Some(rx) = self.rx.first().cloned() else { return Ok(()) };
        let refused = rx.peek().err();
        if let Some(error) = refused {
            return self.found_nothing(error);
        }
        prop_assert!(self.peeking.is_none());
        let oldest = self.queue.front().copied();
        let take = Rc::new(Cell::new(false));
        let taken = take.clone();
        let mut future = boxed(async move {
            let peek = rx.peek().expect("it was there a moment ago");
            assert_eq!(Some(peek.id), oldest);
            poll_fn(|_| if taken.get() { Poll::Ready(()) } else { Poll::Pending }).await;
            peek.recv()
        });
        prop_assert!(future.poll().is_pending());
        self.peeking = Some(Peeking { take, future });
        Ok(())
    }

    fn found_nothing(&self, error: TryRecvError) -> TestCaseResult {
        let closed = error == TryRecvError::Closed;
        let over = self.queue.is_empty() && self.closed;
        prop_assert_eq!(closed, over);
        prop_assert!(closed || self.queue.is_empty() || self.peeking.is_some());
        Ok(())
    }

    fn poll_send(&mut self, at: usize) -> TestCaseResult {
        let id = self.sending[at].id;
        match self.sending[at].future.poll() {
            Poll::Ready(Sent::Done(Ok(()))) => self.put(id)?,
            Poll::Ready(Sent::Done(Err(SendError(token)))) => {
                prop_assert!(self.closed && token.id == id);
            }
            Poll::Ready(Sent::Cancelled(_)) => prop_assert!(false, "it was not cancelled"),
            Poll::Pending => return self.parked_before_room(),
        }
        drop(self.sending.remove(at));
        Ok(())
    }

    fn poll_reserve(&mut self, at: usize) -> TestCaseResult {
        let (had, room) = (self.reserving[at].granted.get(), self.has_room());
        match self.reserving[at].future.poll() {
            Poll::Pending if had => {}
            Poll::Pending if self.reserving[at].granted.get() => {
                prop_assert!(room && !self.closed, "the capacity is kept");
            }
            Poll::Pending => self.parked_before_room()?,
            Poll::Ready(result) => {
                prop_assert!(self.closed && matches!(result, Err(SendError(None))));
                drop(self.reserving.remove(at));
            }
        }
        Ok(())
    }

    fn parked_before_room(&self) -> TestCaseResult {
        let owed = self.sending.iter().any(|other| other.future.is_woken())
            || self.reserving.iter().any(|other| other.future.is_woken());
        prop_assert!(!self.closed);
        prop_assert!(!self.has_room() || owed, "it parks with room, and nobody was woken for it");
        Ok(())
    }

    fn poll_recv(&mut self, at: usize) -> TestCaseResult {
        match self.receiving[at].poll() {
            Poll::Ready(Ok(tokens)) => {
                drop(self.receiving.remove(at));
                tokens.iter().try_for_each(|token| self.took(token))
            }
            Poll::Ready(Err(RecvError)) => {
                drop(self.receiving.remove(at));
                prop_assert!(self.closed && self.queue.is_empty());
                Ok(())
            }
            Poll::Pending if self.peeking.is_some() => Ok(()),
            Poll::Pending => {
                prop_assert!(!self.closed);
                let owed = self.receiving.iter().any(ByHand::is_woken);
                prop_assert!(self.queue.is_empty() || owed, "it parks before a message");
                Ok(())
            }
        }
    }

    /// Polls whoever was woken until nobody is; then nobody waits who could go on.
    fn settle(&mut self) -> TestCaseResult {
        for polls in 0.. {
            prop_assert!(polls < 1_000, "they wake each other for ever");
            if let Some(at) = self.sending.iter().position(|sending| sending.future.is_woken()) {
                self.poll_send(at)?;
            } else if let Some(at) = self.receiving.iter().position(ByHand::is_woken) {
                self.poll_recv(at)?;
            } else if let Some(at) = self.reserving.iter().position(|r| r.future.is_woken()) {
                self.poll_reserve(at)?;
            } else {
                break;
            }
        }
        let something = !self.queue.is_empty() || self.closed;
        let peeked = self.peeking.is_some();
        prop_assert!(self.receiving.is_empty() || !something || peeked, "a lost wake");
        let waiting = !self.sending.is_empty() || self.permits() < self.reserving.len();
        prop_assert!(!waiting || !(self.has_room() || self.closed), "a lost wake");
        Ok(())
    }
}

fn laws<S: Flavour, const N: usize>(script: &(Vec<Op>, Op)) -> TestCaseResult {
    let mut world = World::<S::Sharing>::new::<S, N>();
    for &op in &script.0 {
        world.step(op)?;
    }
    for op in [Op::Settle, Op::DropPeek, Op::Settle, script.1, Op::Settle] {
        world.step(op)?;
    }
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
        cases: if cfg!(miri) { 1 } else { 300 },
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

    #[test]
    fn laws_on_the_heap_of_one_thread(script in script()) {
        laws::<LocalHeap, 1>(&script)?;
        laws::<LocalHeap, 2>(&script)?;
        laws::<LocalHeap, 9>(&script)?;
    }

    #[test]
    fn laws_inline_on_one_thread(script in script()) {
        laws::<LocalInline, 1>(&script)?;
        laws::<LocalInline, 2>(&script)?;
        laws::<LocalInline, 5>(&script)?;
    }
}
