//! A broadcast between real threads; meant to run under ThreadSanitizer and Miri as well.

#![cfg(feature = "std")]

mod block_on;

use block_on::block_on;
use core::{
    pin::pin,
    sync::atomic::{AtomicUsize, Ordering},
    task::{Context, Poll, Waker},
};
use klaw::channel::broadcast::{self, Broadcast, Overflow, Receiver, RecvError, Sender};
use std::{sync::Arc, thread};

const MESSAGES: usize = if cfg!(miri) { 10 } else { 2_000 };
const ENDS: usize = if cfg!(miri) { 2 } else { 4 };

type Message = (usize, usize);

/// Polls once; a future that is not done is dropped, at a moment of the other threads' choice.
fn try_once<F: Future>(future: F) -> Option<F::Output> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

/// Whether to cancel, by xorshift.
struct Dice(u64);

impl Dice {
    fn cancels(&mut self) -> bool {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.is_multiple_of(4)
    }
}

fn send_all(tx: &Sender<Message>, sender: usize) {
    let mut dice = Dice(0x9e37_79b9 + sender as u64);
    for number in 0..MESSAGES {
        if dice.cancels() {
            // One more, from nobody, that may or may not be sent.
            let _given_up = try_once(tx.send((usize::MAX, usize::MAX)));
        }
        block_on(tx.send((sender, number))).unwrap();
    }
}

/// What was received, and how many messages were missed.
fn receive_all(rx: &mut Receiver<Message>, receiver: usize) -> (Vec<Message>, u64) {
    let mut dice = Dice(0x51_7cc1 + receiver as u64);
    let (mut received, mut missed) = (vec![], 0);
    loop {
        let message = match dice.cancels().then(|| try_once(rx.recv())).flatten() {
            Some(message) => message,
            None => block_on(rx.recv()),
        };
        match message {
            Ok(message) => received.push(message),
            Err(RecvError::Lagged(more)) => missed += more,
            Err(RecvError::Closed) => return (received, missed),
        }
    }
}

fn all_to_all(tx: Sender<Message>, rx: Receiver<Message>) -> Vec<(Vec<Message>, u64)> {
    thread::scope(|scope| {
        let receivers: Vec<_> = (0..ENDS)
            .map(|receiver| {
                let mut rx = rx.clone();
                scope.spawn(move || receive_all(&mut rx, receiver))
            })
            .collect();
        drop(rx);
        for sender in 0..ENDS {
            let tx = tx.clone();
            scope.spawn(move || send_all(&tx, sender));
        }
        // Receivers that come and go while all this happens.
        for _ in 0..MESSAGES / 10 {
            let mut passing = tx.subscribe();
            drop((try_once(passing.recv()), passing.clone()));
        }
        drop(tx);
        receivers.into_iter().map(|receiver| receiver.join().unwrap()).collect()
    })
}

fn in_order(received: &[Message]) -> bool {
    (0..ENDS).all(|sender| {
        received.iter().filter(|(from, _)| *from == sender).map(|(_, n)| n).is_sorted()
    })
}

/// Every receiver gets the very same, everything, in order.
fn nothing_is_missed(tx: Sender<Message>, rx: Receiver<Message>) {
    let all = all_to_all(tx, rx);
    for (received, missed) in &all {
        assert_eq!(*missed, 0);
        assert!(in_order(received) && *received == all[0].0);
        assert_eq!(received.iter().filter(|(from, _)| *from < ENDS).count(), ENDS * MESSAGES);
    }
}

/// What is received and what is missed is everything together, for every receiver.
fn everything_is_accounted_for(tx: Sender<Message>, rx: Receiver<Message>) {
    let all = all_to_all(tx, rx);
    let total = |(received, missed): &(Vec<_>, u64)| received.len() as u64 + missed;
    for one in &all {
        assert!(in_order(&one.0));
        assert_eq!(total(one), total(&all[0]));
        assert!(total(one) >= (ENDS * MESSAGES) as u64);
    }
}

#[test]
fn all_to_all_on_the_heap() {
    for capacity in [1, 3, 100] {
        let (tx, rx) = broadcast::channel(capacity, Overflow::Backpressure);
        nothing_is_missed(tx, rx);
    }
    for capacity in [1, 3, 100] {
        let (tx, rx) = broadcast::channel(capacity, Overflow::Lag);
        everything_is_accounted_for(tx, rx);
    }
}

#[test]
fn all_to_all_in_statics() {
    static WAITS: Broadcast<Message, 2> = Broadcast::new(Overflow::Backpressure);
    static LAGS: Broadcast<Message, 2> = Broadcast::new(Overflow::Lag);
    nothing_is_missed(WAITS.sender(), WAITS.receiver());
    everything_is_accounted_for(LAGS.sender(), LAGS.receiver());
}

/// Copies are neither lost nor doubled, and clones do not run at the same time.
#[test]
fn receivers_that_leave_early_hold_nobody_up() {
    struct Counted(Arc<AtomicUsize>, core::cell::Cell<u32>);
    impl Clone for Counted {
        fn clone(&self) -> Self {
            self.0.fetch_add(1, Ordering::Relaxed);
            self.1.set(self.1.get() + 1);
            Self(self.0.clone(), core::cell::Cell::new(0))
        }
    }
    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::Relaxed);
        }
    }
    let alive = Arc::new(AtomicUsize::new(0));
    for overflow in [Overflow::Backpressure, Overflow::Lag] {
        let (tx, rx) = broadcast::channel(4, overflow);
        thread::scope(|scope| {
            for receiver in 0..ENDS {
                let mut rx = rx.clone();
                scope.spawn(move || {
                    for _ in 0..MESSAGES / (receiver + 1) {
                        if let Err(RecvError::Closed) = block_on(rx.recv()) {
                            break;
                        }
                    }
                });
            }
            drop(rx);
            let alive = &alive;
            scope.spawn(move || {
                for _ in 0..2 * MESSAGES {
                    alive.fetch_add(1, Ordering::Relaxed);
                    let message = Counted(alive.clone(), core::cell::Cell::new(0));
                    if block_on(tx.send(message)).is_err() {
                        break;
                    }
                }
            });
        });
        assert_eq!(alive.load(Ordering::Relaxed), 0);
    }
}
