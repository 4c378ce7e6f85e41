//! The latest value.

use super::*;
use klaw::channel::watch;
use witness::yield_a_little;

#[test]
fn a_change_wakes_everyone_who_waits() {
    run(async |rt: Rt| {
        let (tx, rx) = watch::channel(0);
        let waiting = [rx.clone(), rx.clone(), rx].map(|mut rx| {
            let wait = async move { rx.wait_for(|n| *n == 2).await.map(|n| *n) };
            rt.submit(wait).unwrap()
        });
        yield_a_little().await;
        for n in 1..=2 {
            tx.send(n).unwrap();
            yield_a_little().await;
        }
        for seen in rt.executor().gather(waiting).await {
            assert_eq!(seen.unwrap(), Ok(2));
        }
    });
}

#[test]
fn who_comes_late_sees_the_last_value_once() {
    run(async |rt: Rt| {
        let (tx, mut rx) = watch::channel("old");
        let sending = rt.submit(async move {
            tx.send("newer").unwrap();
            tx.send("newest").unwrap();
            tx
        });
        let tx = sending.unwrap().await.unwrap();
        rx.changed().await.unwrap();
        assert_eq!(*rx.borrow_and_update(), "newest");
        assert_eq!(rx.has_changed(), Ok(false));
        drop(tx);
    });
}

#[test]
fn a_dropped_sender_wakes_who_waits() {
    run(async |rt: Rt| {
        let (tx, mut rx) = watch::channel(0);
        let waiting = rt.submit(async move { rx.changed().await.is_err() }).unwrap();
        yield_a_little().await;
        rt.spawn(async move { drop(tx) }).unwrap();
        assert!(waiting.await.unwrap());
    });
}
