//! Every message for every receiver.

use super::*;
use klaw::channel::broadcast::{self, Overflow, RecvError};

#[test]
fn every_receiver_gets_every_message_in_order() {
    run(async |rt: Rt| {
        let (tx, rx) = broadcast::channel(2, Overflow::Backpressure);
        let receiving = [rx.clone(), rx].map(|mut rx| {
            let receive = async move {
                let mut got = vec![];
                while let Ok(n) = rx.recv().await {
                    got.push(n);
                }
                got
            };
            rt.submit(receive).unwrap()
        });
        for n in 0..20 {
            tx.send(n).await.unwrap();
        }
        drop(tx);
        for got in rt.executor().gather(receiving).await {
            assert_eq!(got.unwrap(), (0..20).collect::<Vec<_>>());
        }
    });
}

#[test]
fn who_lags_is_told_how_much_was_missed() {
    run(async |rt: Rt| {
        let (tx, mut rx) = broadcast::channel(2, Overflow::Lag);
        let sending = rt.submit(async move {
            for n in 0..5 {
                tx.send(n).await.unwrap();
            }
        });
        sending.unwrap().await.unwrap();
        let mut got = vec![];
        for _ in 0..4 {
            got.push(rx.recv().await);
        }
        assert_eq!(got, [Err(RecvError::Lagged(3)), Ok(3), Ok(4), Err(RecvError::Closed)]);
    });
}

#[test]
fn a_sender_that_is_held_back_goes_on_when_the_slow_receiver_is_gone() {
    run(async |rt: Rt| {
        let (tx, rx) = broadcast::channel(1, Overflow::Backpressure);
        let mut fast = rx.clone();
        tx.send(1).await.unwrap();
        let sending = rt.submit(async move { tx.send(2).await }).unwrap();
        assert_eq!(fast.recv().await, Ok(1));
        rt.spawn(async move { drop(rx) }).unwrap();
        assert_eq!(fast.recv().await, Ok(2));
        assert!(sending.await.unwrap().is_ok());
    });
}
