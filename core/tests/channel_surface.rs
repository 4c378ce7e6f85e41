//! The smaller operations of a channel, on futures that are polled by hand.

#![cfg(feature = "std")]

mod by_hand;
mod storage;
mod virtual_clock;

use by_hand::{ByHand, now};
use core::{
    panic::AssertUnwindSafe,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};
use futures_util::{FutureExt, StreamExt};
use klaw::{
    Channel, RecvError, SendError, TryRecvError, TrySendError, bounded,
    channel::{
        CapacityError, DEFAULT_CAPACITY, Local, RecvTimeoutError, SendTimeoutError, channel, local,
        try_bounded, unbounded,
    },
};
use std::{collections::VecDeque, panic::catch_unwind, rc::Rc, sync::Arc};
use storage::on_every_flavour;
use virtual_clock::VirtualClock;

const SECOND: Duration = Duration::from_secs(1);

fn panics<R>(f: impl FnOnce() -> R) -> bool {
    catch_unwind(AssertUnwindSafe(f)).is_err()
}

// force_send: the newest matter more than the oldest.

on_every_flavour! {
    fn force_send_replaces_the_oldest_and_returns_it<S>() {
        let (tx, rx) = S::channel::<u32, 3>();
        for n in 0..3 {
            assert_eq!(tx.force_send(n), Ok(None));
        }
        for n in 3..20 {
            assert_eq!(tx.force_send(n), Ok(Some(n - 3)));
            assert_eq!(tx.len(), 3);
        }
        assert_eq!([(); 3].map(|()| rx.try_recv()), [Ok(17), Ok(18), Ok(19)]);
        assert_eq!(tx.force_send(20), Ok(None));
        assert_eq!(rx.try_recv(), Ok(20));
    }

    fn force_send_at_capacity_1_keeps_the_latest<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        assert_eq!([tx.force_send(1), tx.force_send(2)], [Ok(None), Ok(Some(1))]);
        assert_eq!([rx.try_recv(), rx.try_recv()], [Ok(2), Err(TryRecvError::Empty)]);
    }

    fn force_send_wakes_one_receiver<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        let mut first = ByHand::parked(rx.recv());
        let second = ByHand::parked(rx.recv());
        assert_eq!(tx.force_send(7), Ok(None));
        assert_eq!((first.wakes(), second.wakes()), (1, 0));
        assert_eq!(first.ready(), Ok(7));
    }

    /// The woken receiver gets the message that is there when it looks.
    fn a_receiver_woken_for_a_replaced_message_gets_the_new_one<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        let mut recv = ByHand::parked(rx.recv());
        tx.force_send(1).unwrap();
        assert_eq!(tx.force_send(2), Ok(Some(1)));
        assert_eq!(recv.ready(), Ok(2));
    }

    fn force_send_makes_no_room_for_those_who_wait<S>() {
        let (tx, rx) = S::channel::<u32, 2>();
        tx.try_send(0).unwrap();
        tx.try_send(1).unwrap();
        let mut send = ByHand::parked(tx.send(3));
        assert_eq!(tx.force_send(2), Ok(Some(0)));
        assert_eq!(send.wakes(), 0);
        assert_eq!(rx.try_recv(), Ok(1));
        assert_eq!((send.wakes(), send.ready()), (1, Ok(())));
        assert_eq!([rx.try_recv(), rx.try_recv()], [Ok(2), Ok(3)]);
    }

    fn force_send_into_a_closed_channel_gives_the_message_back<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        tx.try_send(1).unwrap();
        tx.close();
        assert_eq!(tx.force_send(2), Err(TrySendError::Closed(2)));
        assert_eq!(rx.try_recv(), Ok(1));
    }

    fn force_send_grows_the_ring_before_it_replaces<S>() {
        let (tx, rx) = S::channel::<u32, 9>();
        for offset in 0..9 {
            tx.try_send(offset).unwrap();
            rx.try_recv().unwrap();
            assert!((0..9).all(|n| tx.force_send(n) == Ok(None)));
            assert_eq!(tx.force_send(9), Ok(Some(0)));
            assert!((1..10).all(|n| rx.try_recv() == Ok(n)));
        }
    }
}

// recv_many: several messages for one lock and one wake.

