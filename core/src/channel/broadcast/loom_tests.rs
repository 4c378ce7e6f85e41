//! Every interleaving of small programs on a broadcast, in the weak memory model of loom.

use super::{Overflow, Receiver, RecvError, SendError, Sender, TryRecvError, channel};
use core::{
    pin::{Pin, pin},
    sync::atomic::{AtomicUsize, Ordering},
    task::{Context, Poll, Waker},
};
use loom::{future::block_on, model, thread};
use std::{vec, vec::Vec};

/// Polls once, as a task that nobody looks at.
fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Counts its copies, unseen by loom.
struct Counted(std::sync::Arc<AtomicUsize>);

impl Counted {
    fn new(alive: &std::sync::Arc<AtomicUsize>) -> Self {
        alive.fetch_add(1, Ordering::SeqCst);
        Self(alive.clone())
    }
}

impl Clone for Counted {
    fn clone(&self) -> Self {
        Self::new(&self.0)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

fn send_all(tx: Sender<u32>, messages: core::ops::Range<u32>) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        for message in messages {
            block_on(tx.send(message)).unwrap();
        }
    })
}

fn receive_all(rx: &mut Receiver<u32>) -> Vec<u32> {
    let mut received = vec![];
    loop {
        match block_on(rx.recv()) {
            Ok(message) => received.push(message),
            Err(RecvError::Closed) => return received,
            Err(RecvError::Lagged(_)) => panic!("nothing is overwritten here"),
        }
    }
}

/// Receives to the end; messages and missed ones together are all that were sent, in order.
fn follow(rx: &mut Receiver<u32>) -> u32 {
    let mut next = 0;
    loop {
        match block_on(rx.recv()) {
            Ok(message) => {
                assert_eq!(message, next);
                next += 1;
            }
            Err(RecvError::Lagged(missed)) => next += u32::try_from(missed).unwrap(),
            Err(RecvError::Closed) => return next,
        }
    }
}

#[test]
fn loom_broadcast_send_and_recv() {
    for (capacity, count) in [(1, 2), (2, 3)] {
        model(move || {
            let (tx, mut rx) = channel(capacity, Overflow::Backpressure);
            let sender = send_all(tx, 0..count);
            assert_eq!(receive_all(&mut rx), (0..count).collect::<Vec<_>>());
            sender.join().unwrap();
        });
    }
}

#[test]
fn loom_broadcast_two_receivers_wait_for_one_message() {
    model(|| {
        let (tx, mut here) = channel(1, Overflow::Backpressure);
        let mut there = tx.subscribe();
        let receiver = thread::spawn(move || block_on(there.recv()));
        let sender = thread::spawn(move || tx.try_send(7u32));
        assert_eq!(block_on(here.recv()), Ok(7));
        assert_eq!(receiver.join().unwrap(), Ok(7));
        assert_eq!(sender.join().unwrap(), Ok(2));
    });
}

#[test]
fn loom_broadcast_a_sender_waits_for_the_slower_of_two_receivers() {
    model(|| {
        let (tx, mut here) = channel(1, Overflow::Backpressure);
        let mut there = tx.subscribe();
        tx.try_send(0).unwrap();
        let receiver = thread::spawn(move || receive_all(&mut there));
        assert_eq!(here.try_recv(), Ok(0));
        assert_eq!(block_on(tx.send(1)), Ok(2));
        drop(tx);
        assert_eq!(here.try_recv(), Ok(1));
        assert_eq!(receiver.join().unwrap(), [0, 1]);
    });
}

/// Who frees a slot sees every sender that parked before it (B5).
#[test]
fn loom_broadcast_two_senders_that_wait_for_room() {
    model(|| {
        let (tx, mut rx) = channel(1, Overflow::Backpressure);
        tx.try_send(0).unwrap();
        let senders = [send_all(tx.clone(), 1..2), send_all(tx, 2..3)];
        assert_eq!(rx.try_recv(), Ok(0));
        let sum = block_on(rx.recv()).unwrap() + block_on(rx.recv()).unwrap();
        assert_eq!(sum, 3);
        senders.into_iter().for_each(|sender| sender.join().unwrap());
    });
}

#[test]
fn loom_broadcast_overwrite_and_recv() {
    for capacity in [1, 2] {
        model(move || {
            let (tx, mut rx) = channel(capacity, Overflow::Lag);
            let sender = send_all(tx, 0..3);
            assert_eq!(follow(&mut rx), 3);
            sender.join().unwrap();
        });
    }
}

#[test]
fn loom_broadcast_two_receivers_that_are_overtaken() {
    model(|| {
        let (tx, mut here) = channel(1, Overflow::Lag);
        let mut there = here.clone();
        let receiver = thread::spawn(move || follow(&mut there));
        tx.try_send(0).unwrap();
        tx.try_send(1).unwrap();
        drop(tx);
        assert_eq!(follow(&mut here), 2);
        assert_eq!(receiver.join().unwrap(), 2);
    });
}

#[test]
fn loom_broadcast_last_sender_dropped_while_a_receiver_waits() {
    model(|| {
        let (tx, mut rx) = channel(1, Overflow::Backpressure);
        let sender = thread::spawn(move || {
            tx.try_send(7u32).unwrap();
        });
        assert_eq!(block_on(rx.recv()), Ok(7));
        assert_eq!(block_on(rx.recv()), Err(RecvError::Closed));
        sender.join().unwrap();
    });
}

