//! Every interleaving of small programs on one pair, in the weak memory model of loom.

use super::{Oneshot, Receiver, Sender, channel};
use crate::channel::{RecvError, SendError, TryRecvError};
use core::{
    mem::ManuallyDrop,
    pin::Pin,
    sync::atomic::{AtomicUsize as Unseen, Ordering},
    task::{Context, Poll, Waker},
};
use loom::{future::block_on, model, thread};
use std::{boxed::Box, sync::Arc, task::Wake};

/// A value that counts how often it was dropped, unseen by loom, and is an allocation of its own.
struct Counted(Arc<Unseen>, #[allow(dead_code, reason = "owned, so that a leak shows")] Box<u8>);

impl Counted {
    fn new() -> (Self, Arc<Unseen>) {
        let drops = Arc::new(Unseen::new(0));
        (Self(drops.clone(), Box::new(7)), drops)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// A task that counts its wakes, unseen by loom.
#[derive(Default)]
struct Task(Unseen);

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Task {
    fn poll<F: Future + Unpin>(self: &Arc<Self>, future: &mut F) -> Poll<F::Output> {
        Pin::new(future).poll(&mut Context::from_waker(&Waker::from(self.clone())))
    }

    fn wakes(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

fn send<T: Send + 'static>(
    tx: Sender<T>,
    value: T,
) -> thread::JoinHandle<Result<(), SendError<T>>> {
    thread::spawn(move || tx.send(value))
}

fn drop_there<T: Send + 'static>(value: T) -> thread::JoinHandle<()> {
    thread::spawn(move || drop(value))
}

#[test]
fn loom_a_value_sent_is_received() {
    model(|| {
        let (tx, rx) = channel();
        let sender = send(tx, Box::new(7));
        assert_eq!(block_on(rx), Ok(Box::new(7)));
        assert_eq!(sender.join().unwrap(), Ok(()));
    });
}

/// Freed by the receiver at once, or by the sender that is still taking the waker out.
#[test]
fn loom_a_value_is_taken_by_a_task_that_did_not_wait_for_its_wake() {
    model(|| {
        let (tx, mut rx) = channel();
        let task = Arc::<Task>::default();
        assert!(task.poll(&mut rx).is_pending());
        let sender = send(tx, Box::new(7));
        let received = task.poll(&mut rx);
        assert_eq!(sender.join().unwrap(), Ok(()));
        assert_eq!(task.wakes(), 1);
        if received.is_pending() {
            assert_eq!(task.poll(&mut rx), Poll::Ready(Ok(Box::new(7))));
        }
    });
}

#[test]
fn loom_a_value_is_dropped_once_if_the_receiver_is_dropped() {
    for polled in [false, true] {
        model(move || {
            let (tx, mut rx) = channel();
            let (value, drops) = Counted::new();
            let task = Arc::<Task>::default();
            if polled {
                assert!(task.poll(&mut rx).is_pending());
            }
            let sender = send(tx, value);
            drop(rx);
            drop(sender.join().unwrap());
            assert_eq!(drops.load(Ordering::SeqCst), 1);
            assert_eq!(Arc::strong_count(&task), 1, "its waker is let go");
        });
    }
}

#[test]
fn loom_a_sender_dropped_wakes_the_receiver() {
    model(|| {
        let (tx, rx) = channel::<u32>();
        let sender = drop_there(tx);
        assert_eq!(block_on(rx), Err(RecvError));
        sender.join().unwrap();
    });
}

#[test]
fn loom_both_ends_dropped_at_once() {
    for polled in [false, true] {
        model(move || {
            let (mut tx, mut rx) = channel::<u32>();
            let task = Arc::<Task>::default();
            if polled {
                assert!(task.poll(&mut rx).is_pending());
                // Leaked, so that its waker is still there.
                assert!(task.poll(&mut *ManuallyDrop::new(tx.closed())).is_pending());
            }
            let sender = drop_there(tx);
            drop(rx);
            sender.join().unwrap();
            assert_eq!(Arc::strong_count(&task), 1);
        });
    }
}

#[test]
fn loom_a_receiver_dropped_wakes_the_sender_that_waits() {
    model(|| {
        let (mut tx, mut rx) = channel();
        let task = Arc::<Task>::default();
        assert!(task.poll(&mut rx).is_pending());
        let receiver = drop_there(rx);
        block_on(tx.closed());
        assert_eq!(tx.send(7), Err(SendError(7)));
        receiver.join().unwrap();
    });
}

#[test]
fn loom_a_receiver_closed_wakes_the_sender_that_waits() {
    model(|| {
        let (mut tx, mut rx) = channel::<u32>();
        let receiver = thread::spawn(move || {
            rx.close();
            assert_eq!(block_on(rx), Err(RecvError));
        });
        block_on(tx.closed());
        drop(tx);
        receiver.join().unwrap();
    });
}

#[test]
fn loom_both_ends_wait_and_each_is_woken() {
    model(|| {
        let (mut tx, mut rx) = channel();
        let waits = Arc::<Task>::default();
        let mut closed = tx.closed();
        assert!(waits.poll(&mut closed).is_pending());
        let receiver = thread::spawn(move || {
            let task = Arc::<Task>::default();
            let early = task.poll(&mut rx);
            drop(rx);
            early
        });
        let done = waits.poll(&mut closed).is_ready();
        drop(closed);
        match tx.send(Box::new(7)) {
            Ok(()) => assert!(!done),
            Err(SendError(value)) => assert_eq!(*value, 7),
        }
        let early = receiver.join().unwrap();
        assert!(early.is_pending() || early == Poll::Ready(Ok(Box::new(7))));
        assert_eq!(Arc::strong_count(&waits), 1);
    });
}

/// The place of the sender's waker and of the value are one.
#[test]
fn loom_a_wait_for_the_receiver_given_up_while_it_is_dropped() {
    model(|| {
        let (mut tx, rx) = channel();
        let waits = Arc::<Task>::default();
        let mut closed = tx.closed();
        assert!(waits.poll(&mut closed).is_pending());
        let receiver = drop_there(rx);
        drop(closed);
        let (value, drops) = Counted::new();
        drop(tx.send(value));
        receiver.join().unwrap();
        assert_eq!(drops.load(Ordering::SeqCst), 1);
        assert_eq!(Arc::strong_count(&waits), 1);
    });
}

#[test]
fn loom_a_value_sent_over_a_leaked_wait_while_the_receiver_is_dropped() {
    model(|| {
        let (mut tx, rx) = channel();
        let waits = Arc::<Task>::default();
        assert!(waits.poll(&mut *ManuallyDrop::new(tx.closed())).is_pending());
        let receiver = drop_there(rx);
        let (value, drops) = Counted::new();
        drop(tx.send(value));
        receiver.join().unwrap();
        assert_eq!(drops.load(Ordering::SeqCst), 1);
        assert_eq!(Arc::strong_count(&waits), 1);
    });
}

#[test]
fn loom_a_wait_for_the_receiver_by_another_task_while_it_is_dropped() {
    model(|| {
        let (mut tx, rx) = channel::<u32>();
        let (old, new) = (Arc::<Task>::default(), Arc::<Task>::default());
        let mut closed = tx.closed();
        assert!(old.poll(&mut closed).is_pending());
        let receiver = drop_there(rx);
        let done = new.poll(&mut closed).is_ready();
        receiver.join().unwrap();
        assert!(done || new.wakes() == 1);
        assert!(new.poll(&mut closed).is_ready());
    });
}

#[test]
fn loom_a_receiver_polled_by_another_task_while_the_value_is_sent() {
    model(|| {
        let (tx, mut rx) = channel();
        let (old, new) = (Arc::<Task>::default(), Arc::<Task>::default());
        assert!(old.poll(&mut rx).is_pending());
        let sender = send(tx, Box::new(7));
        let received = new.poll(&mut rx);
        assert_eq!(sender.join().unwrap(), Ok(()));
        if received.is_pending() {
            assert_eq!((old.wakes(), new.wakes()), (0, 1));
            assert_eq!(new.poll(&mut rx), Poll::Ready(Ok(Box::new(7))));
        }
        assert_eq!((Arc::strong_count(&old), Arc::strong_count(&new)), (1, 1));
    });
}

#[test]
fn loom_a_receiver_polled_by_another_task_while_the_sender_is_dropped() {
    model(|| {
        let (tx, mut rx) = channel::<u32>();
        let (old, new) = (Arc::<Task>::default(), Arc::<Task>::default());
        assert!(old.poll(&mut rx).is_pending());
        let sender = drop_there(tx);
        let received = new.poll(&mut rx);
        sender.join().unwrap();
        assert!(received == Poll::Ready(Err(RecvError)) || new.wakes() == 1);
    });
}

#[test]
fn loom_try_recv_while_the_value_is_sent() {
    model(|| {
        let (tx, mut rx) = channel();
        let sender = send(tx, Box::new(7));
        let early = rx.try_recv();
        assert_eq!(sender.join().unwrap(), Ok(()));
        match early {
            Ok(value) => assert_eq!(*value, 7),
            Err(TryRecvError::Empty) => assert_eq!(rx.try_recv(), Ok(Box::new(7))),
            Err(TryRecvError::Closed) => panic!("the sender sends"),
        }
        assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    });
}

#[test]
fn loom_close_while_the_value_is_sent() {
    for polled in [false, true] {
        model(move || {
            let (tx, mut rx) = channel();
            let task = Arc::<Task>::default();
            if polled {
                assert!(task.poll(&mut rx).is_pending());
            }
            let sender = send(tx, Box::new(7));
            rx.close();
            assert!(rx.is_closed());
            let received = rx.try_recv();
            match sender.join().unwrap() {
                Ok(()) => assert_eq!(received, Ok(Box::new(7))),
                Err(SendError(value)) => {
                    assert_eq!(received, Err(TryRecvError::Closed));
                    assert_eq!(*value, 7);
                }
            }
            assert_eq!(task.wakes(), usize::from(polled));
        });
    }
}

fn room() -> &'static Oneshot<Box<u32>> {
    // Leaked: a few bytes for each interleaving.
    Box::leak(Box::new(Oneshot::new()))
}

fn in_use<T: 'static>(room: &'static Oneshot<T>) -> (Sender<T>, Receiver<T>) {
    loop {
        match room.channel() {
            Some(pair) => return pair,
            None => thread::yield_now(),
        }
    }
}

/// The next pair is made while the ends of the one before leave.
#[test]
fn loom_a_slot_is_used_again() {
    model(|| {
        let room = room();
        let (tx, rx) = in_use(room);
        let sender = send(tx, Box::new(1));
        let first = block_on(rx);
        // The sender may still be on its way out.
        let (tx, mut rx) = in_use(room);
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
        tx.send(Box::new(2)).unwrap();
        assert_eq!(first, Ok(Box::new(1)));
        assert_eq!(sender.join().unwrap(), Ok(()));
        assert_eq!(rx.try_recv(), Ok(Box::new(2)));
        assert!(!room.is_in_use());
    });
}

/// Whoever is last frees it, also the sender that was still taking the waker out.
#[test]
fn loom_a_slot_is_free_whichever_end_leaves_last() {
    for received in [false, true] {
        model(move || {
            let room = room();
            let (tx, mut rx) = in_use(room);
            let task = Arc::<Task>::default();
            assert!(task.poll(&mut rx).is_pending());
            let sender = send(tx, Box::new(1));
            if received {
                let _ = rx.try_recv();
            }
            drop(rx);
            drop(sender.join().unwrap());
            assert!(!room.is_in_use());
        });
    }
}

#[test]
fn loom_two_ask_for_a_slot_and_one_gets_it() {
    model(|| {
        let room = room();
        let (tx, mut rx) = in_use(room);
        let other = thread::spawn(move || {
            let Some((tx, mut rx)) = room.channel() else { return };
            assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
            tx.send(Box::new(2)).unwrap();
            assert_eq!(rx.try_recv(), Ok(Box::new(2)));
        });
        tx.send(Box::new(1)).unwrap();
        assert_eq!(rx.try_recv(), Ok(Box::new(1)));
        other.join().unwrap();
        assert!(!room.is_in_use());
    });
}