on_every_flavour! {
    fn recv_many_takes_what_is_there_up_to_the_limit<S>() {
        let (tx, rx) = S::channel::<u32, 8>();
        (0..7).for_each(|n| tx.try_send(n).unwrap());
        let mut batch = vec![99];
        assert_eq!(now(rx.recv_many(&mut batch, 3)), Some(Ok(3)));
        assert_eq!(now(rx.recv_many(&mut batch, 1)), Some(Ok(1)));
        assert_eq!(now(rx.recv_many(&mut batch, usize::MAX)), Some(Ok(3)));
        assert_eq!(batch, [99, 0, 1, 2, 3, 4, 5, 6], "behind what was there");
        assert_eq!((rx.len(), now(rx.recv_many(&mut batch, 3))), (0, None));
    }

    fn recv_many_appends_to_a_deque<S>() {
        let (tx, rx) = S::channel::<u32, 4>();
        (0..4).for_each(|n| tx.try_send(n).unwrap());
        let mut batch = VecDeque::from([9]);
        assert_eq!(now(rx.recv_many(&mut batch, 10)), Some(Ok(4)));
        assert_eq!(batch, [9, 0, 1, 2, 3]);
    }

    fn recv_many_fills_a_buffer_that_cannot_grow<S>() {
        let (tx, rx) = S::channel::<u32, 8>();
        (0..6).for_each(|n| tx.try_send(n).unwrap());
        let mut batch = heapless::Vec::<u32, 4>::new();
        batch.push(9).unwrap();
        assert_eq!(now(rx.recv_many(&mut batch, 10)), Some(Ok(3)));
        assert_eq!(batch, [9, 0, 1, 2]);
        batch.clear();
        assert_eq!(now(rx.recv_many(&mut batch, 2)), Some(Ok(2)));
        assert_eq!((batch.as_slice(), rx.len()), (&[3, 4][..], 1));
    }

    fn recv_many_goes_round_the_end_of_the_ring<S>() {
        let (tx, rx) = S::channel::<u32, 5>();
        let (mut sent, mut batch) = (0, vec![]);
        for round in 1..40 {
            while tx.try_send(sent).is_ok() {
                sent += 1;
            }
            now(rx.recv_many(&mut batch, round % 5 + 1)).unwrap().unwrap();
        }
        assert!(batch.iter().copied().eq(0..batch.len() as u32));
    }

    fn recv_many_waits_for_the_first_message<S>() {
        let (tx, rx) = S::channel::<u32, 4>();
        let mut batch = vec![];
        let mut many = ByHand::parked(rx.recv_many(&mut batch, 4));
        tx.try_send(1).unwrap();
        tx.try_send(2).unwrap();
        assert_eq!((many.wakes(), many.ready()), (1, Ok(2)));
        drop(many);
        assert_eq!(batch, [1, 2]);
    }

    fn recv_many_drains_a_closed_channel_and_then_ends<S>() {
        let (tx, rx) = S::channel::<u32, 4>();
        let mut batch = vec![];
        tx.try_send(1).unwrap();
        tx.close();
        assert_eq!(now(rx.recv_many(&mut batch, 4)), Some(Ok(1)));
        assert_eq!(now(rx.recv_many(&mut batch, 4)), Some(Err(RecvError)));
        assert_eq!(batch, [1]);
    }

    fn a_close_wakes_recv_many<S>() {
        let (tx, rx) = S::channel::<u32, 4>();
        let mut batch = vec![];
        let mut many = ByHand::parked(rx.recv_many(&mut batch, 4));
        drop(tx);
        assert_eq!((many.wakes(), many.ready()), (1, Err(RecvError)));
    }

    /// Also more than fit into one batch of wakers.
    fn recv_many_wakes_as_many_senders_as_it_freed_slots<S>() {
        let (tx, rx) = S::channel::<u32, 20>();
        for count in [1, 2, 7, 8, 9, 17, 20] {
            let mut n = 0;
            while tx.try_send(n).is_ok() {
                n += 1;
            }
            let mut sends: Vec<_> = (0..20).map(|n| ByHand::parked(tx.send(100 + n))).collect();
            let mut batch = vec![];
            assert_eq!(now(rx.recv_many(&mut batch, count)), Some(Ok(count)));
            let (woken, waiting) = sends.split_at_mut(count);
            assert!(woken.iter_mut().all(|send| send.wakes() == 1 && send.ready() == Ok(())));
            assert!(waiting.iter().all(|send| send.wakes() == 0));
            drop(sends);
            while rx.try_recv().is_ok() {}
        }
    }

    fn recv_many_dropped_when_woken_passes_its_wake_on<S>() {
        let (tx, rx) = S::channel::<u32, 4>();
        let mut batch = vec![];
        let many = ByHand::parked(rx.recv_many(&mut batch, 4));
        let mut recv = ByHand::parked(rx.recv());
        tx.try_send(1).unwrap();
        assert!(many.is_woken() && !recv.is_woken());
        drop(many);
        assert_eq!((recv.wakes(), recv.ready()), (1, Ok(1)));
        assert!(batch.is_empty());
    }

    /// What another receiver was woken for may be gone, and it keeps its place.
    fn a_receiver_whose_message_went_with_a_batch_keeps_its_place<S>() {
        let (tx, rx) = S::channel::<u32, 4>();
        let mut first = ByHand::parked(rx.recv());
        let second = ByHand::parked(rx.recv());
        tx.try_send(1).unwrap();
        let mut batch = vec![];
        assert_eq!(now(rx.recv_many(&mut batch, 4)), Some(Ok(1)));
        assert!(first.poll().is_pending());
        tx.try_send(2).unwrap();
        assert!(first.is_woken() && !second.is_woken());
    }

    fn recv_many_of_nothing_panics_when_polled<S>() {
        let (tx, rx) = S::channel::<u32, 4>();
        let mut batch = vec![];
        drop(rx.recv_many(&mut batch, 0));
        assert!(panics(|| now(rx.recv_many(&mut batch, 0))));
        tx.try_send(1).unwrap();
        let mut full = heapless::Vec::<u32, 1>::from_slice(&[0]).unwrap();
        assert!(panics(|| now(rx.recv_many(&mut full, 1))));
        assert_eq!(rx.try_recv(), Ok(1), "nothing was lost");
    }
}

