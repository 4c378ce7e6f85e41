//! What a broadcast does at every step, on futures that are polled by hand.

#![cfg(feature = "std")]

mod by_hand;
mod executor;
mod storage;

use by_hand::{ByHand, Task, now};
use core::{
    pin::pin,
    sync::atomic::{AtomicUsize, Ordering},
    task::Poll,
};
use executor::Executor;
use futures_util::{FutureExt, StreamExt, stream::FusedStream};
use klaw::channel::broadcast::{
    self, Broadcast, CapacityError, Lagged, Overflow, Receiver, RecvError, SendError, Sender,
    TryRecvError, TrySendError,
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};
use storage::on_both_storages;

use Overflow::{Backpressure, Lag};

/// Counts its copies: those that were made, and those that are left.
#[derive(Default)]
struct Copies {
    made: AtomicUsize,
    dropped: AtomicUsize,
}

struct Counted(Arc<Copies>);

impl Copies {
    fn message(self: &Arc<Self>) -> Counted {
        self.made.fetch_add(1, Ordering::SeqCst);
        Counted(self.clone())
    }

    fn made(&self) -> usize {
        self.made.load(Ordering::SeqCst)
    }

    fn dropped(&self) -> usize {
        self.dropped.load(Ordering::SeqCst)
    }
}

impl Clone for Counted {
    fn clone(&self) -> Self {
        self.0.message()
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.dropped.fetch_add(1, Ordering::SeqCst);
    }
}

// Who gets what.

on_both_storages! {
    fn every_receiver_gets_every_message<S>() {
        let (tx, mut first) = S::broadcast::<u32, 4>(Backpressure);
        let mut second = tx.subscribe();
        for n in 0..4 {
            assert_eq!(tx.try_send(n), Ok(2));
        }
        for n in 0..4 {
            assert_eq!((first.try_recv(), second.try_recv()), (Ok(n), Ok(n)));
        }
        assert_eq!(first.try_recv(), Err(TryRecvError::Empty));
        assert_eq!(second.try_recv(), Err(TryRecvError::Empty));
    }

    fn a_subscriber_gets_only_what_is_sent_after<S>() {
        let (tx, mut early) = S::broadcast::<u32, 4>(Backpressure);
        tx.try_send(1).unwrap();
        let mut late = tx.subscribe();
        assert_eq!(late.try_recv(), Err(TryRecvError::Empty));
        assert_eq!(tx.try_send(2), Ok(2));
        assert_eq!((early.try_recv(), early.try_recv()), (Ok(1), Ok(2)));
        assert_eq!(late.try_recv(), Ok(2));
        assert!(tx.is_empty());
    }

    fn a_subscriber_does_not_hold_up_the_sender_for_earlier_messages<S>() {
        let (tx, mut early) = S::broadcast::<u32, 2>(Backpressure);
        tx.try_send(1).unwrap();
        tx.try_send(2).unwrap();
        let late = tx.subscribe();
        assert_eq!(early.try_recv(), Ok(1));
        assert_eq!(tx.try_send(3), Ok(2));
        assert_eq!((early.len(), late.len()), (2, 1));
    }

    fn a_clone_stands_at_the_same_place<S>() {
        let (tx, mut rx) = S::broadcast::<u32, 4>(Backpressure);
        (0..3).for_each(|n| assert_eq!(tx.try_send(n), Ok(1)));
        assert_eq!(rx.try_recv(), Ok(0));
        let mut clone = rx.clone();
        assert_eq!((rx.receiver_count(), clone.len()), (2, 2));
        assert_eq!((rx.try_recv(), rx.try_recv()), (Ok(1), Ok(2)));
        assert_eq!(tx.len(), 2, "the clone still wants them");
        assert_eq!((clone.try_recv(), clone.try_recv()), (Ok(1), Ok(2)));
        assert_eq!(clone.try_recv(), Err(TryRecvError::Empty));
        assert!(tx.is_empty());
    }

    fn resubscribing_starts_at_the_newest<S>() {
        let (tx, rx) = S::broadcast::<u32, 4>(Backpressure);
        tx.try_send(1).unwrap();
        let mut fresh = rx.resubscribe();
        assert_eq!(tx.try_send(2), Ok(2));
        assert_eq!((rx.len(), fresh.len()), (2, 1));
        assert_eq!(fresh.try_recv(), Ok(2));
    }

    fn a_message_is_cloned_for_all_but_the_last_receiver<S>() {
        let copies = Arc::new(Copies::default());
        let (tx, mut a) = S::broadcast::<Counted, 2>(Backpressure);
        let (mut b, mut c) = (a.clone(), a.clone());
        tx.try_send(copies.message()).ok().unwrap();
        drop([a.try_recv().ok(), b.try_recv().ok()]);
        assert_eq!((copies.made(), copies.dropped()), (3, 2));
        let last = c.try_recv().ok();
        assert_eq!(copies.made(), 3, "the last one takes it");
        drop(last);
        assert_eq!(copies.dropped(), 3);
    }

    fn without_receivers_a_message_comes_back_until_somebody_subscribes<S>() {
        let (tx, rx) = S::broadcast::<u32, 1>(Lag);
        drop(rx);
        assert_eq!((tx.receiver_count(), tx.is_closed()), (0, true));
        assert_eq!(tx.try_send(1), Err(TrySendError::NoReceivers(1)));
        assert_eq!(now(tx.send(2)), Some(Err(SendError::NoReceivers(2))));
        let mut rx = tx.subscribe();
        assert!(!tx.is_closed());
        assert_eq!(now(tx.send(3)), Some(Ok(1)));
        assert_eq!(rx.try_recv(), Ok(3));
    }

    fn handles_know_their_channel<S>() {
        let (tx, rx) = S::broadcast::<u32, 3>(Lag);
        let (other, stranger) = S::broadcast::<u32, 3>(Lag);
        assert!(tx.same_channel(&tx.clone()) && rx.same_channel(&tx.subscribe()));
        assert!(!tx.same_channel(&other) && !rx.same_channel(&stranger));
        assert_eq!((tx.capacity(), rx.capacity()), (3, 3));
    }
}

