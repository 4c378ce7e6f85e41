//! Threads without an executor at both ends. No test waits for a time to pass but for those that
//! test just that, and none asserts how long anything took.

#![cfg(feature = "std")]

mod block_on;

use block_on::block_on;
use core::time::Duration;
use klaw::{
    RecvError, SendError, bounded,
    channel::{RecvTimeoutError, SendTimeoutError, unbounded},
};
use std::{thread, time::Instant};

const MESSAGES: u32 = if cfg!(miri) { 20 } else { 2_000 };
const SHORT: Duration = Duration::from_millis(1);

#[test]
fn what_need_not_wait_does_not_block() {
    let (tx, rx) = bounded(2);
    assert_eq!(tx.send_blocking(1), Ok(()));
    assert_eq!(tx.send_blocking_timeout(Duration::ZERO, 2), Ok(()));
    assert_eq!(rx.recv_blocking(), Ok(1));
    assert_eq!(rx.recv_blocking_timeout(Duration::ZERO), Ok(2));
}

#[test]
fn messages_go_from_thread_to_thread_in_order() {
    for capacity in [1, 2, 100] {
        let (tx, rx) = bounded(capacity);
        thread::scope(|scope| {
            scope.spawn(move || (0..MESSAGES).for_each(|n| tx.send_blocking(n).unwrap()));
            assert!((0..MESSAGES).all(|n| rx.recv_blocking() == Ok(n)));
            assert_eq!(rx.recv_blocking(), Err(RecvError));
        });
    }
}

#[test]
fn a_send_that_runs_out_of_time_gives_the_message_back() {
    let (tx, rx) = bounded(1);
    tx.send_blocking("first").unwrap();
    for limit in [Duration::ZERO, SHORT] {
        let late = tx.send_blocking_timeout(limit, "second");
        assert_eq!(late, Err(SendTimeoutError::Timeout("second")));
    }
    let late = tx.send_blocking_deadline(Instant::now(), "third");
    assert_eq!(late, Err(SendTimeoutError::Timeout("third")));
    assert_eq!((rx.len(), rx.try_recv()), (1, Ok("first")));
}

#[test]
fn a_recv_that_runs_out_of_time_ends() {
    let (tx, rx) = bounded::<u32>(1);
    for limit in [Duration::ZERO, SHORT] {
        assert_eq!(rx.recv_blocking_timeout(limit), Err(RecvTimeoutError::Timeout));
    }
    assert_eq!(rx.recv_blocking_deadline(Instant::now()), Err(RecvTimeoutError::Timeout));
    tx.send_blocking(1).unwrap();
    assert_eq!(rx.recv_blocking(), Ok(1), "it left nothing in the queue of those who wait");
}

/// A deadline is looked at last.
#[test]
fn a_deadline_in_the_past_is_one_attempt() {
    let past = Instant::now();
    let (tx, rx) = bounded(1);
    assert_eq!(tx.send_blocking_deadline(past, 1), Ok(()));
    assert_eq!(tx.send_blocking_deadline(past, 2), Err(SendTimeoutError::Timeout(2)));
    assert_eq!(rx.recv_blocking_deadline(past), Ok(1));
    assert_eq!(rx.recv_blocking_deadline(past), Err(RecvTimeoutError::Timeout));
}

#[test]
fn a_limit_beyond_all_time_is_none() {
    let (tx, rx) = bounded(1);
    thread::scope(|scope| {
        let receiver = scope.spawn(|| rx.recv_blocking_timeout(Duration::MAX));
        tx.send_blocking_timeout(Duration::MAX, 1).unwrap();
        assert_eq!(receiver.join().unwrap(), Ok(1));
        tx.send_blocking(2).unwrap();
        let sender = scope.spawn(|| tx.send_blocking_timeout(Duration::MAX, 3));
        assert_eq!(rx.recv_blocking(), Ok(2));
        assert_eq!(sender.join().unwrap(), Ok(()));
    });
}

/// So far away that a time in between overflows, but still a time.
#[test]
fn a_limit_far_beyond_a_life_is_waited_for() {
    let far = Duration::from_secs(1 << 40);
    let (tx, rx) = bounded(1);
    thread::scope(|scope| {
        let receiver = scope.spawn(|| rx.recv_blocking_timeout(far));
        tx.send_blocking(1).unwrap();
        assert_eq!(receiver.join().unwrap(), Ok(1));
    });
}

