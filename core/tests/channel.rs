//! What the channel does at every step, on futures that are polled by hand; what goes wrong with
//! other channels is in `probes.rs`.

#![cfg(feature = "std")]

mod by_hand;
mod storage;

use by_hand::{ByHand, Task, now};
use core::{
    pin::pin,
    sync::atomic::{AtomicUsize, Ordering},
    task::Poll,
};
use futures_util::{FutureExt, Stream, StreamExt, stream::FusedStream};
use klaw::{Channel, Receiver, RecvError, SendError, Sender, TryRecvError, TrySendError, bounded};
use std::sync::Arc;
use storage::{Flavour, on_both_storages, on_every_flavour};

/// A message that counts how often one like it was dropped.
#[derive(Clone)]
struct Counted {
    id: usize,
    drops: Arc<AtomicUsize>,
}

#[derive(Clone, Default)]
struct Drops(Arc<AtomicUsize>);

impl Drops {
    fn message(&self, id: usize) -> Counted {
        Counted { id, drops: self.0.clone() }
    }

    fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.drops.fetch_add(1, Ordering::SeqCst);
    }
}

/// Not `Debug`, not `Clone`, not `PartialEq`.
struct Opaque(u8);

// Waiting and waking.

on_every_flavour! {
    fn a_message_goes_to_the_receiver_that_waits<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        let mut recv = ByHand::parked(rx.recv());
        tx.try_send(7).unwrap();
        assert_eq!(recv.wakes(), 1);
        assert_eq!(recv.ready(), Ok(7));
    }

    fn a_free_slot_goes_to_the_sender_that_waits<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        tx.try_send(1).unwrap();
        let mut send = ByHand::parked(tx.send(2));
        assert_eq!(rx.try_recv(), Ok(1));
        assert_eq!(send.wakes(), 1);
        assert_eq!(send.ready(), Ok(()));
        assert_eq!(rx.try_recv(), Ok(2));
    }

    fn a_message_survives_a_recv_dropped_with_nobody_behind_it<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        let recv = ByHand::parked(rx.recv());
        tx.try_send(7).unwrap();
        drop(recv);
        assert_eq!(rx.try_recv(), Ok(7));
    }

    fn a_recv_dropped_while_it_waits_takes_no_wake_with_it<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        let before = ByHand::parked(rx.recv());
        let dropped = ByHand::parked(rx.recv());
        let after = ByHand::parked(rx.recv());
        drop(dropped);
        drop(before);
        tx.try_send(7).unwrap();
        assert!(after.is_woken());
    }

    /// A dropped wake goes on only while there is still something to do.
    fn a_recv_dropped_after_a_newcomer_took_its_message_wakes_nobody<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        let woken = ByHand::parked(rx.recv());
        let behind = ByHand::parked(rx.recv());
        tx.try_send(7).unwrap();
        assert_eq!(rx.try_recv(), Ok(7));
        drop(woken);
        assert_eq!(behind.wakes(), 0);
        tx.try_send(8).unwrap();
        assert_eq!(behind.wakes(), 1);
    }

    fn a_recv_polled_by_another_task_wakes_that_one<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        let mut recv = ByHand::new(rx.recv());
        let (old, new) = (Task::new(), Task::new());
        assert!(recv.poll_as(&old).is_pending());
        assert!(recv.poll_as(&new).is_pending());
        tx.try_send(7).unwrap();
        assert_eq!((old.wakes(), new.wakes()), (0, 1));
        assert_eq!(recv.ready(), Ok(7));
    }

    fn a_send_polled_by_another_task_wakes_that_one<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        tx.try_send(1).unwrap();
        let mut send = ByHand::new(tx.send(2));
        let (old, new) = (Task::new(), Task::new());
        assert!(send.poll_as(&old).is_pending());
        assert!(send.poll_as(&new).is_pending());
        assert_eq!(rx.try_recv(), Ok(1));
        assert_eq!((old.wakes(), new.wakes()), (0, 1));
        assert_eq!(send.ready(), Ok(()));
    }

    /// The old waker is let go, not kept beside the new one.
    fn a_waker_that_was_replaced_is_dropped<S>() {
        let (_tx, rx) = S::channel::<u32, 1>();
        let mut recv = ByHand::new(rx.recv());
        let (old, new) = (Task::new(), Task::new());
        assert!(recv.poll_as(&old).is_pending());
        assert!(recv.poll_as(&new).is_pending());
        assert_eq!(Arc::strong_count(&old), 1);
        drop(recv);
        assert_eq!(Arc::strong_count(&new), 1);
    }

    fn a_woken_send_that_is_dropped_passes_its_wake_on<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        tx.try_send(1).unwrap();
        let first = ByHand::parked(tx.send(2));
        let mut second = ByHand::parked(tx.send(3));
        assert_eq!(rx.try_recv(), Ok(1));
        assert!(first.is_woken() && !second.is_woken());
        drop(first);
        assert!(second.is_woken());
        assert_eq!(second.ready(), Ok(()));
        assert_eq!(rx.try_recv(), Ok(3));
    }

    fn a_wake_goes_on_through_several_dropped_sends<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        tx.try_send(0).unwrap();
        let mut sends: Vec<_> = (1..=4).map(|n| ByHand::parked(tx.send(n))).collect();
        assert_eq!(rx.try_recv(), Ok(0));
        for _ in 0..3 {
            assert!(sends[0].is_woken());
            sends.remove(0);
        }
        assert_eq!(sends[0].ready(), Ok(()));
        assert_eq!(rx.try_recv(), Ok(4));
    }

    fn a_send_that_was_never_polled_sends_nothing_and_drops_its_message<S>() {
        let drops = Drops::default();
        let (tx, rx) = S::channel::<Counted, 1>();
        drop(tx.send(drops.message(1)));
        assert_eq!(drops.count(), 1);
        assert!(rx.is_empty());
    }

    fn two_idle_senders_wake_nobody<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        tx.try_send(0).unwrap();
        let (mut a, mut b) = (ByHand::parked(tx.send(1)), ByHand::parked(tx.send(2)));
        for _ in 0..10 {
            assert!(a.poll().is_pending() && b.poll().is_pending());
        }
        assert_eq!((a.wakes(), b.wakes()), (0, 0));
        assert_eq!(rx.try_recv(), Ok(0));
        assert_eq!((a.wakes(), b.wakes()), (1, 0));
    }

    fn one_message_wakes_one_of_many_receivers<S>() {
        let (tx, rx) = S::channel::<u32, 4>();
        let recvs: Vec<_> = (0..4).map(|_| ByHand::parked(rx.recv())).collect();
        for sent in 1..=4 {
            tx.try_send(0).unwrap();
            assert_eq!(recvs.iter().map(ByHand::wakes).sum::<usize>(), sent);
        }
        assert!(recvs.iter().all(|recv| recv.wakes() == 1));
    }

    fn receivers_are_served_in_the_order_in_which_they_came<S>() {
        let (tx, rx) = S::channel::<usize, 4>();
        let mut recvs: Vec<_> = (0..4).map(|_| ByHand::parked(rx.recv())).collect();
        for (at, recv) in recvs.iter_mut().enumerate() {
            tx.try_send(at).unwrap();
            assert_eq!(recv.ready(), Ok(at));
        }
    }

    fn senders_are_served_in_the_order_in_which_they_came<S>() {
        let (tx, rx) = S::channel::<usize, 1>();
        tx.try_send(0).unwrap();
        let mut sends: Vec<_> = (1..=4).map(|n| ByHand::parked(tx.send(n))).collect();
        for (n, send) in sends.iter_mut().enumerate() {
            assert_eq!(rx.try_recv(), Ok(n));
            assert_eq!(send.ready(), Ok(()));
        }
        assert_eq!(rx.try_recv(), Ok(4));
    }

    fn a_woken_receiver_overtaken_by_a_newcomer_keeps_its_seniority<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        let mut first = ByHand::parked(rx.recv());
        let second = ByHand::parked(rx.recv());
        tx.try_send(1).unwrap();
        assert_eq!(rx.try_recv(), Ok(1), "a newcomer takes what the first was woken for");
        assert!(first.poll().is_pending());
        tx.try_send(2).unwrap();
        assert!(first.is_woken() && !second.is_woken());
        assert_eq!(first.ready(), Ok(2));
    }

    fn a_woken_sender_overtaken_by_a_newcomer_keeps_its_seniority<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        tx.try_send(0).unwrap();
        let mut first = ByHand::parked(tx.send(1));
        let second = ByHand::parked(tx.send(2));
        assert_eq!(rx.try_recv(), Ok(0));
        tx.try_send(9).unwrap();
        assert!(first.poll().is_pending());
        assert_eq!(rx.try_recv(), Ok(9));
        assert!(first.is_woken() && !second.is_woken());
        assert_eq!(first.ready(), Ok(()));
    }

    fn two_woken_receivers_overtaken_by_newcomers_keep_their_order<S>() {
        for swapped in [false, true] {
            let (tx, rx) = S::channel::<u32, 2>();
            let mut waiting = [(); 3].map(|()| ByHand::parked(rx.recv()));
            for n in [1, 2] {
                tx.try_send(n).unwrap();
            }
            assert_eq!(waiting.each_ref().map(ByHand::is_woken), [true, true, false]);
            for n in [1, 2] {
                assert_eq!(rx.try_recv(), Ok(n), "a newcomer takes what they were woken for");
            }
            for overtaken in if swapped { [1, 0] } else { [0, 1] } {
                assert!(waiting[overtaken].poll().is_pending());
            }
            let last = ByHand::parked(rx.recv());
            for (n, mut next) in waiting.into_iter().chain([last]).enumerate() {
                assert!(!next.is_woken());
                tx.try_send(n as u32).unwrap();
                assert!(next.is_woken(), "{n} is next");
                assert_eq!(next.ready(), Ok(n as u32));
            }
        }
    }

    /// What costs a place in the queue is to be dropped, not to be polled.
    fn a_spurious_poll_keeps_the_place_in_the_queue<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        let mut first = ByHand::parked(rx.recv());
        let second = ByHand::parked(rx.recv());
        assert!(first.poll().is_pending());
        tx.try_send(1).unwrap();
        assert!(first.is_woken() && !second.is_woken());
    }

    /// Woken once for the slot it is to fill; the poll that fills it wakes only the receiver.
    fn a_ping_pong_costs_one_wake_per_switch<S>() {
        let (ping, pinged) = S::channel::<u32, 1>();
        let (pong, ponged) = S::channel::<u32, 1>();
        let mut there = ByHand::new(async {
            while let Ok(n) = pinged.recv().await {
                pong.send(n).await.unwrap();
            }
        });
        let mut here = ByHand::new(async {
            for n in 0..10 {
                ping.send(n).await.unwrap();
                assert_eq!(ponged.recv().await, Ok(n));
            }
        });
        assert!(there.poll().is_pending());
        while here.poll().is_pending() {
            assert!(there.poll().is_pending());
        }
        assert_eq!((here.wakes(), there.wakes()), (10, 10));
    }
}