// Slow receivers that lag.

on_both_storages! {
    /// The peer rounds it up to a power of two (tokio#8239).
    fn the_capacity_is_kept_exactly<S>() {
        let (tx, mut rx) = S::broadcast::<u32, 3>(Lag);
        (0..4).for_each(|n| assert_eq!(tx.try_send(n), Ok(1)));
        assert_eq!((rx.len(), tx.len()), (3, 3));
        assert_eq!(rx.try_recv(), Err(TryRecvError::Lagged(1)));
        assert_eq!(rx.try_recv(), Ok(1));
    }

    fn a_lagging_receiver_is_told_exactly_what_it_missed<S>() {
        let (tx, mut rx) = S::broadcast::<u64, 5>(Lag);
        let mut sent = 0;
        for missed in 0..40 {
            (0..5 + missed).for_each(|n| assert_eq!(tx.try_send(sent + n), Ok(1)));
            if missed > 0 {
                assert_eq!(now(rx.recv()), Some(Err(RecvError::Lagged(missed))));
            }
            sent += 5 + missed;
            for n in sent - 5..sent {
                assert_eq!(rx.try_recv(), Ok(n));
            }
            assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
        }
    }

    fn receivers_lag_each_for_itself<S>() {
        let (tx, mut slow) = S::broadcast::<u32, 2>(Lag);
        let mut quick = slow.clone();
        tx.try_send(0).unwrap();
        assert_eq!(quick.try_recv(), Ok(0));
        (1..4).for_each(|n| assert_eq!(tx.try_send(n), Ok(2)));
        assert_eq!(quick.try_recv(), Err(TryRecvError::Lagged(1)));
        assert_eq!(slow.try_recv(), Err(TryRecvError::Lagged(2)));
        assert_eq!((quick.try_recv(), slow.try_recv()), (Ok(2), Ok(2)));
        assert_eq!((quick.try_recv(), slow.try_recv()), (Ok(3), Ok(3)));
    }

    fn a_clone_of_a_lagging_receiver_is_told_too<S>() {
        let (tx, mut rx) = S::broadcast::<u32, 2>(Lag);
        (0..5).for_each(|n| assert_eq!(tx.try_send(n), Ok(1)));
        let mut clone = rx.clone();
        for rx in [&mut rx, &mut clone] {
            assert_eq!(rx.try_recv(), Err(TryRecvError::Lagged(3)));
            assert_eq!((rx.try_recv(), rx.try_recv()), (Ok(3), Ok(4)));
            assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
        }
        assert!(tx.is_empty());
    }

    fn overwritten_messages_are_dropped_when_they_are_overwritten<S>() {
        let copies = Arc::new(Copies::default());
        let (tx, rx) = S::broadcast::<Counted, 2>(Lag);
        for n in 0..5 {
            tx.try_send(copies.message()).ok().unwrap();
            assert_eq!(copies.dropped(), (n + 1_usize).saturating_sub(2));
        }
        drop(rx);
        assert_eq!((copies.made(), copies.dropped()), (5, 5));
    }

    fn a_lagging_receiver_that_leaves_drops_only_its_own<S>() {
        let (tx, slow) = S::broadcast::<u32, 2>(Lag);
        (0..9).for_each(|n| assert_eq!(tx.try_send(n), Ok(1)));
        let mut fresh = tx.subscribe();
        tx.try_send(9).unwrap();
        drop(slow);
        assert_eq!((tx.len(), fresh.try_recv()), (1, Ok(9)));
        assert!(tx.is_empty());
    }

    fn sending_never_waits_when_receivers_may_lag<S>() {
        let (tx, _rx) = S::broadcast::<u32, 1>(Lag);
        for n in 0..10 {
            assert_eq!(now(tx.send(n)), Some(Ok(1)));
        }
    }

    fn what_was_missed_is_told_also_after_closing<S>() {
        let (tx, mut rx) = S::broadcast::<u32, 1>(Lag);
        (0..3).for_each(|n| assert_eq!(tx.try_send(n), Ok(1)));
        drop(tx);
        assert_eq!(now(rx.recv()), Some(Err(RecvError::Lagged(2))));
        assert_eq!(now(rx.recv()), Some(Ok(2)));
        assert_eq!(now(rx.recv()), Some(Err(RecvError::Closed)));
    }
}

