//! Every interleaving of small programs on what a ring can do besides sending and receiving.

use super::super::{
    RecvError, SendError, TryRecvError, TrySendError, bounded, bounded_pull,
    loom_tests::{Counted, poll_once, receive_all, send_all},
    rendezvous,
};
use core::{
    pin::pin,
    sync::atomic::{AtomicUsize, Ordering},
    task::Poll,
};
use loom::{future::block_on, model, thread};
use std::{vec, vec::Vec};

/// A permit is sent while a receiver and another sender wait for what it takes.
#[test]
fn loom_a_permit_is_sent_while_a_sender_waits_for_its_room() {
    model(|| {
        let (tx, rx) = bounded(1);
        let permit = tx.try_reserve().unwrap();
        let sender = send_all(tx.clone(), 1..2);
        let receiver = thread::spawn(move || [block_on(rx.recv()), block_on(rx.recv())]);
        permit.send(0).unwrap();
        sender.join().unwrap();
        assert_eq!(receiver.join().unwrap(), [Ok(0), Ok(1)]);
    });
}

/// A sender that parks while a permit becomes a message never counts it twice (R6): nobody would
/// wake it for the room that was there all the time.
#[test]
fn loom_a_permit_that_becomes_a_message_is_not_counted_twice() {
    model(|| {
        let (tx, rx) = bounded(2);
        tx.try_send(0).unwrap();
        let permit = tx.try_reserve().unwrap();
        let sender = send_all(tx.clone(), 2..3);
        assert_eq!(rx.try_recv(), Ok(0));
        permit.send(1).unwrap();
        sender.join().unwrap();
        let mut received = vec![rx.try_recv().unwrap(), rx.try_recv().unwrap()];
        received.sort_unstable();
        assert_eq!(received, [1, 2]);
    });
}

#[test]
fn loom_a_permit_is_dropped_while_a_sender_waits() {
    model(|| {
        let (tx, rx) = bounded(1);
        let permit = tx.try_reserve().unwrap();
        let sender = send_all(tx.clone(), 7..8);
        drop(permit);
        sender.join().unwrap();
        assert_eq!(rx.try_recv(), Ok(7));
    });
}

#[test]
fn loom_a_permit_against_a_close() {
    model(|| {
        let (tx, rx) = bounded(1);
        let permit = tx.try_reserve().unwrap();
        let receiver = thread::spawn(move || {
            rx.close();
            block_on(rx.recv())
        });
        let sent = permit.send(1u32);
        assert_eq!(receiver.join().unwrap().is_ok(), sent.is_ok(), "neither lost nor made up");
    });
}

#[test]
fn loom_a_forced_send_against_a_recv() {
    model(|| {
        let (tx, rx) = bounded(1);
        tx.try_send(0).unwrap();
        let receiver = {
            let rx = rx.clone();
            thread::spawn(move || rx.try_recv())
        };
        let replaced = tx.force_send(1);
        let received = receiver.join().unwrap();
        let left = rx.try_recv();
        let empty = Err(TryRecvError::Empty);
        match replaced {
            Ok(None) => assert_eq!((received, left), (Ok(0), Ok(1))),
            Ok(Some(0)) => assert!((received, left) == (Ok(1), empty) || left == Ok(1)),
            other => panic!("{other:?}"),
        }
    });
}

#[test]
fn loom_a_forced_send_wakes_the_receiver_that_waits() {
    model(|| {
        let (tx, rx) = bounded(1);
        let receiver = thread::spawn(move || [block_on(rx.recv()), block_on(rx.recv())]);
        let mut replaced = vec![];
        for n in 0..2u32 {
            replaced.extend(tx.force_send(n).unwrap());
        }
        drop(tx);
        let received = receiver.join().unwrap();
        if replaced.is_empty() {
            assert_eq!(received, [Ok(0), Ok(1)]);
        } else {
            assert_eq!((replaced, received), (vec![0], [Ok(1), Err(RecvError)]));
        }
    });
}

/// It takes both locks, as growing does, and finds the ring at either size.
#[test]
fn loom_a_forced_send_against_a_recv_and_growth() {
    model(|| {
        let (tx, rx) = bounded(5);
        (0..4).for_each(|n| tx.try_send(n).unwrap());
        let forcing = {
            let tx = tx.clone();
            thread::spawn(move || tx.force_send(4).unwrap())
        };
        let sender = thread::spawn(move || tx.try_send(5));
        let first = rx.try_recv();
        let oldest = forcing.join().unwrap();
        let sent = sender.join().unwrap();
        let mut received: Vec<_> = first.ok().into_iter().chain(oldest).collect();
        received.extend(core::iter::from_fn(|| rx.try_recv().ok()));
        assert!(sent.is_ok() || sent == Err(TrySendError::Full(5)));
        received.sort_unstable();
        assert_eq!(received, (0..if sent.is_ok() { 6 } else { 5 }).collect::<Vec<_>>());
    });
}

