//! The channel between real threads; meant to run under ThreadSanitizer and Miri as well.

#![cfg(feature = "std")]

mod block_on;

use block_on::block_on;
use core::{
    pin::pin,
    sync::atomic::{AtomicUsize, Ordering},
    task::{Context, Poll, Waker},
    time::Duration,
};
use klaw::{
    ActorRef, CancelToken, Channel, Receiver, Sender, TryRecvError, bounded,
    channel::{RecvTimeoutError, unbounded},
};
use std::{
    sync::{Arc, Mutex},
    thread,
};

const MESSAGES: usize = if cfg!(miri) { 20 } else { 2_000 };
const ENDS: usize = if cfg!(miri) { 2 } else { 4 };

/// Polls once; a future that is not done is dropped, at a moment of the other threads' choice.
fn try_once<F: Future>(future: F) -> Option<F::Output> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

/// What to do, by xorshift.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn cancels(&mut self) -> bool {
        self.next().is_multiple_of(4)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() >> 32) as usize % limit
    }
}

fn send_all(tx: &Sender<(usize, usize)>, sender: usize) {
    let mut dice = Dice(0x9e37_79b9 + sender as u64);
    for number in 0..MESSAGES {
        if dice.cancels() {
            // One more, from nobody, that may or may not get in.
            let _given_up = try_once(tx.send((usize::MAX, usize::MAX)));
        }
        block_on(tx.send((sender, number))).unwrap();
    }
}

fn receive_all(rx: &Receiver<(usize, usize)>, receiver: usize) -> Vec<(usize, usize)> {
    let mut dice = Dice(0x51_7cc1 + receiver as u64);
    let mut received = vec![];
    loop {
        let message = match dice.cancels().then(|| try_once(rx.recv())).flatten() {
            Some(message) => message,
            None => block_on(rx.recv()),
        };
        match message {
            Ok(message) => received.push(message),
            Err(_) => return received,
        }
    }
}

/// Every message arrives once, and each receiver sees each sender's in order.
fn all_to_all(tx: Sender<(usize, usize)>, rx: Receiver<(usize, usize)>) {
    let received: Vec<_> = thread::scope(|scope| {
        for sender in 0..ENDS {
            let tx = tx.clone();
            scope.spawn(move || send_all(&tx, sender));
        }
        drop(tx);
        let receivers: Vec<_> = (0..ENDS)
            .map(|receiver| {
                let rx = rx.clone();
                scope.spawn(move || receive_all(&rx, receiver))
            })
            .collect();
        drop(rx);
        receivers.into_iter().map(|receiver| receiver.join().unwrap()).collect()
    });
    for seen in &received {
        for sender in 0..ENDS {
            let numbers = seen.iter().filter(|(from, _)| *from == sender).map(|(_, n)| n);
            assert!(numbers.is_sorted());
        }
    }
    let mut counted = vec![0; ENDS * MESSAGES];
    for (sender, number) in received.into_iter().flatten().filter(|&(from, _)| from < ENDS) {
        counted[sender * MESSAGES + number] += 1;
    }
    assert!(counted.iter().all(|&count| count == 1));
}

#[test]
fn all_to_all_on_the_heap() {
    for capacity in [1, 2, 100] {
        let (tx, rx) = bounded(capacity);
        all_to_all(tx, rx);
    }
}

#[test]
fn all_to_all_in_statics() {
    static ONE: Channel<(usize, usize), 1> = Channel::new();
    static TWO: Channel<(usize, usize), 2> = Channel::new();
    static MANY: Channel<(usize, usize), 100> = Channel::new();
    all_to_all(ONE.sender(), ONE.receiver());
    all_to_all(TWO.sender(), TWO.receiver());
    all_to_all(MANY.sender(), MANY.receiver());
}

/// Whatever was not received is dropped, and nothing twice.
#[test]
fn receivers_that_leave_early_lose_nothing_twice() {
    struct Counted(Arc<AtomicUsize>);
    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    for capacity in [1, 2, 100] {
        let (tx, rx) = bounded(capacity);
        let drops = Arc::new(AtomicUsize::new(0));
        let made: usize = thread::scope(|scope| {
            let senders: Vec<_> = (0..2)
                .map(|_| {
                    let (tx, drops) = (tx.clone(), drops.clone());
                    scope.spawn(move || {
                        let mut made = 0;
                        loop {
                            made += 1;
                            if block_on(tx.send(Counted(drops.clone()))).is_err() {
                                return made;
                            }
                        }
                    })
                })
                .collect();
            for _ in 0..2 {
                let rx = rx.clone();
                scope.spawn(move || (0..MESSAGES / 2).for_each(|_| drop(block_on(rx.recv()))));
            }
            drop(rx);
            senders.into_iter().map(|sender| sender.join().unwrap()).sum()
        });
        assert_eq!(drops.load(Ordering::Relaxed), made);
        assert_eq!(tx.len(), 0);
    }
}