// Slow receivers that hold up the sender.

on_both_storages! {
    fn the_slowest_receiver_holds_up_the_sender<S>() {
        let (tx, mut quick) = S::broadcast::<u32, 2>(Backpressure);
        let mut slow = quick.clone();
        tx.try_send(1).unwrap();
        tx.try_send(2).unwrap();
        assert_eq!(tx.try_send(3), Err(TrySendError::Full(3)));
        let mut send = ByHand::parked(tx.send(3));
        assert_eq!((quick.try_recv(), quick.try_recv()), (Ok(1), Ok(2)));
        assert!(!send.is_woken());
        assert_eq!(slow.try_recv(), Ok(1));
        assert_eq!(send.wakes(), 1);
        assert_eq!(send.ready(), Ok(2));
        assert_eq!((slow.try_recv(), slow.try_recv()), (Ok(2), Ok(3)));
    }

    fn a_slow_receiver_that_is_dropped_frees_the_sender<S>() {
        let (tx, mut quick) = S::broadcast::<u32, 2>(Backpressure);
        let slow = quick.clone();
        tx.try_send(1).unwrap();
        tx.try_send(2).unwrap();
        assert_eq!((quick.try_recv(), quick.try_recv()), (Ok(1), Ok(2)));
        let mut sends = [ByHand::parked(tx.send(3)), ByHand::parked(tx.send(4))];
        drop(slow);
        for send in &mut sends {
            assert_eq!(send.wakes(), 1, "two slots became free");
            assert_eq!(send.ready(), Ok(1));
        }
        assert_eq!((quick.try_recv(), quick.try_recv()), (Ok(3), Ok(4)));
    }

    fn a_receiver_that_leaves_frees_only_what_nobody_else_wants<S>() {
        let (tx, mut middle) = S::broadcast::<u32, 3>(Backpressure);
        let slow = middle.clone();
        (0..3).for_each(|n| assert_eq!(tx.try_send(n), Ok(2)));
        assert_eq!(middle.try_recv(), Ok(0));
        drop(slow);
        assert_eq!(tx.len(), 2);
        assert_eq!(tx.try_send(3), Ok(1));
        assert_eq!(tx.try_send(4), Err(TrySendError::Full(4)));
        (1..4).for_each(|n| assert_eq!(middle.try_recv(), Ok(n)));
    }

    fn senders_wait_in_the_order_in_which_they_came<S>() {
        let (tx, mut rx) = S::broadcast::<u32, 1>(Backpressure);
        tx.try_send(0).unwrap();
        let mut sends: Vec<_> = (1..4).map(|n| ByHand::parked(tx.send(n))).collect();
        for n in 0..3 {
            assert_eq!(rx.try_recv(), Ok(n as u32));
            let woken: Vec<_> = sends.iter().map(|send| send.wakes()).collect();
            assert_eq!(woken, [1, usize::from(n >= 1), usize::from(n >= 2)]);
            assert_eq!(sends[n].ready(), Ok(1));
        }
    }

    fn a_woken_send_that_is_dropped_is_not_sent_and_passes_its_wake_on<S>() {
        let (tx, mut rx) = S::broadcast::<u32, 1>(Backpressure);
        tx.try_send(1).unwrap();
        let first = ByHand::parked(tx.send(2));
        let mut second = ByHand::parked(tx.send(3));
        assert_eq!(rx.try_recv(), Ok(1));
        assert!(first.is_woken() && !second.is_woken());
        drop(first);
        assert!(second.is_woken());
        assert_eq!(second.ready(), Ok(1));
        assert_eq!(rx.try_recv(), Ok(3));
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    }

    fn a_send_polled_by_another_task_wakes_that_one<S>() {
        let (tx, mut rx) = S::broadcast::<u32, 1>(Backpressure);
        tx.try_send(1).unwrap();
        let mut send = ByHand::new(tx.send(2));
        let (old, new) = (Task::new(), Task::new());
        assert!(send.poll_as(&old).is_pending());
        assert!(send.poll_as(&new).is_pending());
        assert_eq!(rx.try_recv(), Ok(1));
        assert_eq!((old.wakes(), new.wakes()), (0, 1));
        assert_eq!(send.ready(), Ok(1));
    }

    fn a_send_that_lost_its_slot_to_a_newcomer_keeps_its_place<S>() {
        let (tx, mut rx) = S::broadcast::<u32, 1>(Backpressure);
        tx.try_send(0).unwrap();
        let mut first = ByHand::parked(tx.send(1));
        let second = ByHand::parked(tx.send(2));
        assert_eq!(rx.try_recv(), Ok(0));
        assert_eq!(tx.try_send(9), Ok(1));
        assert!(first.poll().is_pending());
        assert_eq!(rx.try_recv(), Ok(9));
        assert!(first.is_woken() && !second.is_woken());
    }
}

