//! One value, once.

use super::*;
use klaw::{RecvError, channel::oneshot};
use witness::{Drops, yield_a_little};

#[test]
fn the_value_wakes_who_waits() {
    run(async |rt: Rt| {
        let (tx, rx) = oneshot::channel();
        let waiting = rt.submit(rx).unwrap();
        yield_a_little().await;
        rt.spawn(async move { tx.send(7).unwrap() }).unwrap();
        assert_eq!(waiting.await.unwrap(), Ok(7));
    });
}

#[test]
fn a_dropped_sender_wakes_who_waits() {
    run(async |rt: Rt| {
        let (tx, rx) = oneshot::channel::<u8>();
        let waiting = rt.submit(rx).unwrap();
        yield_a_little().await;
        rt.spawn(async move { drop(tx) }).unwrap();
        assert_eq!(waiting.await.unwrap(), Err(RecvError));
    });
}

#[test]
fn a_dropped_receiver_is_seen_and_gives_the_value_back() {
    run(async |rt: Rt| {
        let (drops, (mut tx, rx)) = (Drops::default(), oneshot::channel());
        let value = drops.guard();
        let sending = rt.submit(async move {
            tx.closed().await;
            tx.send(value).unwrap_err().into_inner()
        });
        rt.spawn(async move { drop(rx) }).unwrap();
        let back = sending.unwrap().await.unwrap();
        assert_eq!(drops.count(), 0);
        drop(back);
    });
}