#[test]
fn a_request_to_stop_reaches_every_thread() {
    for _ in 0..MESSAGES / 10 {
        let token = CancelToken::new();
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    let _ = try_once(token.cancelled());
                    assert_eq!(block_on(token.cancelled()).reason, "stop");
                });
            }
            scope.spawn(|| token.cancel("stop"));
        });
    }
}

/// An actor on one thread, askers and a killer on others: every question is answered or refused.
#[test]
fn every_question_gets_an_answer_or_none() {
    use klaw::{Actor, AskError, Ctx, Reply, ReplySlot, mailbox_named, serve};

    struct Doubler;
    struct Double(u32, Reply<u32>);

    impl Actor for Doubler {
        type Msg = Double;
        type Error = &'static str;

        async fn handle(
            &mut self,
            Double(n, reply): Double,
            _: &mut Ctx<'_, Double>,
        ) -> Result<(), &'static str> {
            if n % 7 != 3 {
                reply.send(2 * n);
            }
            Ok(())
        }
    }

    fn ask(me: &ActorRef<Double>, slot: &'static ReplySlot<u32>, n: u32) {
        let answer = if n.is_multiple_of(2) {
            block_on(me.ask_in(slot, |reply| Double(n, reply)))
        } else {
            block_on(me.ask(|reply| Double(n, reply)))
        };
        match answer {
            Ok(answer) => assert_eq!(answer, 2 * n),
            Err(error) => assert!(n % 7 == 3 || me.is_closed(), "{n}: {error}"),
        }
    }

    static SLOTS: [ReplySlot<u32>; 2] = [ReplySlot::new(), ReplySlot::new()];
    let me = mailbox_named("doubler", 2);
    thread::scope(|scope| {
        let served = scope.spawn(|| block_on(serve(Doubler, me.clone())));
        for slot in &SLOTS {
            let me = &me;
            scope.spawn(move || {
                let mut dice = Dice(77);
                for n in 0..MESSAGES as u32 / 2 {
                    if dice.cancels() {
                        let _late = try_once(me.ask_in(slot, |reply| Double(n, reply)));
                    }
                    ask(me, slot, n);
                    if n == MESSAGES as u32 / 2 - 5 {
                        me.kill();
                    }
                }
            });
        }
        assert!(matches!(served.join().unwrap(), klaw::Exit::Killed));
        block_on(me.closed());
    });
    assert_eq!(block_on(me.ask(|reply| Double(1, reply))), Err(AskError::Closed));
}

/// What senders made and what became of it, by number of sender and of message.
struct Fate {
    sent: Vec<Mutex<Vec<usize>>>,
    received: Mutex<Vec<(usize, usize)>>,
    replaced: Mutex<Vec<(usize, usize)>>,
}

/// Any operation that sends, at random; what comes back was not sent.
fn send_anyhow(
    tx: &Sender<(usize, usize)>,
    me: usize,
    number: usize,
    dice: &mut Dice,
    fate: &Fate,
) -> bool {
    let message = (me, number);
    match dice.below(8) {
        0 => tx.try_send(message).is_ok(),
        1 => tx.send_blocking(message).is_ok(),
        2 => tx.send_blocking_timeout(Duration::from_micros(5), message).is_ok(),
        3 => match tx.force_send(message) {
            Ok(oldest) => {
                fate.replaced.lock().unwrap().extend(oldest);
                true
            }
            Err(_) => false,
        },
        4 => {
            let permit = block_on(tx.reserve());
            if dice.cancels() {
                return false; // the permit is dropped
            }
            permit.is_ok_and(|permit| permit.send(message).is_ok())
        }
        5 => {
            let mut send = pin!(tx.send(message));
            let mut cx = Context::from_waker(Waker::noop());
            match send.as_mut().poll(&mut cx) {
                Poll::Ready(sent) => sent.is_ok(),
                Poll::Pending => {
                    thread::yield_now();
                    assert_eq!(send.cancel(), Some(message));
                    false
                }
            }
        }
        6 => tx.downgrade().upgrade().is_some_and(|tx| block_on(tx.send(message)).is_ok()),
        _ => block_on(tx.clone().send(message)).is_ok(),
    }
}