// Receivers that wait.

on_both_storages! {
    fn a_message_wakes_every_receiver_that_waits<S>() {
        let (tx, rx) = S::broadcast::<u32, 4>(Backpressure);
        // More than are woken at a time.
        let mut all: Vec<Receiver<u32>> = (0..20).map(|_| rx.clone()).collect();
        let mut recvs: Vec<_> = all.iter_mut().map(|rx| ByHand::parked(rx.recv())).collect();
        tx.try_send(7).unwrap();
        for recv in &mut recvs {
            assert_eq!(recv.wakes(), 1);
            assert_eq!(recv.ready(), Ok(7));
        }
    }

    fn a_recv_that_is_dropped_loses_nothing<S>() {
        let (tx, mut rx) = S::broadcast::<u32, 4>(Backpressure);
        drop(ByHand::parked(rx.recv()));
        tx.try_send(1).unwrap();
        let waiting = {
            let mut waiting = ByHand::new(rx.recv());
            assert_eq!(waiting.ready(), Ok(1));
            drop(waiting);
            ByHand::parked(rx.recv())
        };
        tx.try_send(2).unwrap();
        assert!(waiting.is_woken());
        drop(waiting);
        assert_eq!(rx.try_recv(), Ok(2));
    }

    fn a_recv_polled_by_another_task_wakes_that_one<S>() {
        let (tx, mut rx) = S::broadcast::<u32, 4>(Backpressure);
        let mut recv = ByHand::new(rx.recv());
        let (old, new) = (Task::new(), Task::new());
        assert!(recv.poll_as(&old).is_pending());
        assert!(recv.poll_as(&new).is_pending());
        assert_eq!(Arc::strong_count(&old), 1, "the old waker is let go");
        tx.try_send(7).unwrap();
        assert_eq!((old.wakes(), new.wakes()), (0, 1));
        assert_eq!(recv.ready(), Ok(7));
    }

    fn a_recv_that_was_overtaken_before_it_ran_is_told<S>() {
        let (tx, mut rx) = S::broadcast::<u32, 1>(Lag);
        let mut recv = ByHand::parked(rx.recv());
        (0..3).for_each(|n| assert_eq!(tx.try_send(n), Ok(1)));
        assert_eq!(recv.wakes(), 1);
        assert_eq!(recv.ready(), Err(RecvError::Lagged(2)));
        drop(recv);
        assert_eq!(rx.try_recv(), Ok(2));
    }
}

