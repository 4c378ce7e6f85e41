//! What a oneshot channel allocates, counted by the allocator.

#![cfg(feature = "std")]

mod counting;

use core::{
    pin::Pin,
    task::{Context, Poll, Waker},
};
use counting::allocated;
use klaw::{
    RecvError,
    channel::oneshot::{self, Oneshot, Receiver, Sender},
};

fn poll<F: Future + Unpin>(mut future: F) -> Poll<F::Output> {
    Pin::new(&mut future).poll(&mut Context::from_waker(Waker::noop()))
}

/// Everything that a pair can do, and both tasks waiting.
fn every_use(pair: impl Fn() -> (Sender<usize>, Receiver<usize>)) {
    let (mut tx, mut rx) = pair();
    assert!(poll(tx.closed()).is_pending() && poll(&mut rx).is_pending());
    tx.send(7).unwrap();
    assert_eq!(poll(rx), Poll::Ready(Ok(7)));

    let (tx, mut rx) = pair();
    assert!(poll(&mut rx).is_pending());
    drop(tx);
    assert_eq!(poll(rx), Poll::Ready(Err(RecvError)));

    let (mut tx, mut rx) = pair();
    assert!(poll(tx.closed()).is_pending() && poll(&mut rx).is_pending());
    rx.close();
    drop(rx);
    assert!(poll(tx.closed()).is_ready() && tx.send(7).is_err());

    let (tx, rx) = pair();
    tx.send(7).unwrap();
    drop(rx);
}

#[test]
fn a_room_in_a_static_allocates_nothing_also_if_tasks_wait() {
    static ROOM: Oneshot<usize> = Oneshot::new();
    let ((), allocations, held) = allocated(|| every_use(|| ROOM.channel().unwrap()));
    assert_eq!((allocations, held), (0, 0));
}

/// Room for both wakers, the value and the state, whoever waits.
#[test]
fn a_pair_on_the_heap_is_one_small_allocation() {
    let word = size_of::<usize>().cast_signed();
    let (pair, allocations, held) = allocated(oneshot::channel::<usize>);
    assert_eq!((allocations, held), (1, 5 * word));
    assert_eq!(size_of_val(&pair), 2 * size_of::<usize>());
    let (_, allocations, held) = allocated(|| drop(pair));
    assert_eq!((allocations, held), (0, -5 * word));

    let ((), allocations, held) = allocated(|| every_use(oneshot::channel));
    assert_eq!((allocations, held), (4, 0));

    let (_pair, _, held) = allocated(oneshot::channel::<String>);
    assert_eq!(held, 6 * word);
}
