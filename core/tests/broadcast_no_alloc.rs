//! A static broadcast allocates nothing, a heap one only when it is made; counted by the allocator.

#![cfg(feature = "std")]

mod counting;

use core::{
    pin::pin,
    task::{Context, Poll, Waker},
};
use counting::{allocations, poll};
use klaw::channel::broadcast::{self, Broadcast, Overflow, Receiver, RecvError, Sender};

/// Sending, waiting, being overtaken, receiving, coming, going and closing.
fn a_whole_life(tx: Sender<u64>, mut rx: Receiver<u64>, overflow: Overflow) {
    let mut other = rx.clone();
    for n in 0..100 {
        {
            let mut waiting = pin!(rx.recv());
            assert!(poll(waiting.as_mut()).is_pending());
            assert_eq!(tx.try_send(n), Ok(2));
            assert_eq!(poll(waiting), Poll::Ready(Ok(n)));
        }
        assert_eq!(tx.try_send(n), Ok(2));
        let mut third = pin!(tx.send(n));
        let sent = poll(third.as_mut()).is_ready();
        assert_eq!(sent, overflow == Overflow::Lag);
        if sent {
            assert_eq!(poll(pin!(other.recv())), Poll::Ready(Err(RecvError::Lagged(1))));
        }
        assert_eq!(other.try_recv(), Ok(n));
        assert!(sent || poll(third).is_ready());
        while rx.try_recv().is_ok() {}
        drop(core::mem::replace(&mut other, tx.subscribe()));
    }
    assert_eq!(tx.try_send(7), Ok(2));
    let weak = tx.downgrade();
    drop((tx.clone(), tx));
    assert!(weak.upgrade().is_none());
    let mut stream = pin!(rx.into_stream());
    let mut cx = Context::from_waker(Waker::noop());
    use futures_util::Stream;
    assert_eq!(stream.as_mut().poll_next(&mut cx), Poll::Ready(Some(Ok(7))));
    assert_eq!(stream.as_mut().poll_next(&mut cx), Poll::Ready(None));
}

#[test]
fn a_static_broadcast_allocates_nothing() {
    static LAGS: Broadcast<u64, 2> = Broadcast::new(Overflow::Lag);
    static WAITS: Broadcast<u64, 2> = Broadcast::new(Overflow::Backpressure);
    assert_eq!(allocations(|| drop(Box::new(7))), 1, "it counts");
    let lags = || a_whole_life(LAGS.sender(), LAGS.receiver(), Overflow::Lag);
    assert_eq!(allocations(lags), 0);
    let waits = || a_whole_life(WAITS.sender(), WAITS.receiver(), Overflow::Backpressure);
    assert_eq!(allocations(waits), 0);
}

#[test]
fn a_heap_broadcast_allocates_twice() {
    for overflow in [Overflow::Lag, Overflow::Backpressure] {
        let all = allocations(|| {
            let (tx, rx) = broadcast::channel(2, overflow);
            a_whole_life(tx, rx, overflow);
        });
        assert_eq!(all, 2);
    }
}
