//! Channels whose receivers fetch the messages of waiting senders, and those without room.

#![cfg(feature = "std")]

mod by_hand;
mod storage;

use by_hand::{ByHand, now};
use klaw::{
    Channel, Receiver, RecvError, SendError, Sender, TryRecvError, TrySendError,
    channel::{bounded_pull, rendezvous, select},
};
use storage::forever;

/// Runs `body` on the heap form and on the inline form.
fn on_both<const N: usize>(body: impl Fn(Sender<u32>, Receiver<u32>)) {
    let (tx, rx) = if N == 0 { rendezvous() } else { bounded_pull(N) };
    body(tx, rx);
    let channel = forever(Channel::<u32, N>::new_pull());
    body(channel.sender(), channel.receiver());
}

#[test]
fn a_sender_that_is_woken_is_done() {
    on_both::<1>(|tx, rx| {
        tx.try_send(1).unwrap();
        let mut second = ByHand::parked(tx.send(2));
        let mut third = ByHand::parked(tx.send(3));
        assert_eq!(rx.try_recv(), Ok(1));
        assert!(second.is_woken() && !third.is_woken());
        assert_eq!(rx.len(), 1, "the message of the sender that waited is in");
        assert_eq!(second.ready(), Ok(()));
        assert_eq!([rx.try_recv(), rx.try_recv()], [Ok(2), Ok(3)]);
        assert_eq!(third.ready(), Ok(()));
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    });
}

#[test]
fn a_newcomer_cannot_overtake_those_who_wait() {
    on_both::<2>(|tx, rx| {
        tx.try_send(1).unwrap();
        tx.try_send(2).unwrap();
        let _waiting = ByHand::parked(tx.send(3));
        assert_eq!(rx.try_recv(), Ok(1));
        assert_eq!(tx.try_send(9), Err(TrySendError::Full(9)));
        assert_eq!([rx.try_recv(), rx.try_recv()], [Ok(2), Ok(3)]);
    });
}

#[test]
fn cancel_tells_whether_it_was_sent() {
    on_both::<1>(|tx, rx| {
        tx.try_send(1).unwrap();
        let mut second = Box::pin(tx.send(2));
        let mut third = Box::pin(tx.send(3));
        assert!(now(second.as_mut()).is_none());
        assert!(now(third.as_mut()).is_none());
        assert_eq!(rx.try_recv(), Ok(1));
        assert_eq!(second.as_mut().cancel(), None, "fetched");
        assert_eq!(third.as_mut().cancel(), Some(3));
        assert_eq!(rx.try_recv(), Ok(2));
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    });
}

#[test]
fn without_room_a_sender_waits_for_a_receiver() {
    on_both::<0>(|tx, rx| {
        let mut send = ByHand::parked(tx.send(1));
        assert_eq!((tx.len(), tx.capacity()), (0, 0));
        assert_eq!(rx.try_recv(), Ok(1));
        assert!(send.is_woken());
        assert_eq!(send.ready(), Ok(()));
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    });
}

#[test]
fn without_room_a_receiver_waits_for_a_sender() {
    on_both::<0>(|tx, rx| {
        let mut recv = ByHand::parked(rx.recv());
        assert_eq!(tx.try_send(9), Err(TrySendError::Full(9)));
        let mut send = ByHand::parked(tx.send(1));
        assert!(recv.is_woken());
        assert_eq!(recv.ready(), Ok(1));
        assert_eq!(send.ready(), Ok(()));
    });
}

#[test]
fn without_room_each_offer_finds_a_receiver_of_its_own() {
    on_both::<0>(|tx, rx| {
        let mut recvs = [ByHand::parked(rx.recv()), ByHand::parked(rx.recv())];
        let sends = [ByHand::parked(tx.send(1)), ByHand::parked(tx.send(2))];
        assert!(recvs.iter().all(ByHand::is_woken));
        assert_eq!(recvs.each_mut().map(ByHand::ready), [Ok(1), Ok(2)]);
        assert!(sends.iter().all(ByHand::is_woken));
    });
}

