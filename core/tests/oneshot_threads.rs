//! Oneshot channels between real threads; meant to run under ThreadSanitizer and Miri as well.

#![cfg(feature = "std")]

mod block_on;

use block_on::block_on;
use core::{
    pin::Pin,
    sync::atomic::{AtomicUsize, Ordering},
    task::{Context, Poll, Waker},
};
use klaw::{
    SendError,
    channel::oneshot::{self, Oneshot, Receiver, Sender},
};
use std::{
    sync::{Arc, Barrier, mpsc},
    task::Wake,
    thread,
};

const ROUNDS: usize = if cfg!(miri) { 60 } else { 20_000 };

/// Numbers below a limit, by xorshift.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

/// A value that counts how often one like it was dropped, and is an allocation of its own.
struct Counted(Arc<AtomicUsize>, Box<usize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
}

/// A task that is not there.
struct Nobody;

impl Wake for Nobody {
    fn wake(self: Arc<Self>) {}
}

/// What a sender does; whether a value is on its way.
fn send_somehow(mut tx: Sender<Counted>, value: Counted, dice: &mut Dice) -> bool {
    match dice.roll(6) {
        0 => return false,
        1 => assert!(poll_once(&mut tx.closed()).is_pending() || tx.is_closed()),
        2 => {
            // Two tasks, one after the other, and neither is waited for.
            let mut closed = tx.closed();
            let _ = poll_once(&mut closed);
            let waker = Waker::from(Arc::new(Nobody));
            let _ = Pin::new(&mut closed).poll(&mut Context::from_waker(&waker));
        }
        _ => {}
    }
    match tx.send(value) {
        Ok(()) => true,
        Err(SendError(_)) => false,
    }
}

/// What a receiver does; the value, or whether it may have been dropped unseen.
fn receive_somehow(mut rx: Receiver<Counted>, dice: &mut Dice) -> (Option<Counted>, bool) {
    match dice.roll(7) {
        0 => return (None, true),
        1 => {
            let early = poll_once(&mut rx);
            return match early {
                Poll::Ready(answer) => (answer.ok(), false),
                Poll::Pending => (None, true),
            };
        }
        2 => {
            rx.close();
            return (rx.try_recv().ok(), false);
        }
        3 => {
            if let Ok(value) = rx.try_recv() {
                return (Some(value), false);
            }
        }
        4 => {
            if let Poll::Ready(answer) = poll_once(&mut rx) {
                return (answer.ok(), false);
            }
        }
        _ => {}
    }
    (block_on(rx).ok(), false)
}

/// Every value is received, comes back or is dropped, once, whatever the two threads do.
fn all_ways(mut pair: impl FnMut() -> (Sender<Counted>, Receiver<Counted>), seed: u64) {
    let drops = Arc::new(AtomicUsize::new(0));
    let start = Barrier::new(2);
    let (give, take) = mpsc::channel();
    thread::scope(|scope| {
        let sender = scope.spawn({
            let (start, drops) = (&start, drops.clone());
            move || {
                let mut dice = Dice(seed ^ 0x9e37_79b9);
                let sent = take.iter().enumerate().map(|(round, tx)| {
                    let value = Counted(drops.clone(), Box::new(round));
                    start.wait();
                    send_somehow(tx, value, &mut dice)
                });
                sent.collect::<Vec<bool>>()
            }
        });
        let mut dice = Dice(seed);
        let received: Vec<(bool, bool)> = (0..ROUNDS)
            .map(|round| {
                let (tx, rx) = pair();
                give.send(tx).unwrap();
                start.wait();
                let (value, unseen) = receive_somehow(rx, &mut dice);
                let is_there = value.is_some();
                assert!(value.is_none_or(|value| *value.1 == round));
                (is_there, unseen)
            })
            .collect();
        drop(give);
        for (sent, (received, unseen)) in sender.join().unwrap().into_iter().zip(received) {
            assert!(sent == received || (sent && unseen));
        }
    });
    assert_eq!(drops.load(Ordering::Relaxed), ROUNDS);
}

#[test]
fn all_ways_on_the_heap() {
    all_ways(oneshot::channel, 0x51_7cc1);
}

#[test]
fn all_ways_in_one_room() {
    static ROOM: Oneshot<Counted> = Oneshot::new();
    all_ways(
        || {
            loop {
                // The sender of the round before may still be on its way out.
                if let Some(pair) = ROOM.channel() {
                    return pair;
                }
                thread::yield_now();
            }
        },
        0x2545_f491,
    );
    assert!(!ROOM.is_in_use());
}

/// A sender that waits is woken however the receiver goes.
#[test]
fn senders_wait_until_their_receiver_is_gone() {
    for round in 0..ROUNDS / 10 {
        let (mut tx, mut rx) = oneshot::channel::<usize>();
        thread::scope(|scope| {
            scope.spawn(move || {
                if round % 2 == 0 {
                    assert!(poll_once(&mut rx).is_pending());
                }
                if round % 3 == 0 {
                    rx.close();
                }
                drop(rx);
            });
            block_on(tx.closed());
            assert_eq!(tx.send(round), Err(SendError(round)));
        });
    }
}

/// A chain of tasks, each of which answers the one before.
#[test]
fn a_value_goes_through_a_chain_of_threads() {
    const LINKS: usize = 8;
    for round in 0..ROUNDS / 100 {
        thread::scope(|scope| {
            let (first, mut last) = oneshot::channel();
            for _ in 0..LINKS {
                let (tx, rx) = oneshot::channel::<usize>();
                let before = core::mem::replace(&mut last, rx);
                scope.spawn(move || tx.send(block_on(before).unwrap() + 1).unwrap());
            }
            first.send(round).unwrap();
            assert_eq!(block_on(last), Ok(round + LINKS));
        });
    }
}