// Closing.

on_every_flavour! {
    fn closing_drains<S>() {
        let (tx, rx) = S::channel::<u32, 4>();
        tx.try_send(1).unwrap();
        tx.try_send(2).unwrap();
        assert!(tx.close());
        assert_eq!(tx.try_send(3), Err(TrySendError::Closed(3)));
        assert_eq!(rx.try_recv(), Ok(1));
        assert_eq!(now(rx.recv()), Some(Ok(2)));
        assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
        assert_eq!(now(rx.recv()), Some(Err(RecvError)));
    }

    fn either_end_closes_and_only_the_first_time_counts<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        assert!(!tx.is_closed() && !rx.is_closed());
        assert!(rx.close());
        assert!(!rx.close() && !tx.close());
        assert!(tx.is_closed() && rx.is_closed());
        assert_eq!(now(tx.send(5)), Some(Err(SendError(5))));
    }

    fn closing_wakes_every_receiver_and_every_sender<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        let mut recvs: Vec<_> = (0..3).map(|_| ByHand::parked(rx.recv())).collect();
        tx.close();
        for recv in &mut recvs {
            assert_eq!(recv.wakes(), 1);
            assert_eq!(recv.ready(), Err(RecvError));
        }

        let (tx, rx) = S::channel::<u32, 1>();
        tx.try_send(0).unwrap();
        let mut sends: Vec<_> = (1..=3).map(|n| ByHand::parked(tx.send(n))).collect();
        rx.close();
        for (n, send) in (1..).zip(&mut sends) {
            assert_eq!(send.wakes(), 1);
            assert_eq!(send.ready(), Err(SendError(n)), "the message comes back");
        }
        assert_eq!(rx.try_recv(), Ok(0));
    }

    fn dropping_the_last_sender_closes_and_drains<S>() {
        let (tx, rx) = S::channel::<u32, 2>();
        let another = tx.clone();
        another.try_send(1).unwrap();
        drop(another);
        assert!(!rx.is_closed());
        drop(tx);
        assert!(rx.is_closed());
        assert_eq!(rx.try_recv(), Ok(1));
        assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    }

    fn dropping_the_last_sender_wakes_receivers<S>() {
        let (tx, rx) = S::channel::<u32, 2>();
        let mut recv = ByHand::parked(rx.recv());
        drop(tx);
        assert!(recv.is_woken());
        assert_eq!(recv.ready(), Err(RecvError));
    }

    fn a_sender_that_waits_gets_its_message_back_when_the_last_receiver_goes<S>() {
        let (tx, rx) = S::channel::<String, 1>();
        tx.try_send("first".into()).unwrap();
        let mut send = ByHand::parked(tx.send("second".into()));
        drop(rx);
        assert!(send.is_woken());
        assert_eq!(send.ready().map_err(SendError::into_inner), Err("second".into()));
    }

    /// One destructor that panics must not keep the other messages, and what they hold, alive.
    fn a_message_whose_destructor_panics_does_not_keep_the_others<S>() {
        enum Message { Bad, Good(Counted) }
        impl Drop for Message {
            fn drop(&mut self) {
                match self {
                    Self::Bad => panic!("a destructor that panics"),
                    Self::Good(counted) => assert!(counted.id < 2),
                }
            }
        }
        let drops = Drops::default();
        let (tx, rx) = S::channel::<Message, 3>();
        tx.try_send(Message::Good(drops.message(0))).ok().unwrap();
        tx.try_send(Message::Bad).ok().unwrap();
        tx.try_send(Message::Good(drops.message(1))).ok().unwrap();
        std::panic::catch_unwind(core::panic::AssertUnwindSafe(|| drop(rx))).unwrap_err();
        assert_eq!((tx.len(), drops.count()), (0, 2));
        assert!(tx.is_closed());
    }

    fn a_channel_closed_by_its_last_receiver_stays_closed<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        drop(rx);
        let again = tx.clone();
        assert_eq!(again.try_send(1), Err(TrySendError::Closed(1)));
    }
}