// closed: waiting for nobody to listen any more.

on_every_flavour! {
    fn closed_waits_for_a_close<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        let mut waiting = [(); 3].map(|()| ByHand::parked(tx.closed()));
        tx.try_send(1).unwrap();
        rx.try_recv().unwrap();
        assert!(waiting.iter_mut().all(|closed| closed.poll().is_pending() && closed.wakes() == 0));
        rx.close();
        for closed in &mut waiting {
            assert_eq!((closed.wakes(), closed.ready()), (1, ()));
        }
        assert_eq!(now(tx.closed()), Some(()), "at once, when it is closed already");
    }

    fn closed_waits_for_the_last_receiver_to_go<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        let mut closed = ByHand::parked(tx.closed());
        drop(rx.clone());
        assert!(closed.poll().is_pending());
        drop(rx);
        assert_eq!((closed.wakes(), closed.ready()), (1, ()));
    }

    fn closed_does_not_wait_for_the_queue_to_drain<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        tx.try_send(1).unwrap();
        let mut closed = ByHand::parked(tx.closed());
        tx.close();
        assert_eq!((closed.wakes(), closed.ready()), (1, ()));
        assert_eq!(rx.try_recv(), Ok(1));
    }

    fn a_dropped_closed_is_forgotten<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        let dropped = ByHand::parked(tx.closed());
        let kept = ByHand::parked(tx.closed());
        drop(dropped);
        rx.close();
        assert_eq!(kept.wakes(), 1);
    }
}

// Handles: counts, weak ones.