#[test]
fn a_blocked_receiver_is_woken_by_an_async_sender_and_the_other_way_round() {
    let (there, back) = (bounded(1), bounded(1));
    thread::scope(|scope| {
        let (rx, tx) = (there.1, back.0);
        scope.spawn(move || {
            while let Ok(n) = rx.recv_blocking() {
                tx.send_blocking(n + 1).unwrap();
            }
        });
        let (tx, rx) = (there.0, back.1);
        block_on(async {
            for n in 0..MESSAGES {
                tx.send(n).await.unwrap();
                assert_eq!(rx.recv().await, Ok(n + 1));
            }
        });
        drop(tx);
    });
}

#[test]
fn a_close_ends_every_blocked_thread() {
    let (tx, rx) = bounded::<u32>(1);
    let (full, _kept) = bounded(1);
    full.send_blocking(0).unwrap();
    thread::scope(|scope| {
        let receivers = [(); 2].map(|()| scope.spawn(|| rx.recv_blocking()));
        let limited = scope.spawn(|| rx.recv_blocking_timeout(Duration::MAX));
        let sender = scope.spawn(|| full.send_blocking(1));
        let limited_sender = scope.spawn(|| full.send_blocking_timeout(Duration::MAX, 2));
        tx.close();
        full.close();
        assert!(receivers.into_iter().all(|thread| thread.join().unwrap() == Err(RecvError)));
        assert_eq!(limited.join().unwrap(), Err(RecvTimeoutError::Closed));
        assert_eq!(sender.join().unwrap(), Err(SendError(1)));
        assert_eq!(limited_sender.join().unwrap(), Err(SendTimeoutError::Closed(2)));
    });
}

/// The `unpark` that another user of this thread's token is owed does not end the wait, and the
/// wait does not lose the message.
#[test]
fn a_stray_unpark_is_no_message() {
    let (tx, rx) = unbounded();
    thread::current().unpark();
    assert_eq!(rx.recv_blocking_timeout(SHORT), Err(RecvTimeoutError::Timeout));
    let waiting = thread::current();
    thread::scope(|scope| {
        scope.spawn(move || {
            for n in 0..MESSAGES {
                waiting.unpark();
                tx.send_blocking(n).unwrap();
                waiting.unpark();
            }
        });
        assert!((0..MESSAGES).all(|n| rx.recv_blocking() == Ok(n)));
    });
}

/// A thread that blocks on one channel in the middle of a future that it blocks on.
#[test]
fn blocking_within_blocking_loses_no_wake() {
    let (outer, inner) = (bounded(1), bounded(1));
    thread::scope(|scope| {
        let (outer_tx, inner_tx) = (outer.0, inner.0);
        scope.spawn(move || {
            for n in 0..MESSAGES {
                outer_tx.send_blocking(n).unwrap();
                inner_tx.send_blocking(n).unwrap();
            }
        });
        let (outer_rx, inner_rx) = (outer.1, inner.1);
        let count = block_on(async {
            let mut count = 0;
            while let Ok(n) = outer_rx.recv().await {
                assert_eq!(inner_rx.recv_blocking(), Ok(n));
                count += 1;
            }
            count
        });
        assert_eq!(count, MESSAGES);
    });
}

/// Limits that run out all the time, at a moment of the other threads' choice: whatever came back
/// was not sent, whatever did not was.
#[test]
fn timeouts_against_messages_lose_and_double_nothing() {
    let (tx, rx) = bounded(1);
    let received = thread::scope(|scope| {
        let senders = [0, 1].map(|sender| {
            let tx = tx.clone();
            scope.spawn(move || {
                for n in 0..MESSAGES {
                    let mut message = (sender, n);
                    let mut limit = Duration::ZERO;
                    while let Err(late) = tx.send_blocking_timeout(limit, message) {
                        assert!(late.is_timeout());
                        message = late.into_inner();
                        limit += Duration::from_micros(1);
                    }
                }
            })
        });
        drop(tx);
        let receivers = [0, 1].map(|_| {
            let rx = rx.clone();
            scope.spawn(move || {
                let mut received = vec![];
                loop {
                    match rx.recv_blocking_timeout(Duration::from_micros(1)) {
                        Ok(message) => received.push(message),
                        Err(RecvTimeoutError::Timeout) => {}
                        Err(RecvTimeoutError::Closed) => return received,
                    }
                }
            })
        });
        senders.into_iter().for_each(|sender| sender.join().unwrap());
        receivers.map(|receiver| receiver.join().unwrap())
    });
    for seen in &received {
        for sender in [0, 1] {
            assert!(seen.iter().filter(|(from, _)| *from == sender).is_sorted());
        }
    }
    let mut all = received.concat();
    all.sort_unstable();
    assert!(
        all.into_iter().eq([0, 1].into_iter().flat_map(|s| (0..MESSAGES).map(move |n| (s, n))))
    );
}
