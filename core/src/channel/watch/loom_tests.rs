//! Every interleaving of small programs on a watch channel, in the weak memory model of loom.

use super::{Receiver, Ref, Watch, channel};
use crate::channel::RecvError;
use core::{
    pin::pin,
    task::{Context, Poll, Waker},
};
use loom::{future::block_on, model, sync::Arc, thread};

/// Polls once, as a task that nobody looks at; then drops the future.
fn try_once<F: Future>(future: F) -> Poll<F::Output> {
    pin!(future).as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

/// Follows the value to its end; each one it sees is newer than the one before.
fn follow(mut rx: Receiver<u32>) -> u32 {
    let mut last = *rx.borrow_and_update();
    while block_on(rx.changed()).is_ok() {
        let value = rx.borrow_and_update();
        assert!(*value > last, "seen twice, or backwards");
        last = *value;
    }
    last
}

#[test]
fn loom_watch_a_send_while_a_receiver_waits() {
    model(|| {
        let (tx, mut rx) = channel(0);
        let receiver = thread::spawn(move || {
            block_on(rx.changed()).unwrap();
            *rx.borrow()
        });
        tx.send_replace(1);
        assert_eq!(receiver.join().unwrap(), 1);
    });
}

#[test]
fn loom_watch_sends_are_followed_to_the_last() {
    model(|| {
        let (tx, rx) = channel(0);
        let receiver = thread::spawn(move || follow(rx));
        tx.send_replace(1);
        tx.send_replace(2);
        drop(tx);
        assert_eq!(receiver.join().unwrap(), 2);
    });
}

#[test]
fn loom_watch_two_receivers_are_woken_by_one_send() {
    model(|| {
        let (tx, rx) = channel(0);
        let receivers = [rx.clone(), rx].map(|mut rx| {
            thread::spawn(move || {
                block_on(rx.changed()).unwrap();
                *rx.borrow()
            })
        });
        tx.send_replace(1);
        receivers.into_iter().for_each(|receiver| assert_eq!(receiver.join().unwrap(), 1));
    });
}

#[test]
fn loom_watch_two_senders() {
    model(|| {
        let (tx, rx) = channel(0);
        let sender = {
            let tx = tx.clone();
            thread::spawn(move || tx.send_modify(|value| *value += 1))
        };
        let receiver = thread::spawn(move || follow(rx));
        tx.send_modify(|value| *value += 1);
        drop(tx);
        sender.join().unwrap();
        assert_eq!(receiver.join().unwrap(), 2);
    });
}

#[test]
fn loom_watch_the_last_sender_goes_while_a_receiver_waits() {
    model(|| {
        let (tx, mut rx) = channel(0);
        let receiver = thread::spawn(move || block_on(rx.changed()));
        drop(tx);
        assert_eq!(receiver.join().unwrap(), Err(RecvError));
    });
}

#[test]
fn loom_watch_the_last_value_is_seen_before_the_end() {
    model(|| {
        let (tx, mut rx) = channel(0);
        let sender = thread::spawn(move || {
            tx.send_replace(1);
        });
        assert_eq!(block_on(rx.changed()), Ok(()), "never the end first");
        assert_eq!(*rx.borrow_and_update(), 1);
        assert_eq!(block_on(rx.changed()), Err(RecvError));
        sender.join().unwrap();
    });
}

#[test]
fn loom_watch_two_senders_go_at_once() {
    model(|| {
        let (tx, mut rx) = channel(0);
        let sender = {
            let tx = tx.clone();
            thread::spawn(move || drop(tx))
        };
        let receiver = thread::spawn(move || block_on(rx.changed()));
        drop(tx);
        assert_eq!(receiver.join().unwrap(), Err(RecvError));
        sender.join().unwrap();
    });
}

#[test]
fn loom_watch_the_last_receivers_go_while_a_sender_waits() {
    model(|| {
        let (tx, rx) = channel(0);
        let receivers = [rx.clone(), rx].map(|rx| thread::spawn(move || drop(rx)));
        block_on(tx.closed());
        assert!(tx.is_closed());
        receivers.into_iter().for_each(|receiver| receiver.join().unwrap());
    });
}

#[test]
fn loom_watch_a_changed_given_up_while_one_sends() {
    model(|| {
        let (tx, mut rx) = channel(0);
        let mut other = rx.clone();
        let waiting = thread::spawn(move || block_on(other.changed()));
        let sender = thread::spawn(move || {
            tx.send_replace(1);
            tx
        });
        let seen = try_once(rx.changed()).is_ready();
        let _tx = sender.join().unwrap();
        assert_eq!(rx.has_changed(), Ok(!seen), "marked exactly if it completed");
        assert_eq!(waiting.join().unwrap(), Ok(()));
    });
}

#[test]
fn loom_watch_wait_for_while_one_sends() {
    model(|| {
        let (tx, mut rx) = channel(0);
        let receiver =
            thread::spawn(move || block_on(rx.wait_for(|value| *value == 2)).map(Ref::into_inner));
        tx.send_replace(1);
        tx.send_replace(2);
        drop(tx);
        assert_eq!(receiver.join().unwrap(), Ok(2));
    });
}

#[test]
fn loom_watch_in_place() {
    model(|| {
        let watch = Arc::new(Watch::new(0));
        let sender = {
            let watch = watch.clone();
            thread::spawn(move || watch.send(1))
        };
        let before = *watch.borrow();
        sender.join().unwrap();
        assert!(before <= 1);
        assert_eq!(*watch.borrow(), 1);
    });
}

/// What is not seen after `borrow_and_update` is newer than what it gave (V1).
#[test]
fn loom_watch_a_version_belongs_to_its_value() {
    model(|| {
        let (tx, mut rx) = channel(0);
        let sender = thread::spawn(move || {
            tx.send_replace(1);
            tx
        });
        let first = *rx.borrow_and_update();
        let _tx = sender.join().unwrap();
        assert_eq!(rx.has_changed(), Ok(first == 0));
    });
}