on_every_flavour! {
    fn handles_are_counted<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        let (tx2, rx2) = (tx.clone(), rx.clone());
        let rx3 = rx2.clone();
        assert_eq!((tx.sender_count(), tx.receiver_count()), (2, 3));
        assert_eq!((rx.sender_count(), rx.receiver_count()), (2, 3));
        drop((tx2, rx3));
        let (weak_tx, weak_rx) = (tx.downgrade(), rx.downgrade());
        assert_eq!((tx.sender_count(), tx.receiver_count()), (1, 2), "weak ones are not");
        let (tx2, rx3) = (weak_tx.upgrade().unwrap(), weak_rx.upgrade().unwrap());
        assert_eq!((tx.sender_count(), tx.receiver_count()), (2, 3));
        assert!(tx2.same_channel(&tx) && rx3.same_channel(&rx2));
        let stream = rx3.into_stream();
        assert_eq!(tx.receiver_count(), 3);
        drop((stream, rx, rx2));
        assert_eq!((tx.receiver_count(), tx.is_closed()), (0, true));
    }

    fn a_weak_sender_does_not_keep_the_channel_open<S>() {
        let (tx, rx) = S::channel::<u32, 2>();
        let weak = tx.downgrade();
        tx.try_send(1).unwrap();
        let mut recv = ByHand::new(rx.recv());
        assert_eq!(recv.ready(), Ok(1));
        let mut recv = ByHand::parked(rx.recv());
        drop(tx);
        assert_eq!((recv.wakes(), recv.ready()), (1, Err(RecvError)));
        assert!(weak.upgrade().is_none() && weak.clone().upgrade().is_none());
    }

    fn a_weak_sender_is_upgraded_while_there_is_another<S>() {
        let (tx, rx) = S::channel::<u32, 2>();
        let weak = tx.downgrade();
        let strong = weak.upgrade().unwrap();
        drop(tx);
        strong.try_send(1).unwrap();
        assert!(!rx.is_closed());
        drop(strong);
        assert!(rx.is_closed() && weak.upgrade().is_none());
        assert_eq!(rx.try_recv(), Ok(1));
    }

    /// There are messages, but no sender any more.
    fn messages_inside_do_not_let_a_weak_sender_be_upgraded<S>() {
        let (tx, rx) = S::channel::<u32, 2>();
        let weak = tx.downgrade();
        tx.try_send(1).unwrap();
        drop(tx);
        assert!(weak.upgrade().is_none());
        assert_eq!([rx.try_recv(), rx.try_recv()], [Ok(1), Err(TryRecvError::Closed)]);
    }

    fn a_weak_sender_of_a_closed_channel_is_not_upgraded<S>() {
        let (tx, rx) = S::channel::<u32, 2>();
        let weak = tx.downgrade();
        rx.close();
        assert!(weak.upgrade().is_none());
        assert_eq!(tx.sender_count(), 1);
    }

    fn a_weak_receiver_does_not_keep_messages<S>() {
        let message = Arc::new(());
        let (tx, rx) = S::channel::<Arc<()>, 2>();
        let weak = rx.downgrade();
        tx.try_send(message.clone()).unwrap();
        drop(rx);
        assert_eq!((Arc::strong_count(&message), tx.is_closed()), (1, true));
        assert!(weak.upgrade().is_none());
    }

    fn a_weak_receiver_is_upgraded_to_drain_a_closed_channel<S>() {
        let (tx, rx) = S::channel::<u32, 2>();
        let weak = rx.downgrade();
        tx.try_send(1).unwrap();
        drop(tx);
        let another = weak.upgrade().unwrap();
        drop(rx);
        assert_eq!([another.try_recv(), another.try_recv()], [Ok(1), Err(TryRecvError::Closed)]);
    }

    fn a_weak_handle_outlives_its_channel<S>() {
        let (tx, rx) = S::channel::<u32, 2>();
        let (weak_tx, weak_rx) = (tx.downgrade(), rx.downgrade());
        drop((tx, rx));
        assert!(weak_tx.upgrade().is_none() && weak_rx.upgrade().is_none());
        let text = format!("{weak_tx:?} {weak_rx:?}");
        assert!(text.starts_with("WeakSender") && text.contains("WeakReceiver"), "{text}");
    }
}

// Send::cancel: the message comes back.