// Closing.

on_both_storages! {
    fn closing_drains_for_every_receiver<S>() {
        let (tx, mut first) = S::broadcast::<u32, 4>(Backpressure);
        let mut second = first.clone();
        tx.try_send(1).unwrap();
        assert!(tx.close() && !tx.close());
        assert_eq!(tx.try_send(2), Err(TrySendError::Closed(2)));
        assert_eq!(now(tx.send(2)), Some(Err(SendError::Closed(2))));
        for rx in [&mut first, &mut second] {
            assert!(rx.is_closed());
            assert_eq!(now(rx.recv()), Some(Ok(1)));
            assert_eq!(now(rx.recv()), Some(Err(RecvError::Closed)));
            assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
        }
        assert_eq!(tx.subscribe().try_recv(), Err(TryRecvError::Closed));
    }

    fn closing_wakes_everybody<S>() {
        let (tx, mut rx) = S::broadcast::<u32, 1>(Backpressure);
        let mut parked: Vec<_> = (0..10).map(|_| rx.clone()).collect();
        let mut recvs: Vec<_> = parked.iter_mut().map(|rx| ByHand::parked(rx.recv())).collect();
        let mut closed = ByHand::parked(tx.closed());
        tx.close();
        for recv in &mut recvs {
            assert_eq!(recv.wakes(), 1);
            assert_eq!(recv.ready(), Err(RecvError::Closed));
        }
        assert!(closed.is_woken());
        closed.ready();
        assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));

        let (tx, _rx) = S::broadcast::<u32, 1>(Backpressure);
        tx.try_send(0).unwrap();
        let mut sends: Vec<_> = (1..12).map(|n| ByHand::parked(tx.send(n))).collect();
        tx.close();
        for (n, send) in (1..).zip(&mut sends) {
            assert_eq!(send.wakes(), 1);
            assert_eq!(send.ready(), Err(SendError::Closed(n)), "the message comes back");
        }
    }

    fn dropping_the_last_sender_closes<S>() {
        let (tx, mut rx) = S::broadcast::<u32, 2>(Backpressure);
        let another = tx.clone();
        drop(tx);
        assert!(!rx.is_closed());
        another.try_send(1).unwrap();
        drop(another);
        assert!(rx.is_closed());
        assert_eq!(rx.try_recv(), Ok(1));
        assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));

        let (tx, mut rx) = S::broadcast::<u32, 2>(Backpressure);
        let mut recv = ByHand::parked(rx.recv());
        drop(tx);
        assert!(recv.is_woken());
        assert_eq!(recv.ready(), Err(RecvError::Closed));
    }

    fn a_weak_sender_keeps_nothing_open<S>() {
        let (tx, rx) = S::broadcast::<u32, 2>(Backpressure);
        let weak = tx.downgrade();
        let again = weak.clone().upgrade().unwrap();
        assert!(again.same_channel(&tx));
        drop(tx);
        assert!(!rx.is_closed());
        drop(again);
        assert!(rx.is_closed() && weak.upgrade().is_none());
    }

    fn waiting_senders_are_told_when_the_last_receiver_goes<S>() {
        let (tx, rx) = S::broadcast::<u32, 1>(Backpressure);
        let other = rx.clone();
        tx.try_send(0).unwrap();
        let mut sends: Vec<_> = (1..12).map(|n| ByHand::parked(tx.send(n))).collect();
        let mut closed = ByHand::parked(tx.closed());
        drop(rx);
        assert!(sends.iter().all(|send| !send.is_woken()) && !closed.is_woken());
        drop(other);
        for (n, send) in (1..).zip(&mut sends) {
            assert_eq!(send.wakes(), 1);
            assert_eq!(send.ready(), Err(SendError::NoReceivers(n)));
        }
        assert!(closed.is_woken());
        closed.ready();
    }

    fn queued_messages_are_dropped_when_the_last_receiver_goes<S>() {
        let copies = Arc::new(Copies::default());
        let (tx, rx) = S::broadcast::<Counted, 8>(Backpressure);
        let another = rx.clone();
        for _ in 0..5 {
            tx.try_send(copies.message()).ok().unwrap();
        }
        drop(rx);
        assert_eq!((copies.dropped(), tx.len()), (0, 5));
        drop(another);
        assert_eq!((copies.dropped(), tx.len()), (5, 0));
        assert_eq!(copies.made(), 5);
    }

    /// A destructor runs without a lock of the channel.
    fn a_queued_message_may_use_the_channel_while_it_is_dropped<S>() {
        #[derive(Clone)]
        struct Sends(Option<Sender<Self>>);
        impl Drop for Sends {
            fn drop(&mut self) {
                if let Some(tx) = self.0.take() {
                    assert!(tx.try_send(Self(None)).is_err_and(|error| !error.is_full()));
                    assert_eq!(tx.receiver_count(), 0);
                }
            }
        }
        let (tx, rx) = S::broadcast::<Sends, 2>(Backpressure);
        tx.try_send(Sends(Some(tx.clone()))).ok().unwrap();
        tx.try_send(Sends(Some(tx.clone()))).ok().unwrap();
        drop(rx);
        assert!(tx.is_empty());
    }

    fn an_overwritten_message_may_use_the_channel_while_it_is_dropped<S>() {
        #[derive(Clone)]
        struct Looks(Sender<Self>, Arc<AtomicUsize>);
        impl Drop for Looks {
            fn drop(&mut self) {
                self.1.store(self.0.len(), Ordering::SeqCst);
            }
        }
        let (tx, rx) = S::broadcast::<Looks, 1>(Lag);
        let seen = Arc::new(AtomicUsize::new(9));
        tx.try_send(Looks(tx.clone(), seen.clone())).ok().unwrap();
        tx.try_send(Looks(tx.clone(), seen.clone())).ok().unwrap();
        assert_eq!(seen.load(Ordering::SeqCst), 1);
        drop(rx);
        assert_eq!(seen.load(Ordering::SeqCst), 0);
    }
}