#[test]
fn loom_a_peek_ends_while_a_receiver_waits() {
    model(|| {
        let (tx, rx) = bounded(1);
        tx.try_send(1).unwrap();
        let peek = rx.peek().unwrap();
        let receiver = {
            let rx = rx.clone();
            thread::spawn(move || block_on(rx.recv()))
        };
        assert_eq!(*peek, 1);
        drop(peek);
        assert_eq!(receiver.join().unwrap(), Ok(1));
        drop(tx);
    });
}

/// The wake of the message that comes meanwhile may be spent on a receiver that has to park again.
#[test]
fn loom_a_peek_takes_its_message_while_another_comes() {
    model(|| {
        let (tx, rx) = bounded(2);
        tx.try_send(1).unwrap();
        let peek = rx.peek().unwrap();
        let receiver = {
            let rx = rx.clone();
            thread::spawn(move || block_on(rx.recv()))
        };
        let sender = thread::spawn(move || tx.try_send(2).unwrap());
        assert_eq!(peek.recv(), 1);
        sender.join().unwrap();
        assert_eq!(receiver.join().unwrap(), Ok(2));
    });
}

#[test]
fn loom_a_close_during_a_peek_ends_every_receiver() {
    model(|| {
        let (tx, rx) = bounded(1);
        tx.try_send(1).unwrap();
        let peek = rx.peek().unwrap();
        let receiver = {
            let rx = rx.clone();
            thread::spawn(move || block_on(rx.recv()))
        };
        let closer = thread::spawn(move || drop(tx));
        assert_eq!(peek.recv(), 1);
        assert_eq!(receiver.join().unwrap(), Err(RecvError));
        closer.join().unwrap();
    });
}

#[test]
fn loom_a_batch_wakes_both_senders_that_wait() {
    model(|| {
        let (tx, rx) = bounded(2);
        (0..2).for_each(|n| tx.try_send(n).unwrap());
        let senders = [send_all(tx.clone(), 2..3), send_all(tx, 3..4)];
        let mut received = vec![];
        assert_eq!(block_on(rx.recv_many(&mut received, 2)), Ok(2));
        senders.into_iter().for_each(|sender| sender.join().unwrap());
        while block_on(rx.recv_many(&mut received, 2)).is_ok() {}
        received[2..].sort_unstable();
        assert_eq!(received, [0, 1, 2, 3]);
    });
}

/// The smaller memory takes the place of the larger one while messages come.
#[test]
fn loom_a_ring_shrinks_under_a_sender() {
    let mut long = loom::model::Builder::new();
    long.max_branches = 10_000; // most of them before there is a second thread
    long.check(|| {
        let (tx, rx) = bounded(64);
        (0..33).for_each(|n| tx.try_send(n).unwrap()); // more than stay for good
        assert_eq!(block_on(rx.recv_many(&mut vec![], 33)), Ok(33));
        for n in 0..4 {
            assert!(poll_once(pin!(rx.recv())).is_pending());
            tx.try_send(n).unwrap();
            assert_eq!(rx.try_recv(), Ok(n));
        }
        assert_eq!(tx.allocated(), 64, "it is due the next time that it is found empty");
        let sender = send_all(tx.clone(), 7..9);
        let first = match poll_once(pin!(rx.recv())) {
            Poll::Ready(first) => first,
            Poll::Pending => block_on(rx.recv()),
        };
        assert_eq!([first, block_on(rx.recv())], [Ok(7), Ok(8)]);
        sender.join().unwrap();
    });
}

#[test]
fn loom_the_last_sender_goes_while_a_weak_one_is_upgraded() {
    model(|| {
        let (tx, rx) = bounded::<u32>(1);
        let weak = tx.downgrade();
        let upgrading = thread::spawn(move || {
            weak.upgrade().map(|tx| {
                tx.try_send(7).expect("a sender keeps the channel open");
            })
        });
        drop(tx);
        let received = block_on(rx.recv());
        let upgraded = upgrading.join().unwrap();
        assert_eq!(received.ok(), upgraded.map(|()| 7));
    });
}

