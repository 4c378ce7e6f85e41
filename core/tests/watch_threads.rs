//! A watch channel between real threads; meant to run under ThreadSanitizer and Miri as well.

#![cfg(feature = "std")]

mod block_on;
mod storage;
mod watch_storage;

use block_on::block_on;
use core::{
    pin::pin,
    task::{Context, Poll, Waker},
};
use klaw::channel::watch::{Receiver, Sender, Watch};
use std::thread;
use watch_storage::on_both_storages;

const UPDATES: u64 = if cfg!(miri) { 20 } else { 5_000 };
const SENDERS: u64 = 2;
const RECEIVERS: usize = if cfg!(miri) { 2 } else { 4 };

/// Polls once; a future that is not done is dropped, at a moment of the other threads' choice.
fn try_once<F: Future>(future: F) -> Option<F::Output> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

/// Each value twice, so that a torn one shows; on the heap, so that a value read late does too.
type Value = Box<(u64, u64)>;

fn send_all(tx: &Sender<Value>) {
    for _ in 0..UPDATES {
        tx.send_modify(|value| {
            value.0 += 1;
            value.1 += 1;
        });
    }
}

/// Follows the value to the end, giving up a wait now and then; each it sees is newer.
fn follow(mut rx: Receiver<Value>) -> u64 {
    let (mut last, mut waits) = (0, 0_u32);
    loop {
        waits += 1;
        let given_up = waits.is_multiple_of(3).then(|| try_once(rx.changed())).flatten();
        if given_up.unwrap_or_else(|| block_on(rx.changed())).is_err() {
            return last;
        }
        let value = rx.borrow_and_update();
        assert_eq!(value.0, value.1, "torn");
        assert!(value.0 >= last, "backwards");
        last = value.0;
    }
}

on_both_storages! {
    fn all_follow_to_the_last_value<S>() {
        let (tx, rx) = S::watch(Value::default());
        let last = thread::scope(|scope| {
            let receivers: Vec<_> = (0..RECEIVERS)
                .map(|_| {
                    let rx = rx.clone();
                    scope.spawn(move || follow(rx))
                })
                .collect();
            for _ in 0..SENDERS {
                let tx = tx.clone();
                scope.spawn(move || send_all(&tx));
            }
            drop(tx);
            receivers.into_iter().map(|receiver| receiver.join().unwrap()).collect::<Vec<_>>()
        });
        assert_eq!(last, [SENDERS * UPDATES; RECEIVERS]);
    }

    /// Every value is waited for before the next one is sent: one lost wake and it stands still.
    fn a_value_goes_round_and_back<S>() {
        let ((ping, mut pinged), (pong, mut ponged)) = (S::watch(0), S::watch(0));
        thread::scope(|scope| {
            scope.spawn(move || {
                while let Ok(value) = block_on(pinged.wait_for(|value| *value > *pong.borrow())) {
                    pong.send(value.into_inner()).unwrap();
                }
            });
            for n in 1..=UPDATES {
                ping.send(n).unwrap();
                assert_eq!(*block_on(ponged.wait_for(|value| *value == n)).unwrap(), n);
            }
            drop(ping);
        });
    }

    fn senders_learn_when_receivers_that_come_and_go_have_gone<S>() {
        let (tx, rx) = S::watch(0);
        thread::scope(|scope| {
            for _ in 0..RECEIVERS {
                let rx = rx.clone();
                scope.spawn(move || (0..UPDATES).for_each(|_| drop(rx.clone())));
            }
            drop(rx);
            for _ in 0..SENDERS {
                let tx = tx.clone();
                scope.spawn(move || block_on(tx.closed()));
            }
        });
        assert_eq!((tx.receiver_count(), tx.send(1).is_err()), (0, true));
    }
}

#[test]
fn a_static_is_written_and_followed() {
    static LEVEL: Watch<u64> = Watch::new(0);
    thread::scope(|scope| {
        for _ in 0..RECEIVERS {
            let mut rx = LEVEL.receiver();
            scope
                .spawn(move || block_on(rx.wait_for(|level| *level == UPDATES)).map(drop).unwrap());
        }
        for level in 1..=UPDATES {
            LEVEL.send(level);
        }
    });
}