// Messages that hold handles, which must be `Send` to be messages.

on_both_storages! {
    fn a_message_whose_destructor_sends_again_is_no_trouble<S>() {
        struct Again(Option<Sender<Self>>, Arc<AtomicUsize>);
        impl Drop for Again {
            fn drop(&mut self) {
                self.1.fetch_add(1, Ordering::SeqCst);
                if let Some(tx) = self.0.take() {
                    let refused = tx.try_send(Self(None, self.1.clone()));
                    assert!(matches!(refused, Err(TrySendError::Closed(_))));
                }
            }
        }
        let drops = Arc::new(AtomicUsize::new(0));
        let (tx, rx) = S::channel::<Again, 2>();
        tx.try_send(Again(Some(tx.clone()), drops.clone())).ok().unwrap();
        drop(rx);
        assert_eq!(drops.load(Ordering::SeqCst), 2);
    }
}

// The queue.

/// First in, first out, with every position of the wrap-around, while it grows and when full.
fn fifo_at_every_offset<S: Flavour, const N: usize>() {
    for offset in 0..=N {
        let (tx, rx) = S::channel::<usize, N>();
        let (mut sent, mut received) = (0, 0);
        for _ in 0..offset {
            tx.try_send(sent).unwrap();
            sent += 1;
            assert_eq!(rx.try_recv(), Ok(received));
            received += 1;
        }
        for round in 0..4 {
            while tx.try_send(sent).is_ok() {
                sent += 1;
                assert_eq!(tx.len(), sent - received);
            }
            assert_eq!(sent - received, N, "full at its capacity, not before and not after");
            assert_eq!(tx.try_send(sent), Err(TrySendError::Full(sent)));
            for _ in 0..=(round * N / 3) {
                assert_eq!(rx.try_recv(), Ok(received));
                received += 1;
                if received == sent {
                    break;
                }
            }
        }
        while received < sent {
            assert_eq!(rx.try_recv(), Ok(received));
            received += 1;
        }
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    }
}