// Panics.

on_both_storages! {
    fn a_clone_that_panics_loses_nothing<S>() {
        struct Fussy(Arc<AtomicUsize>);
        impl Clone for Fussy {
            fn clone(&self) -> Self {
                assert!(self.0.fetch_add(1, Ordering::SeqCst) > 0, "not the first time");
                Self(self.0.clone())
            }
        }
        let (tx, mut first) = S::broadcast::<Fussy, 1>(Backpressure);
        let mut second = first.clone();
        tx.try_send(Fussy(Arc::default())).ok().unwrap();
        assert!(catch_unwind(AssertUnwindSafe(|| first.try_recv())).is_err());
        assert!(first.try_recv().is_ok() && second.try_recv().is_ok());
        assert!(tx.is_empty());
    }

    fn a_destructor_that_panics_does_not_keep_those_behind_it<S>() {
        struct Bomb(Arc<AtomicUsize>, bool);
        impl Drop for Bomb {
            fn drop(&mut self) {
                self.0.fetch_add(1, Ordering::SeqCst);
                assert!(!self.1, "told to");
            }
        }
        let (tx, rx) = S::broadcast::<Bomb, 4>(Backpressure);
        let drops = Arc::new(AtomicUsize::new(0));
        for panics in [false, true, false, false] {
            tx.try_send(Bomb(drops.clone(), panics)).ok().unwrap();
        }
        assert!(catch_unwind(AssertUnwindSafe(|| drop(rx))).is_err());
        assert_eq!((drops.load(Ordering::SeqCst), tx.len(), tx.receiver_count()), (4, 0, 0));
    }
}