#[test]
fn loom_a_sender_is_cloned_while_another_goes() {
    model(|| {
        let (tx, rx) = bounded::<u32>(1);
        let other = tx.clone();
        let cloning = thread::spawn(move || {
            let another = tx.clone();
            drop(tx);
            assert_eq!(another.try_send(7), Ok(()));
        });
        drop(other);
        assert_eq!([block_on(rx.recv()), block_on(rx.recv())], [Ok(7), Err(RecvError)]);
        cloning.join().unwrap();
    });
}

#[test]
fn loom_the_last_receiver_goes_while_a_weak_one_is_upgraded() {
    model(|| {
        let drops = std::sync::Arc::new(AtomicUsize::new(0));
        let (tx, rx) = bounded(1);
        tx.try_send(Counted(drops.clone())).ok().unwrap();
        let weak = rx.downgrade();
        let upgrading = thread::spawn(move || {
            weak.upgrade()
                .map(|rx| rx.try_recv().is_ok_and(|message| message.0.load(Ordering::SeqCst) == 0))
        });
        drop(rx);
        assert_ne!(upgrading.join().unwrap(), Some(false), "a receiver keeps the messages");
        assert_eq!((drops.load(Ordering::SeqCst), tx.is_closed()), (1, true));
    });
}

/// Cancelled before, after, or while it is woken: whatever it was woken for goes on.
#[test]
fn loom_a_send_cancelled_while_it_is_woken() {
    model(|| {
        let (tx, rx) = bounded(1);
        tx.try_send(1u32).unwrap();
        let mut cancelled = pin!(tx.send(2));
        assert_eq!(poll_once(cancelled.as_mut()), Poll::Pending);
        let behind = {
            let tx = tx.clone();
            thread::spawn(move || block_on(tx.send(3)))
        };
        let receiver = thread::spawn(move || [block_on(rx.recv()), block_on(rx.recv())]);
        assert_eq!(cancelled.as_mut().cancel(), Some(2));
        assert_eq!(behind.join().unwrap(), Ok(()));
        assert_eq!(receiver.join().unwrap(), [Ok(1), Ok(3)]);
    });
}

#[test]
fn loom_a_receiver_fetches_from_waiting_senders() {
    model(|| {
        let (tx, rx) = bounded_pull(1);
        let senders = [send_all(tx.clone(), 0..1), send_all(tx, 1..2)];
        let mut received = receive_all(&rx);
        received.sort_unstable();
        assert_eq!(received, [0, 1]);
        for sender in senders {
            sender.join().unwrap();
        }
    });
}

#[test]
fn loom_a_receiver_fetches_in_order() {
    model(|| {
        let (tx, rx) = bounded_pull(1);
        let sender = send_all(tx, 0..3);
        assert_eq!(receive_all(&rx), [0, 1, 2]);
        sender.join().unwrap();
    });
}

#[test]
fn loom_hand_to_hand() {
    model(|| {
        let (tx, rx) = rendezvous();
        let sender = send_all(tx, 0..2);
        assert_eq!(receive_all(&rx), [0, 1]);
        sender.join().unwrap();
    });
}

#[test]
fn loom_hand_to_hand_with_two_receivers() {
    model(|| {
        let (tx, rx) = rendezvous();
        let sender = send_all(tx, 0..1);
        let other = {
            let rx = rx.clone();
            thread::spawn(move || block_on(rx.recv()).ok())
        };
        let received = [block_on(rx.recv()).ok(), other.join().unwrap()];
        assert_eq!(received.into_iter().flatten().collect::<Vec<_>>(), [0]);
        sender.join().unwrap();
    });
}

#[test]
fn loom_an_offer_withdrawn_is_given_back_or_received() {
    model(|| {
        let (tx, rx) = rendezvous();
        let receiver = thread::spawn(move || receive_all(&rx));
        let kept = {
            let mut send = pin!(tx.send(7));
            match poll_once(send.as_mut()) {
                Poll::Ready(sent) => sent.map_or(Some(7), |()| None),
                Poll::Pending => send.cancel(),
            }
        };
        drop(tx);
        let received = receiver.join().unwrap();
        assert_eq!(received, kept.map_or(vec![7], |_| vec![]));
    });
}

#[test]
fn loom_close_against_an_offer() {
    model(|| {
        let (tx, rx) = rendezvous();
        let sender = thread::spawn(move || block_on(tx.send(7)).map_err(SendError::into_inner));
        let received = rx.try_recv().ok();
        rx.close();
        let received = received.or(rx.try_recv().ok());
        assert_eq!(sender.join().unwrap(), received.map_or(Err(7), |_| Ok(())));
    });
}
