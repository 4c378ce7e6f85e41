//! A sender as a sink; a stream as what fills it.

#![cfg(all(feature = "std", feature = "sink"))]

mod by_hand;
mod storage;

use by_hand::{ByHand, now};
use core::{
    panic::AssertUnwindSafe,
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
};
use futures_util::{SinkExt, StreamExt, sink::Sink, stream};
use klaw::{SendError, TryRecvError, TrySendError, channel::unbounded};
use std::panic::catch_unwind;
use storage::on_every_flavour;

/// Polls a part of a sink's protocol, as a task that nobody looks at.
fn step<S>(
    sink: Pin<&mut S>,
    poll: impl FnOnce(Pin<&mut S>, &mut Context<'_>) -> Poll<Result<(), SendError<()>>>,
) -> Poll<Result<(), SendError<()>>> {
    poll(sink, &mut Context::from_waker(Waker::noop()))
}

const READY: Poll<Result<(), SendError<()>>> = Poll::Ready(Ok(()));

on_every_flavour! {
    fn a_stream_is_forwarded_with_backpressure<S>() {
        let (tx, rx) = S::channel::<u32, 2>();
        let mut forward = ByHand::parked(stream::iter(0..10).map(Ok).forward(tx.into_sink()));
        let mut next = 0;
        loop {
            assert!(rx.len() <= 2);
            match rx.try_recv() {
                Ok(n) => {
                    assert_eq!(n, next);
                    next += 1;
                }
                Err(TryRecvError::Empty) => assert!(forward.is_woken(), "everyone sleeps"),
                Err(TryRecvError::Closed) => break,
            }
            if forward.is_woken() {
                let _ = forward.poll();
            }
        }
        assert_eq!(next, 10);
    }

    fn a_sink_that_is_ready_keeps_room_for_one_message<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        let other = tx.clone();
        let mut sink = pin!(tx.into_sink());
        assert_eq!(step(sink.as_mut(), Sink::<u32>::poll_ready), READY);
        assert_eq!(step(sink.as_mut(), Sink::<u32>::poll_ready), READY, "and for no second one");
        assert_eq!(other.try_send(1), Err(TrySendError::Full(1)));
        assert_eq!(sink.as_mut().start_send(2), Ok(()));
        assert_eq!(step(sink.as_mut(), Sink::<u32>::poll_flush), READY);
        assert_eq!(step(sink.as_mut(), Sink::<u32>::poll_ready), Poll::Pending);
        assert_eq!(rx.try_recv(), Ok(2));
        assert_eq!(step(sink.as_mut(), Sink::<u32>::poll_ready), READY);
    }

    fn a_sink_waits_in_the_order_in_which_it_came<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        tx.try_send(0).unwrap();
        let mut sink = Box::pin(tx.clone().into_sink());
        let mut through_sink = ByHand::parked(sink.send(1));
        let mut behind = ByHand::parked(tx.send(2));
        assert_eq!(rx.try_recv(), Ok(0));
        assert!(through_sink.is_woken() && !behind.is_woken());
        assert_eq!(through_sink.ready(), Ok(()));
        assert_eq!(rx.try_recv(), Ok(1));
        assert_eq!(behind.ready(), Ok(()));
    }

    fn dropping_a_sink_gives_the_room_it_kept_back<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        let mut sink = Box::pin(tx.clone().into_sink());
        assert_eq!(step(sink.as_mut(), Sink::<u32>::poll_ready), READY);
        let mut send = ByHand::parked(tx.send(1));
        drop(sink);
        assert_eq!((send.wakes(), send.ready(), rx.try_recv()), (1, Ok(()), Ok(1)));
    }

    fn dropping_a_sink_that_waits_passes_its_wake_on<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        tx.try_send(0).unwrap();
        let mut sink = Box::pin(tx.clone().into_sink());
        assert_eq!(step(sink.as_mut(), Sink::<u32>::poll_ready), Poll::Pending);
        let mut send = ByHand::parked(tx.send(1));
        assert_eq!(rx.try_recv(), Ok(0));
        assert_eq!(send.wakes(), 0);
        drop(sink);
        assert_eq!((send.wakes(), send.ready()), (1, Ok(())));
    }

    fn closing_a_sink_gives_back_its_sender_and_its_room<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        let other = tx.clone();
        let mut sink = pin!(tx.into_sink());
        assert_eq!(step(sink.as_mut(), Sink::<u32>::poll_ready), READY);
        let mut send = ByHand::parked(other.send(1));
        assert_eq!(now(SinkExt::<u32>::close(&mut sink)), Some(Ok(())));
        assert_eq!((other.sender_count(), send.wakes(), send.ready()), (1, 1, Ok(())));
        assert!(!rx.is_closed(), "another sender is left");
        assert_eq!(now(SinkExt::<u32>::close(&mut sink)), Some(Ok(())), "twice is no harm");
        assert_eq!(step(sink.as_mut(), Sink::<u32>::poll_ready), Poll::Ready(Err(SendError(()))));
        drop(send);
        drop(other);
        assert_eq!([rx.try_recv(), rx.try_recv()], [Ok(1), Err(TryRecvError::Closed)]);
    }

    fn closing_the_sink_of_the_last_sender_closes_the_channel<S>() {
        let (tx, rx) = S::channel::<u32, 2>();
        let mut sink = pin!(tx.into_sink());
        assert_eq!(now(sink.send(1)), Some(Ok(())));
        let mut recv = ByHand::new(rx.recv());
        assert_eq!(recv.ready(), Ok(1));
        let mut recv = ByHand::parked(rx.recv());
        assert_eq!(now(SinkExt::<u32>::close(&mut sink)), Some(Ok(())));
        assert!(recv.is_woken() && recv.ready().is_err());
    }

    /// It was parked in the list of a channel that it no longer holds.
    fn a_sink_closed_while_it_waits_waits_no_more<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        tx.try_send(0).unwrap();
        let mut sink = pin!(tx.clone().into_sink());
        assert_eq!(step(sink.as_mut(), Sink::<u32>::poll_ready), Poll::Pending);
        let mut behind = ByHand::parked(tx.send(1));
        assert_eq!(now(SinkExt::<u32>::close(&mut sink)), Some(Ok(())));
        assert_eq!(rx.try_recv(), Ok(0));
        assert_eq!((behind.wakes(), behind.ready()), (1, Ok(())));
    }

    fn a_closed_channel_is_an_error_at_every_step<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        let mut sink = pin!(tx.into_sink());
        assert_eq!(step(sink.as_mut(), Sink::<u32>::poll_ready), READY);
        drop(rx);
        assert_eq!(sink.as_mut().start_send(1), Err(SendError(())));
        assert_eq!(step(sink.as_mut(), Sink::<u32>::poll_ready), Poll::Ready(Err(SendError(()))));
    }

    fn a_close_wakes_a_sink_that_waits<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        tx.try_send(0).unwrap();
        let mut sink = Box::pin(tx.into_sink());
        let mut send = ByHand::parked(sink.send(1));
        rx.close();
        assert_eq!((send.wakes(), send.ready()), (1, Err(SendError(()))));
    }

    fn start_send_without_ready_panics<S>() {
        let (tx, rx) = S::channel::<u32, 2>();
        let mut sink = pin!(tx.into_sink());
        catch_unwind(AssertUnwindSafe(|| sink.as_mut().start_send(1))).unwrap_err();
        assert_eq!(now(sink.send(2)), Some(Ok(())));
        catch_unwind(AssertUnwindSafe(|| sink.as_mut().start_send(3))).unwrap_err();
        assert_eq!([rx.try_recv(), rx.try_recv()], [Ok(2), Err(TryRecvError::Empty)]);
    }

    fn a_sink_shows_its_channel<S>() {
        let (tx, _rx) = S::channel::<u32, 2>();
        assert!(format!("{:?}", tx.into_sink()).starts_with("SenderSink(Some(Sender {"));
    }
}

#[test]
fn a_sink_without_a_bound_is_always_ready() {
    let (tx, rx) = unbounded();
    assert!(matches!(now(stream::iter(0..100).map(Ok).forward(tx.into_sink())), Some(Ok(()))));
    assert_eq!(now(rx.into_stream().count()), Some(100));
}