on_every_flavour! {
    fn fifo_at_wrap_around_and_growth<S>() {
        fifo_at_every_offset::<S, 1>();
        fifo_at_every_offset::<S, 2>();
        fifo_at_every_offset::<S, 3>();
        fifo_at_every_offset::<S, 5>();
        if !cfg!(miri) {
            fifo_at_every_offset::<S, 64>();
        }
    }

    /// A heap ring that grows while its messages lie across its end.
    fn fifo_when_the_ring_grows_with_its_messages_wrapped<S>() {
        for (taken, limit) in (1..4).flat_map(|taken| [(taken, 5), (taken, 64)]) {
            let (tx, rx) = if limit == 5 { S::channel::<_, 5>() } else { S::channel::<_, 64>() };
            let mut next = 0;
            (0..4).for_each(|n| tx.try_send(n).unwrap());
            for _ in 0..taken {
                assert_eq!(rx.try_recv(), Ok(next));
                next += 1;
            }
            let mut sent = 4;
            while tx.try_send(sent).is_ok() {
                sent += 1;
            }
            assert_eq!(sent - next, limit);
            while let Ok(n) = rx.try_recv() {
                assert_eq!(n, next);
                next += 1;
            }
            assert_eq!(next, sent);
        }
    }

    fn nothing_is_dropped_twice_and_nothing_leaks<S>() {
        let drops = Drops::default();
        let (tx, rx) = S::channel::<Counted, 5>();
        for id in 0..5 {
            tx.try_send(drops.message(id)).ok().unwrap();
        }
        let refused = tx.try_send(drops.message(5)).unwrap_err();
        assert!(refused.is_full() && !refused.is_closed());
        assert_eq!(drops.count(), 0);
        assert_eq!(refused.into_inner().id, 5);
        assert_eq!(drops.count(), 1);
        assert_eq!(rx.try_recv().map(|m| m.id), Ok(0));
        assert_eq!(drops.count(), 2);
        drop(tx);
        assert_eq!(drops.count(), 2, "messages sent before the close are still there");
        drop(rx);
        assert_eq!(drops.count(), 6);
    }

    fn messages_without_size_are_counted<S>() {
        let (tx, rx) = S::channel::<(), 3>();
        assert_eq!((0..5).filter(|_| tx.try_send(()).is_ok()).count(), 3);
        assert_eq!(rx.len(), 3);
        assert_eq!((0..5).filter(|_| rx.try_recv().is_ok()).count(), 3);
    }

    fn overaligned_messages_are_aligned<S>() {
        #[repr(align(64))]
        struct Wide(u8);
        let (tx, rx) = S::channel::<Wide, 5>();
        (0..5).for_each(|n| tx.try_send(Wide(n)).ok().unwrap());
        for n in 0..5 {
            let wide = rx.try_recv().ok().unwrap();
            assert_eq!((wide.0, core::ptr::from_ref(&wide).addr() % 64), (n, 0));
        }
    }

    fn len_and_capacity<S>() {
        let (tx, rx) = S::channel::<u32, 3>();
        assert_eq!((tx.capacity(), rx.capacity(), tx.len(), rx.len()), (3, 3, 0, 0));
        assert!(tx.is_empty() && rx.is_empty());
        tx.try_send(1).unwrap();
        tx.try_send(2).unwrap();
        assert_eq!((tx.len(), rx.len(), tx.capacity()), (2, 2, 3));
        assert!(!tx.is_empty());
        rx.try_recv().unwrap();
        assert_eq!(rx.len(), 1);
    }

    fn handles_know_their_channel<S>() {
        let (tx, rx) = S::channel::<u32, 3>();
        let (other_tx, other_rx) = S::channel::<u32, 3>();
        assert!(tx.same_channel(&tx.clone()) && rx.same_channel(&rx.clone()));
        assert!(!tx.same_channel(&other_tx) && !rx.same_channel(&other_rx));
    }

    fn debug_needs_no_debug_of_the_message<S>() {
        let (tx, rx) = S::channel::<Opaque, 1>();
        let text = format!("{tx:?} {rx:?} {:?} {:?}", tx.send(Opaque(0)), rx.recv());
        for word in ["Sender", "Receiver", "Send", "Recv", "len: 0", "capacity: 1"] {
            assert!(text.contains(word), "{word} in {text}");
        }
        tx.try_send(Opaque(1)).unwrap();
        let full = tx.try_send(Opaque(2)).unwrap_err();
        assert_eq!(format!("{full:?} {full}"), "Full(..) the channel is full");
        assert_eq!(full.into_inner().0, 2);
        tx.close();
        let closed = tx.try_send(Opaque(3)).unwrap_err();
        assert_eq!(format!("{closed:?} {closed}"), "Closed(..) the channel is closed");
        let closed = now(tx.send(Opaque(4))).unwrap().unwrap_err();
        assert_eq!(format!("{closed:?} {closed}"), "SendError(..) the channel is closed");
        assert_eq!(closed.into_inner().0, 4);
    }
}

