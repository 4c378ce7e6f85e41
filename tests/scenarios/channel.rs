//! Queues: who waits is woken, order is kept, and their ends are seen.

use super::*;
use futures_util::{StreamExt, future::join};
use klaw::{RecvError, TryRecvError, bounded, channel::rendezvous, unbounded};
use witness::{Drops, Log, yield_a_little};

#[test]
fn a_full_queue_holds_its_sender_back_and_order_is_kept() {
    run(async |rt: Rt| {
        let (tx, rx) = bounded(2);
        let sending = rt.submit(async move {
            for n in 0..50 {
                tx.send(n).await.unwrap();
            }
        });
        let mut got = vec![];
        while let Ok(n) = rx.recv().await {
            got.push(n);
            assert!(rx.len() <= 2);
        }
        sending.unwrap().await.unwrap();
        assert_eq!(got, (0..50).collect::<Vec<_>>());
    });
}

#[test]
fn every_message_of_many_senders_reaches_one_of_many_receivers() {
    run(async |rt: Rt| {
        let (tx, rx) = bounded(3);
        for sender in 0..4 {
            let tx = tx.clone();
            rt.spawn(async move {
                for n in 0..10 {
                    tx.send(sender * 10 + n).await.unwrap();
                }
            })
            .unwrap();
        }
        drop(tx);
        let receive = || {
            let rx = rx.clone();
            rt.submit(async move { rx.into_stream().collect::<Vec<_>>().await }).unwrap()
        };
        let (one, two) = join(receive().into_future(), receive().into_future()).await;
        let mut all = [one.unwrap(), two.unwrap()].concat();
        all.sort_unstable();
        assert_eq!(all, (0..40).collect::<Vec<_>>());
    });
}

#[test]
fn a_closed_queue_is_drained_before_it_says_so() {
    run(async |rt: Rt| {
        let (tx, rx) = unbounded();
        let sending = rt.submit(async move { (0..5).for_each(|n| tx.try_send(n).unwrap()) });
        sending.unwrap().await.unwrap();
        for n in 0..5 {
            assert_eq!(rx.recv().await, Ok(n));
        }
        assert_eq!(rx.recv().await, Err(RecvError));
    });
}

#[test]
fn a_sender_that_waits_gets_its_message_back_from_a_closed_queue() {
    run(async |rt: Rt| {
        let (tx, rx) = bounded(1);
        tx.send("in").await.unwrap();
        let sending = rt.submit(async move { tx.send("back").await.unwrap_err().into_inner() });
        yield_a_little().await;
        drop(rx);
        assert_eq!(sending.unwrap().await.unwrap(), "back");
    });
}

#[test]
fn the_wake_of_a_dropped_receive_goes_on_to_the_next_in_line() {
    run(async |rt: Rt| {
        let (tx, rx) = bounded(1);
        let (first, second) = (rx.clone(), rx);
        let first = rt.submit(async move { first.recv().await }).unwrap();
        let second = rt.submit(async move { second.recv().await }).unwrap();
        yield_a_little().await;
        // Whichever of the two the message woke, the other one does not hang.
        tx.send(1).await.unwrap();
        first.cancel("too late, perhaps");
        match first.await {
            Ok(got) => {
                assert_eq!(got, Ok(1));
                tx.send(2).await.unwrap();
                assert_eq!(second.await.unwrap(), Ok(2));
            }
            Err(_) => assert_eq!(second.await.unwrap(), Ok(1)),
        }
    });
}

#[test]
fn a_rendezvous_is_over_when_the_message_was_taken() {
    run(async |rt: Rt| {
        let (log, (tx, rx)) = (Log::default(), rendezvous());
        let (noted, taken) = (log.clone(), log.clone());
        let receiving = rt.submit(async move {
            yield_a_little().await;
            taken.push("asked");
            rx.recv().await.unwrap();
        });
        tx.send(()).await.unwrap();
        noted.push("sent");
        receiving.unwrap().await.unwrap();
        assert_eq!(log.take(), ["asked", "sent"]);
    });
}

#[test]
fn a_dropped_queue_drops_what_waits_in_it() {
    run(async |rt: Rt| {
        let (drops, (tx, rx)) = (Drops::default(), bounded(4));
        for _ in 0..3 {
            tx.try_send(drops.guard()).ok().unwrap();
        }
        let holding = rt.submit(async move { rx.try_recv().map(drop) }).unwrap();
        assert_eq!(holding.await.unwrap(), Ok(()));
        assert_eq!(drops.count(), 3);
        assert!(tx.try_send(drops.guard()).is_err());
    });
}

#[test]
fn a_reserved_place_is_kept_and_given_back() {
    run(async |rt: Rt| {
        let (tx, rx) = bounded(1);
        let permit = tx.reserve().await.unwrap();
        let other = tx.clone();
        let waiting = rt.submit(async move { other.send("second").await }).unwrap();
        yield_a_little().await;
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
        permit.send("first").unwrap();
        assert_eq!((rx.recv().await, rx.recv().await), (Ok("first"), Ok("second")));
        waiting.await.unwrap().unwrap();
        drop(tx.reserve().await.unwrap());
        tx.send("third").await.unwrap();
    });
}