#[test]
fn without_room_an_offer_that_is_withdrawn_reaches_nobody() {
    on_both::<0>(|tx, rx| {
        let mut recv = ByHand::parked(rx.recv());
        drop(ByHand::parked(tx.send(1)));
        assert!(recv.poll().is_pending());
        let polls = recv.wakes();
        let mut send = ByHand::parked(tx.send(2));
        assert_eq!(recv.wakes(), polls + 1);
        assert_eq!(recv.ready(), Ok(2));
        assert_eq!(send.ready(), Ok(()));
    });
}

#[test]
fn without_room_a_woken_receiver_that_is_dropped_passes_its_wake_on() {
    on_both::<0>(|tx, rx| {
        let first = ByHand::parked(rx.recv());
        let mut second = ByHand::parked(rx.recv());
        let _send = ByHand::parked(tx.send(1));
        assert!(first.is_woken() && !second.is_woken());
        drop(first);
        assert!(second.is_woken());
        assert_eq!(second.ready(), Ok(1));
    });
}

#[test]
fn without_room_idle_ends_use_no_cpu() {
    on_both::<0>(|tx, rx| {
        let idle = [ByHand::parked(rx.recv()), ByHand::parked(rx.recv())];
        assert_eq!(idle.each_ref().map(ByHand::wakes), [0, 0]);
        drop(idle);
        let idle = [ByHand::parked(tx.send(1)), ByHand::parked(tx.send(2))];
        assert_eq!(idle.each_ref().map(ByHand::wakes), [0, 0]);
        let reserve = ByHand::parked(tx.reserve());
        assert_eq!(rx.try_recv(), Ok(1));
        assert_eq!(reserve.wakes(), 0);
    });
}

#[test]
fn closing_gives_the_messages_of_waiting_senders_back() {
    fn check(tx: &Sender<u32>, rx: &Receiver<u32>) {
        while tx.try_send(0).is_ok() {}
        let mut send = ByHand::parked(tx.send(7));
        let mut reserve = ByHand::parked(tx.reserve());
        rx.close();
        while rx.try_recv() == Ok(0) {}
        assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
        assert_eq!(send.ready(), Err(SendError(7)));
        assert!(reserve.ready().is_err());
        assert_eq!(now(rx.recv()), Some(Err(RecvError)));
    }
    on_both::<0>(|tx, rx| check(&tx, &rx));
    on_both::<3>(|tx, rx| check(&tx, &rx));
}

#[test]
fn batches_and_selects_fetch_too() {
    on_both::<1>(|tx, rx| {
        tx.try_send(0).unwrap();
        let mut sends: Vec<_> = (1..5).map(|message| ByHand::parked(tx.send(message))).collect();
        let mut batch = vec![];
        assert_eq!(now(rx.recv_many(&mut batch, 1)), Some(Ok(1)));
        assert_eq!(now(rx.recv_many(&mut batch, 10)), Some(Ok(1)), "as many as were in");
        assert_eq!(now(select([&rx])), Some(Ok((0, 2))));
        assert_eq!(sends.iter_mut().filter(|send| send.is_woken()).count(), 3);
        assert_eq!(batch, [0, 1]);
    });
    on_both::<0>(|tx, rx| {
        let mut first = ByHand::parked(select([&rx]));
        let _send = ByHand::parked(tx.send(1));
        assert_eq!(first.ready(), Ok((0, 1)));
    });
}

#[test]
fn order_is_that_of_arrival_through_many_laps() {
    on_both::<3>(|tx, rx| {
        let mut sends: Vec<_> = (0..50).map(|message| ByHand::new(tx.send(message))).collect();
        let waiting =
            sends.iter_mut().filter_map(|send| send.poll().is_pending().then_some(())).count();
        assert_eq!(waiting, 47);
        let received: Vec<_> = std::iter::from_fn(|| rx.try_recv().ok()).collect();
        assert!(received.into_iter().eq(0..50));
    });
}

#[test]
fn dropped_with_senders_waiting_every_message_is_dropped_once() {
    let counter = std::rc::Rc::new(());
    let (tx, rx) = klaw::channel::local::rendezvous();
    let mut send = ByHand::parked(tx.send(counter.clone()));
    let mut other = ByHand::parked(tx.send(counter.clone()));
    drop(rx.try_recv().unwrap());
    assert_eq!(std::rc::Rc::strong_count(&counter), 2);
    drop(rx);
    assert!(send.ready().is_ok() && other.ready().is_err());
    drop((send, other));
    assert_eq!(std::rc::Rc::strong_count(&counter), 1);
}