// Streams.

on_every_flavour! {
    fn a_stream_gives_the_messages_and_ends<S>() {
        let (tx, rx) = S::channel::<u32, 2>();
        let mut stream = pin!(rx.into_stream());
        let task = Task::new();
        let waker = core::task::Waker::from(task.clone());
        let mut cx = core::task::Context::from_waker(&waker);
        assert!(stream.as_mut().poll_next(&mut cx).is_pending());
        tx.try_send(1).unwrap();
        tx.try_send(2).unwrap();
        assert_eq!(task.wakes(), 1);
        assert_eq!(stream.as_mut().poll_next(&mut cx), Poll::Ready(Some(1)));
        drop(tx);
        assert!(!stream.is_terminated());
        assert_eq!(stream.as_mut().poll_next(&mut cx), Poll::Ready(Some(2)));
        assert_eq!(stream.as_mut().poll_next(&mut cx), Poll::Ready(None));
        assert!(stream.is_terminated());
        assert_eq!(stream.as_mut().poll_next(&mut cx), Poll::Ready(None));
    }

    fn a_dropped_next_loses_nothing<S>() {
        let (tx, rx) = S::channel::<u32, 2>();
        let mut stream = pin!(rx.into_stream());
        assert_eq!(stream.next().now_or_never(), None);
        tx.try_send(1).unwrap();
        assert_eq!(stream.next().now_or_never(), Some(Some(1)));
        assert!(stream.receiver().is_empty());
    }

    fn a_dropped_stream_passes_its_wake_on<S>() {
        let (tx, rx) = S::channel::<u32, 2>();
        let another = rx.clone();
        let mut stream = Box::pin(rx.into_stream());
        assert_eq!(stream.next().now_or_never(), None);
        let mut recv = ByHand::parked(another.recv());
        tx.try_send(1).unwrap();
        assert!(!recv.is_woken());
        drop(stream);
        assert!(recv.is_woken());
        assert_eq!(recv.ready(), Ok(1));
    }

    fn a_stream_counts_as_a_receiver<S>() {
        let (tx, rx) = S::channel::<u32, 2>();
        let stream = rx.into_stream();
        tx.try_send(1).unwrap();
        drop(stream);
        assert_eq!(tx.try_send(2), Err(TrySendError::Closed(2)));
    }
}

