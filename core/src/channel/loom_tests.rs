//! Every interleaving of small programs on a channel, in the weak memory model of loom.

use super::{Channel, Receiver, RecvError, SendError, Sender, TryRecvError, bounded};
use core::{
    pin::pin,
    sync::atomic::{AtomicUsize, Ordering},
    task::{Context, Poll, Waker},
};
use loom::{future::block_on, model, sync::Arc, thread};
use std::{task::Wake, vec, vec::Vec};

/// Polls once, as a task that nobody looks at.
pub(super) fn poll_once<F: Future>(future: core::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// A message that counts how often it was dropped, unseen by loom.
pub(super) struct Counted(pub(super) std::sync::Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

pub(super) fn send_all(tx: Sender<u32>, messages: core::ops::Range<u32>) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        for message in messages {
            block_on(tx.send(message)).unwrap();
        }
    })
}

pub(super) fn receive_all(rx: &Receiver<u32>) -> Vec<u32> {
    let mut received = vec![];
    while let Ok(message) = block_on(rx.recv()) {
        received.push(message);
    }
    received
}

fn one_sender_one_receiver(capacity: usize, count: u32) {
    model(move || {
        let (tx, rx) = bounded(capacity);
        let sender = send_all(tx, 0..count);
        assert_eq!(receive_all(&rx), (0..count).collect::<Vec<_>>());
        sender.join().unwrap();
    });
}

#[test]
fn loom_send_and_recv_at_capacity_1() {
    one_sender_one_receiver(1, 2);
}

#[test]
fn loom_send_and_recv_at_capacity_2() {
    one_sender_one_receiver(2, 3);
}

#[test]
fn loom_send_and_recv_inline() {
    model(|| {
        let channel = Arc::new(Channel::<u32, 1>::new());
        let sender = {
            let channel = channel.clone();
            thread::spawn(move || {
                block_on(channel.send(1)).unwrap();
                block_on(channel.send(2)).unwrap();
                channel.close();
            })
        };
        assert_eq!(block_on(channel.recv()), Ok(1));
        assert_eq!(block_on(channel.recv()), Ok(2));
        assert_eq!(block_on(channel.recv()), Err(RecvError));
        sender.join().unwrap();
    });
}

#[test]
fn loom_two_senders() {
    model(|| {
        let (tx, rx) = bounded(1);
        let senders = [send_all(tx.clone(), 0..1), send_all(tx, 1..2)];
        let mut received = receive_all(&rx);
        received.sort_unstable();
        assert_eq!(received, [0, 1]);
        senders.into_iter().for_each(|sender| sender.join().unwrap());
    });
}

/// A sender that found the ring full sees, when it parks, a count that is not older than the flag
/// which another sender's message went by (R2).
#[test]
fn loom_two_senders_that_find_it_full() {
    model(|| {
        let (tx, rx) = bounded(1);
        tx.try_send(0).unwrap();
        let senders = [send_all(tx.clone(), 1..2), send_all(tx, 2..3)];
        let mut received = receive_all(&rx);
        received.sort_unstable();
        assert_eq!(received, [0, 1, 2]);
        senders.into_iter().for_each(|sender| sender.join().unwrap());
    });
}

#[test]
fn loom_two_receivers() {
    model(|| {
        let (tx, rx) = bounded(1);
        let receiver = {
            let rx = rx.clone();
            thread::spawn(move || block_on(rx.recv()).unwrap())
        };
        let sender = send_all(tx, 0..2);
        let here = block_on(rx.recv()).unwrap();
        let there = receiver.join().unwrap();
        assert_eq!(here + there, 1);
        sender.join().unwrap();
    });
}

#[test]
fn loom_a_woken_recv_that_is_dropped_passes_its_wake_on() {
    model(|| {
        let (tx, rx) = bounded(1);
        let behind = {
            let rx = rx.clone();
            thread::spawn(move || block_on(rx.recv()))
        };
        {
            let mut first = pin!(rx.recv());
            assert_eq!(poll_once(first.as_mut()), Poll::Pending);
            tx.try_send(1u32).unwrap();
        }
        assert_eq!(behind.join().unwrap(), Ok(1));
    });
}