// Streams.

on_both_storages! {
    fn a_stream_gives_messages_and_says_what_was_missed<S>() {
        let (tx, rx) = S::broadcast::<u32, 2>(Lag);
        let mut stream = pin!(rx.into_stream());
        (0..3).for_each(|n| assert_eq!(tx.try_send(n), Ok(1)));
        assert_eq!(stream.next().now_or_never(), Some(Some(Err(Lagged(1)))));
        assert_eq!(stream.next().now_or_never(), Some(Some(Ok(1))));
        assert_eq!(stream.next().now_or_never(), Some(Some(Ok(2))));
        let mut next = ByHand::parked(stream.next());
        drop(tx);
        assert!(next.is_woken());
        assert_eq!(next.poll(), Poll::Ready(None));
        drop(next);
        assert!(stream.is_terminated());
        assert_eq!(stream.next().now_or_never(), Some(None));
        assert!(stream.receiver().is_closed());
    }

    fn a_stream_that_is_dropped_while_it_waits_frees_its_claims<S>() {
        let (tx, rx) = S::broadcast::<u32, 1>(Backpressure);
        let mut stream = Box::pin(rx.into_stream());
        assert_eq!(stream.next().now_or_never(), None);
        tx.try_send(1).unwrap();
        drop(stream);
        assert_eq!((tx.len(), tx.receiver_count()), (0, 0));
    }
}

// On an executor.

on_both_storages! {
    fn senders_and_receivers_of_every_speed_meet_in_any_order<S>() {
        for seed in 0..if cfg!(miri) { 3 } else { 300 } {
            let executor = Executor::new(seed);
            let (tx, rx) = S::broadcast::<u64, 3>(Backpressure);
            let received: Vec<_> = (0..3)
                .map(|_| {
                    let mut rx = rx.clone();
                    executor.start(async move {
                        let mut received = vec![];
                        while let Ok(message) = rx.recv().await {
                            received.push(message);
                        }
                        received
                    })
                })
                .collect();
            drop(rx);
            for sender in 0..2 {
                let tx = tx.clone();
                drop(executor.start(async move {
                    for n in 0..10 {
                        tx.send(sender * 100 + n).await.unwrap();
                    }
                }));
            }
            drop(tx);
            executor.run();
            let received: Vec<_> = received.iter().map(|output| output.take().unwrap()).collect();
            assert!(received.iter().all(|other| *other == received[0] && other.len() == 20));
            for sender in 0..2 {
                let of_one = received[0].iter().filter(|&&n| n / 100 == sender);
                assert!(of_one.is_sorted());
            }
        }
    }
}

// Construction, and what both storages do not share.