/// Any operation that receives, at random; false when the channel is closed and empty.
fn receive_anyhow(
    rx: &Receiver<(usize, usize)>,
    dice: &mut Dice,
    received: &mut Vec<(usize, usize)>,
) -> bool {
    match dice.below(7) {
        0 => match rx.try_recv() {
            Ok(message) => received.push(message),
            Err(error) => return error == TryRecvError::Empty,
        },
        1 => match rx.recv_blocking_timeout(Duration::from_micros(5)) {
            Ok(message) => received.push(message),
            Err(error) => return error == RecvTimeoutError::Timeout,
        },
        2 => return block_on(rx.recv_many(received, 1 + dice.below(20))).is_ok(),
        3 => match rx.peek() {
            Ok(peek) if dice.cancels() => {
                thread::yield_now();
                drop(peek);
            }
            Ok(peek) => {
                let seen = *peek;
                received.push(peek.recv());
                assert_eq!(received.last(), Some(&seen));
            }
            Err(error) => return error == TryRecvError::Empty,
        },
        4 => match try_once(rx.recv()) {
            Some(Ok(message)) => received.push(message),
            Some(Err(_)) => return false,
            None => {}
        },
        5 => match rx.recv_blocking() {
            Ok(message) => received.push(message),
            Err(_) => return false,
        },
        _ => match block_on(rx.clone().recv()) {
            Ok(message) => received.push(message),
            Err(_) => return false,
        },
    }
    true
}

/// More threads than cores, every operation: what was sent was received or replaced, once, and what
/// one receiver got of one sender came in order.
fn soak(tx: Sender<(usize, usize)>, rx: Receiver<(usize, usize)>, seed: u64) {
    const EACH: usize = if cfg!(miri) { 2 } else { 8 };
    let fate = Fate {
        sent: (0..EACH).map(|_| Mutex::default()).collect(),
        received: Mutex::default(),
        replaced: Mutex::default(),
    };
    let capacity = tx.capacity();
    thread::scope(|scope| {
        for me in 0..EACH {
            let (tx, rx, fate) = (tx.clone(), rx.clone(), &fate);
            scope.spawn(move || {
                let mut dice = Dice(seed ^ (0x9e37_79b9 + 7 * me as u64));
                for number in 0..MESSAGES {
                    if send_anyhow(&tx, me, number, &mut dice, fate) {
                        fate.sent[me].lock().unwrap().push(number);
                    }
                    assert!(tx.len() <= capacity);
                }
            });
            scope.spawn(move || {
                let mut dice = Dice(seed ^ (0x517c_c1b7 + 11 * me as u64));
                let mut received = vec![];
                while receive_anyhow(&rx, &mut dice, &mut received) {}
                for sender in 0..EACH {
                    assert!(received.iter().filter(|(from, _)| *from == sender).is_sorted());
                }
                fate.received.lock().unwrap().extend(received);
            });
        }
        drop((tx, rx));
    });
    let mut came_out = fate.received.into_inner().unwrap();
    came_out.extend(fate.replaced.into_inner().unwrap());
    came_out.sort_unstable();
    let sent: Vec<_> = (0..EACH)
        .flat_map(|me| fate.sent[me].lock().unwrap().clone().into_iter().map(move |n| (me, n)))
        .collect();
    assert!(came_out == sent, "{} came out of {}", came_out.len(), sent.len());
}

#[test]
fn soak_of_every_operation_on_the_heap() {
    for (seed, capacity) in [(1, 1), (2, 2), (3, 5), (4, 100)] {
        let (tx, rx) = bounded(capacity);
        soak(tx, rx, seed);
    }
    let (tx, rx) = unbounded();
    soak(tx, rx, 5);
}

#[test]
fn soak_of_every_operation_in_statics() {
    static ONE: Channel<(usize, usize), 1> = Channel::new();
    static FEW: Channel<(usize, usize), 3> = Channel::new();
    soak(ONE.sender(), ONE.receiver(), 6);
    soak(FEW.sender(), FEW.receiver(), 7);
}
