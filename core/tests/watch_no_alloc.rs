//! A watch channel in a `static` allocates nothing, counted by the allocator.

#![cfg(feature = "std")]

mod counting;

use core::{
    pin::pin,
    task::{Context, Poll, Waker},
};
use counting::{allocations, poll};
use futures_util::Stream;
use klaw::channel::watch::{Ref, Watch, channel};

#[test]
fn the_allocator_counts() {
    assert_eq!(allocations(|| drop(core::hint::black_box(Box::new(7)))), 1);
}

#[test]
fn a_static_watch_allocates_nothing_from_its_first_value_to_its_end() {
    static LEVEL: Watch<u32> = Watch::new(0);
    let all = allocations(|| {
        let (tx, mut rx) = (LEVEL.sender(), LEVEL.receiver());
        for n in 1..=100 {
            let mut found = pin!(rx.wait_for(|level| *level == n));
            assert!(poll(found.as_mut()).is_pending());
            tx.send(n).unwrap();
            assert_eq!(poll(found).map(|found| found.map(Ref::into_inner)), Poll::Ready(Ok(n)));
        }
        let mut closed = pin!(tx.closed());
        assert!(poll(closed.as_mut()).is_pending());
        let mut stream = pin!(rx.into_stream());
        let mut next = || stream.as_mut().poll_next(&mut Context::from_waker(Waker::noop()));
        assert_eq!((next(), next()), (Poll::Ready(Some(100)), Poll::Pending));
        LEVEL.send_modify(|level| *level += 1);
        assert_eq!(next(), Poll::Ready(Some(101)));
    });
    assert_eq!(all, 0);
}

#[test]
fn many_that_wait_are_woken_without_an_allocation() {
    static LEVEL: Watch<u32> = Watch::new(0);
    let mut receivers: Vec<_> = (0..20).map(|_| LEVEL.receiver()).collect();
    let mut waiting: Vec<_> = receivers.iter_mut().map(|rx| Box::pin(rx.changed())).collect();
    let all = allocations(|| {
        assert!(waiting.iter_mut().all(|changed| poll(changed.as_mut()).is_pending()));
        LEVEL.send(1);
        assert!(waiting.iter_mut().all(|changed| poll(changed.as_mut()).is_ready()));
    });
    assert_eq!(all, 0);
}

#[test]
fn a_heap_watch_allocates_once() {
    let all = allocations(|| {
        let (tx, mut rx) = channel(0);
        for n in 1..=100 {
            let other = tx.subscribe();
            {
                let mut changed = pin!(rx.changed());
                assert!(poll(changed.as_mut()).is_pending());
                tx.send(n).unwrap();
                assert!(poll(changed).is_ready());
            }
            assert_eq!((*rx.borrow(), *other.borrow()), (n, n));
        }
    });
    assert_eq!(all, 1);
}
