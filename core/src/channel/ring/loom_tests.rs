//! Every interleaving of small programs in which receivers fetch from waiting senders.

use super::super::{
    SendError, bounded_pull,
    loom_tests::{poll_once, receive_all, send_all},
    rendezvous,
};
use core::{pin::pin, task::Poll};
use loom::{future::block_on, model, thread};
use std::{vec, vec::Vec};

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