on_every_flavour! {
    fn an_unpolled_send_that_is_cancelled_gives_its_message_back<S>() {
        let (tx, rx) = S::channel::<String, 1>();
        let mut send = ByHand::new(tx.send("message".into()));
        assert_eq!(send.future_mut().cancel(), Some("message".into()));
        assert_eq!(send.future_mut().cancel(), None);
        assert!(rx.is_empty());
    }

    fn a_parked_send_that_is_cancelled_gives_its_message_back<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        tx.try_send(1).unwrap();
        let mut cancelled = ByHand::parked(tx.send(2));
        let mut behind = ByHand::parked(tx.send(3));
        assert_eq!(cancelled.future_mut().cancel(), Some(2));
        assert_eq!(rx.try_recv(), Ok(1));
        assert_eq!((cancelled.wakes(), behind.wakes()), (0, 1), "it stands in the queue no more");
        assert_eq!(behind.ready(), Ok(()));
        drop(cancelled);
        assert_eq!([rx.try_recv(), rx.try_recv()], [Ok(3), Err(TryRecvError::Empty)]);
    }

    fn a_woken_send_that_is_cancelled_passes_its_wake_on<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        tx.try_send(1).unwrap();
        let mut cancelled = ByHand::parked(tx.send(2));
        let mut behind = ByHand::parked(tx.send(3));
        assert_eq!(rx.try_recv(), Ok(1));
        assert_eq!(cancelled.future_mut().cancel(), Some(2));
        assert_eq!((behind.wakes(), behind.ready()), (1, Ok(())));
        drop(cancelled); // passes no second wake on
        assert_eq!(rx.try_recv(), Ok(3));
    }

    fn a_send_that_is_done_has_nothing_to_give_back<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        let mut at_once = ByHand::new(tx.send(1));
        assert_eq!(at_once.ready(), Ok(()));
        let mut later = ByHand::parked(tx.send(2));
        assert_eq!(rx.try_recv(), Ok(1));
        assert_eq!(later.ready(), Ok(()));
        assert_eq!([at_once.future_mut().cancel(), later.future_mut().cancel()], [None, None]);
        assert_eq!(rx.try_recv(), Ok(2));
    }

    fn a_send_that_was_refused_has_nothing_to_give_back<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        rx.close();
        let mut send = ByHand::new(tx.send(1));
        assert_eq!(send.ready(), Err(SendError(1)));
        assert_eq!(send.future_mut().cancel(), None);
    }

    fn a_send_cancelled_after_a_close_gives_its_message_back<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        tx.try_send(1).unwrap();
        let mut send = ByHand::parked(tx.send(2));
        rx.close();
        assert!(send.is_woken());
        assert_eq!(send.future_mut().cancel(), Some(2));
    }

    fn a_send_polled_after_it_gave_its_message_back_panics<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        let mut done = ByHand::new(tx.send(1));
        assert_eq!([done.ready(), done.ready()], [Ok(()), Ok(())]);
        let mut cancelled = ByHand::parked(tx.send(2));
        cancelled.future_mut().cancel();
        assert!(panics(|| cancelled.poll()));
        assert_eq!([rx.try_recv(), rx.try_recv()], [Ok(1), Err(TryRecvError::Empty)]);
        rx.close();
        let mut refused = ByHand::new(tx.send(3));
        assert!(refused.ready().is_err());
        assert!(panics(|| refused.poll()));
    }
}

// Limits of time.