// Storages.

#[test]
fn a_static_channel_is_used_in_place() {
    static READINGS: Channel<u16, 2> = Channel::new();
    READINGS.try_send(1).unwrap();
    assert_eq!(now(READINGS.send(2)), Some(Ok(())));
    let mut send = ByHand::parked(READINGS.send(3));
    assert_eq!((READINGS.len(), READINGS.capacity()), (2, 2));
    assert_eq!(now(READINGS.recv()), Some(Ok(1)));
    assert_eq!(send.ready(), Ok(()));
    assert!(READINGS.close() && READINGS.is_closed());
    assert_eq!((READINGS.try_recv(), READINGS.try_recv()), (Ok(2), Ok(3)));
    assert_eq!(READINGS.try_recv(), Err(TryRecvError::Closed));
    assert!(READINGS.is_empty());
}

#[test]
fn a_static_channel_has_counted_handles() {
    static READINGS: Channel<u16, 2> = Channel::new();
    let (tx, rx): (Sender<u16>, Receiver<u16>) = (READINGS.sender(), READINGS.receiver());
    let another = READINGS.sender();
    assert!(tx.same_channel(&another));
    tx.try_send(1).unwrap();
    drop(tx);
    assert!(!READINGS.is_closed());
    drop(another);
    assert_eq!((READINGS.is_closed(), rx.try_recv()), (true, Ok(1)));
}

