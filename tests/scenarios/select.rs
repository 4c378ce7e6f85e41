//! Receiving from several queues at once.

use super::*;
use core::time::Duration;
use klaw::{
    RecvError, bounded,
    channel::{Either, select, select_timeout},
};

#[test]
fn whichever_has_a_message_wakes_the_select() {
    run(async |rt: Rt| {
        let ((one, one_rx), (two, two_rx)) = (bounded::<u8>(1), bounded::<&str>(1));
        let selecting = rt.submit(async move {
            let first = select((&one_rx, &two_rx)).await;
            (first, select((&one_rx, &two_rx)).await)
        });
        two.send("two").await.unwrap();
        drop(two);
        one.send(1).await.unwrap();
        let (first, second) = selecting.unwrap().await.unwrap();
        let mut got = [first.unwrap(), second.unwrap()];
        got.sort_by_key(|either| matches!(either, Either::Second(_)));
        assert!(matches!(got, [Either::First(1), Either::Second("two")]));
    });
}

#[test]
fn a_select_over_closed_queues_ends() {
    run(async |rt: Rt| {
        let ((one, one_rx), (two, two_rx)) = (bounded::<u8>(1), bounded::<u8>(1));
        let selecting = rt.submit(async move { select([&one_rx, &two_rx]).await }).unwrap();
        rt.spawn(async move { drop(two) }).unwrap();
        rt.spawn(async move { drop(one) }).unwrap();
        assert_eq!(selecting.await.unwrap(), Err(RecvError));
    });
}

#[test]
fn a_select_gives_up_in_time_and_loses_nothing() {
    run(async |rt: Rt| {
        let (tx, rx) = bounded::<u8>(1);
        let limit = Duration::from_millis(2);
        assert!(select_timeout(rt.clock(), limit, [&rx]).await.is_err());
        tx.send(3).await.unwrap();
        assert_eq!(select([&rx]).await, Ok((0, 3)));
    });
}