on_every_flavour! {
    fn send_timeout_gives_the_message_back<S>() {
        let clock = VirtualClock::new();
        let (tx, rx) = S::channel::<u32, 1>();
        tx.try_send(1).unwrap();
        let mut send = ByHand::parked(tx.send_timeout(&clock, SECOND, 2));
        let mut behind = ByHand::parked(tx.send(3));
        clock.advance(SECOND);
        assert!(send.is_woken());
        let late = send.ready().unwrap_err();
        assert!(late.is_timeout() && late == SendTimeoutError::Timeout(2));
        assert_eq!(late.into_inner(), 2);
        assert_eq!(rx.try_recv(), Ok(1));
        assert_eq!((behind.wakes(), behind.ready()), (1, Ok(())), "it stands in nobody's way");
        assert!(panics(|| send.poll()));
    }

    fn recv_timeout_ends<S>() {
        let clock = VirtualClock::new();
        let (_tx, rx) = S::channel::<u32, 1>();
        let mut recv = ByHand::parked(rx.recv_timeout(&clock, SECOND));
        clock.advance(SECOND / 2);
        assert!(recv.poll().is_pending());
        clock.advance(SECOND / 2);
        assert_eq!((recv.is_woken(), recv.ready()), (true, Err(RecvTimeoutError::Timeout)));
    }

    /// Done is done, also while the future lives on in the frame that awaited it.
    fn a_recv_timeout_that_ended_stands_in_nobodys_way<S>() {
        let clock = VirtualClock::new();
        let (tx, rx) = S::channel::<u32, 1>();
        let mut late = ByHand::parked(rx.recv_timeout(&clock, SECOND));
        let mut behind = ByHand::parked(rx.recv());
        clock.advance(SECOND);
        assert_eq!(late.ready(), Err(RecvTimeoutError::Timeout));
        tx.try_send(1).unwrap();
        assert_eq!((behind.wakes(), behind.ready()), (1, Ok(1)));
        drop(late);
    }

    fn in_time_is_in_time<S>() {
        let clock = VirtualClock::new();
        let (tx, rx) = S::channel::<u32, 1>();
        let mut recv = ByHand::parked(rx.recv_timeout(&clock, SECOND));
        assert_eq!(now(tx.send_timeout(&clock, SECOND, 1)), Some(Ok(())));
        assert_eq!(recv.ready(), Ok(1));
        tx.try_send(2).unwrap();
        let mut send = ByHand::parked(tx.send_timeout(&clock, SECOND, 3));
        assert_eq!(rx.try_recv(), Ok(2));
        assert_eq!(send.ready(), Ok(()));
        drop((send, recv));
        assert_eq!(clock.timers(), 0);
    }

    fn what_comes_at_the_same_time_as_the_timeout_wins<S>() {
        let clock = VirtualClock::new();
        let (tx, rx) = S::channel::<u32, 1>();
        let mut recv = ByHand::parked(rx.recv_timeout(&clock, SECOND));
        clock.advance(SECOND);
        tx.try_send(1).unwrap();
        assert_eq!(recv.ready(), Ok(1));

        tx.try_send(2).unwrap();
        let mut send = ByHand::parked(tx.send_timeout(&clock, SECOND, 3));
        clock.advance(SECOND);
        assert_eq!(rx.try_recv(), Ok(2));
        assert_eq!(send.ready(), Ok(()));
        assert_eq!(rx.try_recv(), Ok(3));
    }

    /// The wake came, a newcomer took what it was for, then the time ran out.
    fn a_timeout_passes_a_wake_that_came_on<S>() {
        let clock = VirtualClock::new();
        let (tx, rx) = S::channel::<u32, 1>();
        tx.try_send(1).unwrap();
        let send = ByHand::parked(tx.send_timeout(&clock, SECOND, 2));
        let mut behind = ByHand::parked(tx.send(3));
        assert_eq!(rx.try_recv(), Ok(1));
        assert!(send.is_woken() && !behind.is_woken());
        drop(send);
        assert_eq!(behind.ready(), Ok(()));
        assert_eq!(rx.try_recv(), Ok(3));

        let recv = ByHand::parked(rx.recv_timeout(&clock, SECOND));
        let mut behind = ByHand::parked(rx.recv());
        tx.try_send(4).unwrap();
        drop(recv);
        assert_eq!(behind.ready(), Ok(4));
    }

    fn no_time_at_all_is_one_attempt<S>() {
        let clock = VirtualClock::new();
        let (tx, rx) = S::channel::<u32, 1>();
        assert_eq!(
            now(rx.recv_timeout(&clock, Duration::ZERO)),
            Some(Err(RecvTimeoutError::Timeout))
        );
        assert_eq!(now(tx.send_timeout(&clock, Duration::ZERO, 1)), Some(Ok(())));
        let full = now(tx.send_timeout(&clock, Duration::ZERO, 2)).unwrap();
        assert_eq!(full, Err(SendTimeoutError::Timeout(2)));
        assert_eq!(now(rx.recv_timeout(&clock, Duration::ZERO)), Some(Ok(1)));
    }

    fn a_limit_beyond_all_time_is_none<S>() {
        let clock = VirtualClock::new();
        let (tx, rx) = S::channel::<u32, 1>();
        let mut recv = ByHand::parked(rx.recv_timeout(&clock, Duration::MAX));
        clock.advance(Duration::from_secs(1 << 40));
        assert!(recv.poll().is_pending());
        tx.try_send(1).unwrap();
        assert_eq!(recv.ready(), Ok(1));
    }

    fn a_close_is_not_a_timeout<S>() {
        let clock = VirtualClock::new();
        let (tx, rx) = S::channel::<u32, 1>();
        let mut recv = ByHand::parked(rx.recv_timeout(&clock, SECOND));
        tx.close();
        assert_eq!(recv.ready(), Err(RecvTimeoutError::Closed));
        let refused = now(tx.send_timeout(&clock, SECOND, 1)).unwrap().unwrap_err();
        assert!(!refused.is_timeout() && refused == SendTimeoutError::Closed(1));
        assert_eq!(refused.to_string(), "the channel is closed");
        assert_eq!(RecvTimeoutError::Closed.to_string(), "the channel is closed and empty");
    }
}

// Capacities, and the memory behind them.

#[test]
fn the_default_capacity_is_bounded() {
    let (tx, rx) = channel();
    assert_eq!((tx.capacity(), tx.allocated()), (DEFAULT_CAPACITY, 0));
    let count = if cfg!(miri) { 100 } else { DEFAULT_CAPACITY };
    (0..count).for_each(|n| tx.try_send(n).unwrap());
    assert_eq!(tx.try_send(0).is_err(), count == DEFAULT_CAPACITY);
    assert!((0..count).all(|n| rx.try_recv() == Ok(n)));
}