#[test]
fn a_channel_in_a_local_variable_drops_what_it_holds() {
    let drops = Drops::default();
    let channel = Channel::<Counted, 3>::default();
    channel.try_send(drops.message(0)).ok().unwrap();
    channel.try_send(drops.message(1)).ok().unwrap();
    drop(channel);
    assert_eq!(drops.count(), 2);
}

#[test]
#[should_panic(expected = "at least one message")]
fn a_heap_channel_of_capacity_zero_panics() {
    let _ends = bounded::<u32>(0);
}

/// A bound costs nothing until it is used.
#[test]
fn a_heap_channel_of_any_possible_bound_costs_what_it_holds() {
    let most = isize::MAX as usize / 1025;
    let (tx, rx) = bounded::<[u8; 1024]>(most);
    assert_eq!((tx.capacity(), tx.allocated()), (most, 0));
    tx.try_send([7; 1024]).unwrap();
    assert_eq!(rx.try_recv().unwrap()[1023], 7);
}

#[test]
fn a_capacity_that_cannot_be_is_an_error() {
    use klaw::channel::{CapacityError, try_bounded};
    assert_eq!(try_bounded::<u64>(0).unwrap_err(), CapacityError::Zero);
    assert_eq!(try_bounded::<u64>(usize::MAX).unwrap_err(), CapacityError::TooLarge);
    assert_eq!(try_bounded::<u64>(usize::MAX / 16).unwrap_err(), CapacityError::TooLarge);
    assert_eq!(try_bounded::<u64>(isize::MAX as usize / 16).unwrap().0.len(), 0);
}

#[test]
fn futures_and_handles_are_send_if_messages_are() {
    fn is_send_and_sync<T: Send + Sync>(_: &T) {}
    let (tx, rx) = bounded::<core::cell::Cell<u32>>(1);
    is_send_and_sync(&tx);
    is_send_and_sync(&rx);
    is_send_and_sync(&rx.recv());
    let (tx, _rx) = bounded::<u32>(1);
    is_send_and_sync(&tx.send(1));
}