#[test]
fn loom_a_recv_dropped_while_a_message_comes_loses_nothing() {
    model(|| {
        let (tx, rx) = bounded(1);
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
fn loom_a_woken_send_that_is_dropped_passes_its_wake_on() {
    model(|| {
        let (tx, rx) = bounded(1);
        tx.try_send(1u32).unwrap();
        let behind = {
            let tx = tx.clone();
            thread::spawn(move || block_on(tx.send(3)))
        };
        {
            let mut first = pin!(tx.send(2));
            assert_eq!(poll_once(first.as_mut()), Poll::Pending);
            assert_eq!(rx.try_recv(), Ok(1));
        }
        assert_eq!(behind.join().unwrap(), Ok(()));
        assert_eq!(rx.try_recv(), Ok(3));
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    });
}

#[test]
fn loom_a_recv_moved_to_another_task_wakes_that_one() {
    struct Count(AtomicUsize);
    impl Wake for Count {
        fn wake(self: std::sync::Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    model(|| {
        let (tx, rx) = bounded(1);
        let mut recv = pin!(rx.recv());
        assert_eq!(poll_once(recv.as_mut()), Poll::Pending);
        let sender = send_all(tx.clone(), 7..8);
        let task = std::sync::Arc::new(Count(AtomicUsize::new(0)));
        let waker = Waker::from(task.clone());
        let moved = recv.as_mut().poll(&mut Context::from_waker(&waker));
        sender.join().unwrap();
        if moved.is_pending() {
            assert_eq!(task.0.load(Ordering::SeqCst), 1);
            assert_eq!(poll_once(recv), Poll::Ready(Ok(7)));
        } else {
            assert_eq!(moved, Poll::Ready(Ok(7)));
        }
    });
}

#[test]
fn loom_close_against_a_sender_that_waits() {
    model(|| {
        let (tx, rx) = bounded(1);
        tx.try_send(1u32).unwrap();
        let sender = thread::spawn(move || block_on(tx.send(2)));
        rx.close();
        assert_eq!(sender.join().unwrap(), Err(SendError(2)));
        assert_eq!(rx.try_recv(), Ok(1));
        assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    });
}

#[test]
fn loom_what_was_sent_before_a_close_is_received() {
    model(|| {
        let (tx, rx) = bounded(1);
        let sender = thread::spawn(move || tx.try_send(1u32).is_ok());
        rx.close();
        let received = block_on(rx.recv());
        let sent = sender.join().unwrap();
        assert_eq!(received.is_ok(), sent, "neither lost nor made up");
    });
}

#[test]
fn loom_close_against_a_receiver_that_waits() {
    model(|| {
        let (tx, rx) = bounded::<u32>(1);
        let receiver = thread::spawn(move || block_on(rx.recv()));
        tx.close();
        assert_eq!(receiver.join().unwrap(), Err(RecvError));
    });
}

#[test]
fn loom_two_closes_at_once_are_one() {
    model(|| {
        let (tx, rx) = bounded::<u32>(1);
        let another = thread::spawn(move || tx.close());
        assert!(rx.close() ^ another.join().unwrap());
    });
}

#[test]
fn loom_the_last_sender_goes() {
    model(|| {
        let (tx, rx) = bounded::<u32>(1);
        let another = tx.clone();
        let senders = [thread::spawn(move || drop(tx)), thread::spawn(move || drop(another))];
        assert_eq!(block_on(rx.recv()), Err(RecvError));
        senders.into_iter().for_each(|sender| sender.join().unwrap());
    });
}

#[test]
fn loom_the_last_receiver_goes_while_a_message_comes() {
    model(|| {
        let drops = std::sync::Arc::new(AtomicUsize::new(0));
        let (tx, rx) = bounded(1);
        let sender = {
            let message = Counted(drops.clone());
            thread::spawn(move || {
                let sent = tx.try_send(message).is_ok();
                (tx, sent)
            })
        };
        drop(rx);
        let (tx, sent) = sender.join().unwrap();
        assert_eq!(drops.load(Ordering::SeqCst), 1, "sent: {sent}");
        assert_eq!((tx.is_closed(), tx.len()), (true, 0));
    });
}

#[test]
fn loom_the_last_receiver_goes_while_a_sender_waits() {
    model(|| {
        let (tx, rx) = bounded(1);
        tx.try_send(1u32).unwrap();
        let sender = thread::spawn(move || block_on(tx.send(2)));
        drop(rx);
        assert_eq!(sender.join().unwrap(), Err(SendError(2)));
    });
}

#[test]
fn loom_both_last_handles_go_with_a_message_inside() {
    model(|| {
        let drops = std::sync::Arc::new(AtomicUsize::new(0));
        let (tx, rx) = bounded(1);
        tx.try_send(Counted(drops.clone())).ok().unwrap();
        let sender = thread::spawn(move || drop(tx));
        drop(rx);
        sender.join().unwrap();
        assert_eq!(drops.load(Ordering::SeqCst), 1);
    });
}

#[test]
fn loom_a_ring_grows_from_nothing_under_a_receiver() {
    model(|| {
        let (tx, rx) = bounded(4);
        let sender = send_all(tx, 0..1);
        assert_eq!(receive_all(&rx), [0]);
        sender.join().unwrap();
    });
}

#[test]
fn loom_a_ring_grows_with_its_messages_wrapped_under_a_receiver() {
    model(|| {
        let (tx, rx) = bounded(5);
        (0..4).for_each(|n| tx.try_send(n).unwrap());
        assert_eq!(rx.try_recv(), Ok(0));
        tx.try_send(4).unwrap();
        let sender = send_all(tx, 5..6);
        assert_eq!([rx.try_recv(), rx.try_recv()], [Ok(1), Ok(2)]);
        sender.join().unwrap();
        assert_eq!(receive_all(&rx), [3, 4, 5]);
    });
}

#[test]
fn loom_two_senders_grow_a_ring_at_once() {
    model(|| {
        let (tx, rx) = bounded(4);
        let sender = send_all(tx.clone(), 1..2);
        tx.try_send(0).unwrap();
        sender.join().unwrap();
        drop(tx);
        let mut received = receive_all(&rx);
        received.sort_unstable();
        assert_eq!(received, [0, 1]);
    });
}