#[test]
fn a_capacity_that_cannot_be_says_why() {
    let (zero, large) = (try_bounded::<u64>(0), try_bounded::<u64>(usize::MAX));
    assert_eq!(
        (zero.err(), large.err()),
        (Some(CapacityError::Zero), Some(CapacityError::TooLarge))
    );
    assert_eq!(CapacityError::Zero.to_string(), "a channel needs room for at least one message");
    assert!(CapacityError::TooLarge.to_string().contains("isize::MAX"));
    assert!(panics(|| drop(bounded::<u64>(usize::MAX))));
    assert!(panics(|| drop(local::bounded::<u64>(0))));
    assert!(try_bounded::<()>(isize::MAX as usize).is_ok());
}

#[test]
fn an_unbounded_channel_is_never_full_and_keeps_the_order() {
    fn with<M: klaw::channel::Sharing>(tx: &klaw::Sender<usize, M>, rx: &klaw::Receiver<usize, M>) {
        let (mut sent, mut received) = (0, 0);
        // Three in, one out: the messages lie across the end of the ring when it grows.
        for _ in 0..if cfg!(miri) { 60 } else { 2_000 } {
            for _ in 0..3 {
                assert_eq!(now(tx.send(sent)), Some(Ok(())));
                sent += 1;
            }
            assert_eq!(rx.try_recv(), Ok(received));
            received += 1;
        }
        assert_eq!(rx.len(), sent - received);
        assert_eq!(tx.force_send(sent), Ok(None), "there is nothing to replace");
        tx.close();
        assert!((received..=sent).all(|n| rx.try_recv() == Ok(n)));
        assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    }
    let (tx, rx) = unbounded();
    with(&tx, &rx);
    let (tx, rx) = local::unbounded();
    with(&tx, &rx);
}

/// Lets `count` messages through a receiver that waits, so that it finds the ring empty each time.
fn trickle(tx: &klaw::Sender<usize>, rx: &klaw::Receiver<usize>, count: usize) {
    for n in 0..count {
        let mut recv = ByHand::parked(rx.recv());
        tx.try_send(n).unwrap();
        assert_eq!(recv.ready(), Ok(n));
    }
}

#[test]
fn memory_goes_back_after_a_burst() {
    const BURST: usize = if cfg!(miri) { 200 } else { 10_000 };
    let (tx, rx) = unbounded();
    for _ in 0..3 {
        (0..BURST).for_each(|n| tx.try_send(n).unwrap());
        assert!(tx.allocated() >= BURST);
        assert!((0..BURST).all(|n| rx.try_recv() == Ok(n)));
        assert!(tx.allocated() >= BURST, "not at once: the next burst may come");
        trickle(&tx, &rx, 10);
        assert!(tx.allocated() <= 32, "{} slots for one message", tx.allocated());
    }
}

#[test]
fn memory_stays_where_bursts_keep_coming() {
    let (tx, rx) = unbounded();
    for _ in 0..10 {
        (0..200).for_each(|n| tx.try_send(n).unwrap());
        assert!((0..200).all(|n| rx.try_recv() == Ok(n)));
        trickle(&tx, &rx, 2);
        assert_eq!(tx.allocated(), 256);
    }
}

/// A receiver that is polled again and again without anything coming is not little use.
#[test]
fn finding_the_ring_empty_without_traffic_in_between_counts_once() {
    let (tx, rx) = unbounded();
    (0..100).for_each(|n| tx.try_send(n).unwrap());
    while rx.try_recv().is_ok() {}
    trickle(&tx, &rx, 2);
    for _ in 0..20 {
        drop(ByHand::parked(rx.recv()));
    }
    assert_eq!(tx.allocated(), 128);
}

/// Messages inside when the ring is to shrink, wherever they lie in it.
#[test]
fn nothing_is_lost_or_reordered_while_the_ring_shrinks() {
    for phase in 0..if cfg!(miri) { 3 } else { 130 } {
        let (tx, rx) = unbounded();
        (0..100).for_each(|n| tx.try_send(n).unwrap());
        while rx.try_recv().is_ok() {}
        (0..phase).for_each(|_| {
            tx.try_send(0).unwrap();
            rx.try_recv().unwrap();
        });
        let (mut sent, mut received) = (0, 0);
        for _ in 0..20 {
            let mut recv = ByHand::parked(rx.recv());
            for _ in 0..5 {
                tx.try_send(sent).unwrap();
                sent += 1;
            }
            assert_eq!(recv.ready(), Ok(received));
            received += 1;
            while received < sent {
                assert_eq!(rx.try_recv(), Ok(received));
                received += 1;
            }
        }
        assert_eq!(tx.allocated(), 32);
    }
}