#[test]
fn a_capacity_that_is_impossible_is_refused() {
    let refused = |capacity| broadcast::try_channel::<u64>(capacity, Lag).err();
    assert_eq!(refused(0), Some(CapacityError::Zero));
    assert_eq!(refused(usize::MAX), Some(CapacityError::TooLarge));
    assert_eq!(refused(isize::MAX as usize), Some(CapacityError::TooLarge));
    assert_eq!(refused(1), None);
    assert!(catch_unwind(|| broadcast::channel::<u64>(0, Lag)).is_err());
}

#[test]
fn what_is_sent_need_not_live_for_ever() {
    let text = String::from("news");
    let (tx, mut rx) = broadcast::channel::<&str>(2, Lag);
    tx.try_send(&text).unwrap();
    assert_eq!(rx.try_recv(), Ok("news"));
}

#[test]
fn messages_need_not_be_clone_to_be_sent() {
    struct Opaque;
    let (tx, rx) = broadcast::channel::<Opaque>(2, Backpressure);
    assert_eq!(tx.try_send(Opaque).ok(), Some(1));
    assert_eq!(format!("{:?}", tx.try_send(Opaque)), "Ok(1)");
    assert_eq!(format!("{:?}", tx.try_send(Opaque)), "Err(Full(..))");
    drop(rx);
    assert_eq!(format!("{:?}", now(tx.send(Opaque))), "Some(Err(NoReceivers(..)))");
}

#[test]
fn a_static_is_sent_to_in_place_and_stays_open_without_senders() {
    static NEWS: Broadcast<u32, 2> = Broadcast::new(Backpressure);
    assert!(NEWS.is_closed(), "nobody is there yet");
    assert_eq!(NEWS.try_send(1), Err(TrySendError::NoReceivers(1)));
    let mut rx = NEWS.receiver();
    assert_eq!((NEWS.receiver_count(), NEWS.capacity()), (1, 2));
    assert_eq!((NEWS.try_send(1), now(NEWS.send(2))), (Ok(1), Some(Ok(1))));
    let mut third = ByHand::parked(NEWS.send(3));
    assert_eq!((NEWS.len(), rx.try_recv()), (2, Ok(1)));
    assert_eq!(third.ready(), Ok(1));
    drop(NEWS.sender());
    assert_eq!(NEWS.try_send(4), Err(TrySendError::Closed(4)), "the last handle closed it");
    assert_eq!((rx.try_recv(), rx.try_recv()), (Ok(2), Ok(3)));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    assert!(!NEWS.close());
}

#[test]
fn handles_and_futures_are_send_and_sync() {
    fn check<T: Send + Sync>(_: &T) {}
    let (tx, mut rx) = broadcast::channel::<core::cell::Cell<u32>>(2, Lag);
    check(&tx);
    check(&tx.downgrade());
    check(&tx.closed());
    check(&rx.recv());
    check(&rx);
    check(&rx.into_stream());
    fn moves<T: Send>(_: &T) {}
    moves(&tx.send(core::cell::Cell::new(1)));
}

#[test]
fn errors_say_what_happened() {
    assert_eq!(SendError::Closed(1).to_string(), "the channel is closed");
    assert_eq!(SendError::NoReceivers(1).to_string(), "the channel has no receivers");
    assert_eq!(TrySendError::Full(1).to_string(), "the channel is full");
    assert_eq!(TrySendError::NoReceivers(7).into_inner(), 7);
    assert_eq!(SendError::Closed(7).into_inner(), 7);
    assert!(TrySendError::Closed(7).is_closed());
    assert_eq!(Lagged(3).to_string(), "the receiver lagged and missed 3 messages");
    assert_eq!(RecvError::Lagged(3).to_string(), Lagged(3).to_string());
    assert_eq!(TryRecvError::Closed.to_string(), RecvError::Closed.to_string());
    let (tx, rx) = broadcast::channel::<u8>(2, Lag);
    let shown = "{ len: 0, capacity: 2, overflow: Lag, receivers: 1, closed: false, .. }";
    assert_eq!(format!("{tx:?} {rx:?}"), format!("Sender {shown} Receiver {shown}"));
}