#[test]
fn loom_broadcast_last_receiver_dropped_while_a_sender_waits() {
    model(|| {
        let (tx, rx) = channel(1, Overflow::Backpressure);
        tx.try_send(1u32).unwrap();
        let receiver = thread::spawn(move || drop(rx));
        assert_eq!(block_on(tx.send(2)), Err(SendError::NoReceivers(2)));
        block_on(tx.closed());
        receiver.join().unwrap();
        assert_eq!(tx.len(), 0);
    });
}

#[test]
fn loom_broadcast_a_receiver_that_held_up_the_sender_is_dropped() {
    model(|| {
        let (tx, slow) = channel(1, Overflow::Backpressure);
        let mut quick = tx.subscribe();
        tx.try_send(1u32).unwrap();
        assert_eq!(quick.try_recv(), Ok(1));
        let leaving = thread::spawn(move || drop(slow));
        block_on(tx.send(2)).unwrap();
        leaving.join().unwrap();
        assert_eq!(quick.try_recv(), Ok(2));
    });
}

#[test]
fn loom_broadcast_a_receiver_leaves_while_another_reads() {
    model(|| {
        let alive = std::sync::Arc::new(AtomicUsize::new(0));
        let (tx, mut stays) = channel(2, Overflow::Backpressure);
        let leaves = stays.clone();
        assert_eq!(tx.try_send(Counted::new(&alive)).ok(), Some(2));
        assert_eq!(tx.try_send(Counted::new(&alive)).ok(), Some(2));
        let leaving = thread::spawn(move || drop(leaves));
        assert!(stays.try_recv().is_ok());
        assert!(stays.try_recv().is_ok());
        leaving.join().unwrap();
        assert_eq!(alive.load(Ordering::SeqCst), 0);
        assert!(tx.is_empty());
    });
}

#[test]
fn loom_broadcast_a_receiver_leaves_while_it_is_overtaken() {
    model(|| {
        let alive = std::sync::Arc::new(AtomicUsize::new(0));
        let (tx, leaves) = channel(1, Overflow::Lag);
        assert!(tx.try_send(Counted::new(&alive)).is_ok());
        let leaving = thread::spawn(move || drop(leaves));
        drop(tx.try_send(Counted::new(&alive)));
        leaving.join().unwrap();
        assert_eq!(alive.load(Ordering::SeqCst), 0);
    });
}

#[test]
fn loom_broadcast_a_clone_wants_what_its_origin_wants() {
    model(|| {
        let (tx, mut rx) = channel(2, Overflow::Backpressure);
        let mut other = tx.subscribe();
        tx.try_send(1u32).unwrap();
        let reader = thread::spawn(move || {
            assert_eq!(other.try_recv(), Ok(1));
        });
        let mut clone = rx.clone();
        assert_eq!((rx.try_recv(), clone.try_recv()), (Ok(1), Ok(1)));
        reader.join().unwrap();
        assert!(tx.is_empty());
    });
}

#[test]
fn loom_broadcast_a_woken_send_that_is_dropped_passes_its_wake_on() {
    model(|| {
        let (tx, mut rx) = channel(1, Overflow::Backpressure);
        tx.try_send(1u32).unwrap();
        let behind = {
            let tx = tx.clone();
            thread::spawn(move || block_on(tx.send(3)))
        };
        {
            let mut first = pin!(tx.send(2));
            assert!(poll_once(first.as_mut()).is_pending());
            assert_eq!(rx.try_recv(), Ok(1));
        }
        assert_eq!(behind.join().unwrap(), Ok(1));
        assert_eq!(rx.try_recv(), Ok(3));
    });
}

#[test]
fn loom_broadcast_a_recv_dropped_while_a_message_comes_loses_nothing() {
    model(|| {
        let (tx, mut rx) = channel(1, Overflow::Backpressure);
        let sender = send_all(tx, 0..1);
        let first = {
            let mut first = pin!(rx.recv());
            poll_once(first.as_mut())
        };
        match first {
            Poll::Ready(message) => assert_eq!(message, Ok(0)),
            Poll::Pending => assert_eq!(block_on(rx.recv()), Ok(0)),
        }
        sender.join().unwrap();
    });
}

#[test]
fn loom_broadcast_a_sender_closes_while_another_waits() {
    model(|| {
        let (tx, mut rx) = channel(1, Overflow::Backpressure);
        tx.try_send(1u32).unwrap();
        let closer = {
            let tx = tx.clone();
            thread::spawn(move || {
                tx.close();
            })
        };
        assert_eq!(block_on(tx.send(2)), Err(SendError::Closed(2)));
        closer.join().unwrap();
        assert_eq!(rx.try_recv(), Ok(1));
        assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    });
}

#[test]
fn loom_broadcast_a_weak_sender_is_upgraded_while_the_last_one_goes() {
    model(|| {
        let (tx, mut rx) = channel(1, Overflow::Backpressure);
        let weak = tx.downgrade();
        let last = thread::spawn(move || drop(tx));
        if let Some(tx) = weak.upgrade() {
            tx.try_send(1u32).unwrap();
            drop(tx);
            assert_eq!(rx.try_recv(), Ok(1));
        }
        last.join().unwrap();
        assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    });
}