/// Room that is kept is not slots: a permit of a ring that shrank since finds its place.
#[test]
fn permits_outlive_the_memory_of_a_burst() {
    let (tx, rx) = unbounded();
    (0..100).for_each(|n| tx.try_send(n).unwrap());
    let permits: Vec<_> = (0..100).map(|_| tx.try_reserve().unwrap()).collect();
    while rx.try_recv().is_ok() {}
    trickle(&tx, &rx, 10);
    assert_eq!(tx.allocated(), 32);
    permits.into_iter().enumerate().for_each(|(n, permit)| permit.send(n).unwrap());
    assert!((0..100).all(|n| rx.try_recv() == Ok(n)));
}

#[test]
fn a_bounded_channel_shrinks_as_well() {
    const MOST: usize = if cfg!(miri) { 100 } else { 1_000 };
    let (tx, rx) = bounded(MOST);
    (0..MOST).for_each(|n| tx.try_send(n).unwrap());
    assert_eq!((tx.try_send(0), tx.allocated()), (Err(TrySendError::Full(0)), MOST));
    while rx.try_recv().is_ok() {}
    trickle(&tx, &rx, 10);
    assert_eq!(tx.allocated(), 32);
    assert!((0..MOST).all(|n| tx.try_send(n).is_ok()) && tx.try_send(0).is_err());
    assert!((0..MOST).all(|n| rx.try_recv() == Ok(n)));
}

/// What 32 slots hold is not worth the memory: they stay.
#[test]
fn a_small_ring_never_shrinks() {
    let (tx, rx) = bounded(32);
    (0..32).for_each(|n| tx.try_send(n).unwrap());
    while rx.try_recv().is_ok() {}
    trickle(&tx, &rx, 100);
    assert_eq!(tx.allocated(), 32);
}

// The flavour for one thread.

#[test]
fn a_local_channel_carries_what_cannot_leave_its_thread() {
    let (tx, rx) = local::bounded::<Rc<u32>>(2);
    let message = Rc::new(7);
    tx.try_send(message.clone()).unwrap();
    let mut stream = Box::pin(rx.into_stream());
    assert_eq!(stream.next().now_or_never(), Some(Some(message.clone())));
    let mut next = ByHand::new(async move {
        let mut received = 0;
        while let Some(message) = stream.next().await {
            received += *message;
        }
        received
    });
    assert!(next.poll().is_pending());
    tx.try_send(message.clone()).unwrap();
    tx.try_send(message).unwrap();
    assert!(next.is_woken() && next.poll().is_pending());
    drop(tx);
    assert_eq!(next.ready(), 14);
}

#[test]
fn a_local_queue_may_hold_handles_to_itself() {
    #[expect(dead_code, reason = "held only")]
    struct Job(klaw::Sender<Self, Local>, Rc<()>);
    let counted = Rc::new(());
    let (tx, rx) = local::unbounded();
    for _ in 0..5 {
        tx.try_send(Job(tx.clone(), counted.clone())).ok().unwrap();
    }
    assert_eq!((tx.sender_count(), Rc::strong_count(&counted)), (6, 6));
    drop(rx.try_recv());
    drop(rx);
    assert_eq!((tx.sender_count(), Rc::strong_count(&counted)), (1, 1));
}

#[test]
fn a_local_channel_in_place() {
    let drops = Arc::new(AtomicUsize::new(0));
    struct Counted(Arc<AtomicUsize>);
    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    let channel = Channel::<Counted, 2, Local>::new_local();
    let mut recv = ByHand::parked(channel.recv());
    channel.try_send(Counted(drops.clone())).ok().unwrap();
    assert!(recv.ready().is_ok());
    drop(recv);
    channel.try_send(Counted(drops.clone())).ok().unwrap();
    assert_eq!(
        channel.force_send(Counted(drops.clone())).ok().map(|old| old.is_some()),
        Some(false)
    );
    let mut batch = vec![];
    assert_eq!(now(channel.recv_many(&mut batch, 1)), Some(Ok(1)));
    let mut closed = ByHand::parked(channel.closed());
    channel.close();
    closed.ready();
    drop((closed, batch));
    assert_eq!(drops.load(Ordering::SeqCst), 2);
    drop(channel);
    assert_eq!(drops.load(Ordering::SeqCst), 3);
}
