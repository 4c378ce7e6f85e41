//! Receiving from several channels at once, on futures that are polled by hand.

#![cfg(feature = "std")]

mod by_hand;
mod storage;
mod virtual_clock;

use by_hand::{ByHand, now};
use core::time::Duration;
use klaw::{
    Channel, RecvError,
    channel::{Either, RecvTimeoutError, local, select, select::Either3, select_timeout},
};
use storage::on_both_storages;
use virtual_clock::VirtualClock;

on_both_storages! {
    fn the_receiver_that_has_a_message_wins<S>() {
        let ((_a, a_rx), (b, b_rx)) = (S::channel::<u32, 4>(), S::channel::<u32, 4>());
        b.try_send(7).unwrap();
        assert_eq!(now(select([&a_rx, &b_rx])), Some(Ok((1, 7))));
        assert_eq!(now(select([&b_rx, &a_rx])), None);
    }

    fn a_message_to_any_of_them_wakes<S>() {
        let ((a, a_rx), (b, b_rx)) = (S::channel::<u32, 4>(), S::channel::<u32, 4>());
        for (sender, at) in [(&a, 0), (&b, 1)] {
            let mut first = ByHand::parked(select([&a_rx, &b_rx]));
            sender.try_send(7).unwrap();
            assert_eq!(first.wakes(), 1);
            assert_eq!(first.ready(), Ok((at, 7)));
        }
    }

    fn nothing_is_taken_from_a_loser<S>() {
        let ((a, a_rx), (b, b_rx)) = (S::channel::<u32, 4>(), S::channel::<u32, 4>());
        a.try_send(1).unwrap();
        b.try_send(2).unwrap();
        let (at, message) = now(select([&a_rx, &b_rx])).unwrap().unwrap();
        assert_eq!((a_rx.len() + b_rx.len(), at + 1), (1, message as usize));
        let (other, message) = now(select([&a_rx, &b_rx])).unwrap().unwrap();
        assert_eq!((a_rx.len() + b_rx.len(), other + 1), (0, message as usize));
        assert_ne!(at, other);
    }

    fn each_of_several_that_always_have_messages_gets_its_turn<S>() {
        let channels = [S::channel::<u32, 8>(), S::channel::<u32, 8>(), S::channel::<u32, 8>()];
        let [(a, a_rx), (b, b_rx), (c, c_rx)] = &channels;
        let mut counts = [0; 3];
        for _ in 0..99 {
            for tx in [a, b, c] {
                while tx.try_send(0).is_ok() {}
            }
            counts[now(select([a_rx, b_rx, c_rx])).unwrap().unwrap().0] += 1;
        }
        assert_eq!(counts, [33; 3]);
    }

    fn one_of_few_that_have_messages_is_not_left_out<S>() {
        let channels = [S::channel::<u32, 8>(), S::channel::<u32, 8>(), S::channel::<u32, 8>()];
        let [(a, a_rx), (b, b_rx), (_c, c_rx)] = &channels;
        let mut counts = [0; 3];
        for _ in 0..90 {
            for tx in [a, b] {
                while tx.try_send(0).is_ok() {}
            }
            counts[now(select([a_rx, b_rx, c_rx])).unwrap().unwrap().0] += 1;
        }
        assert!(counts[0] >= 30 && counts[1] >= 30, "{counts:?}");
    }

    fn closed_channels_are_passed_over_until_all_are<S>() {
        let ((a, a_rx), (b, b_rx)) = (S::channel::<u32, 4>(), S::channel::<u32, 4>());
        b.try_send(7).unwrap();
        drop(a);
        assert_eq!(now(select([&a_rx, &b_rx])), Some(Ok((1, 7))));
        let mut waiting = ByHand::parked(select([&a_rx, &b_rx]));
        drop(b);
        assert!(waiting.is_woken());
        assert_eq!(waiting.ready(), Err(RecvError));
        assert_eq!(now(select([&a_rx, &b_rx])), Some(Err(RecvError)));
    }

    fn what_was_sent_before_closing_is_received_first<S>() {
        let ((a, a_rx), (b, b_rx)) = (S::channel::<u32, 4>(), S::channel::<u32, 4>());
        a.try_send(1).unwrap();
        b.try_send(2).unwrap();
        drop((a, b));
        let mut sum = 0;
        while let Some(Ok((_, message))) = now(select([&a_rx, &b_rx])) {
            sum += message;
        }
        assert_eq!(sum, 3);
        assert_eq!(now(select([&a_rx, &b_rx])), Some(Err(RecvError)));
    }

    fn a_loser_that_was_woken_too_passes_its_wake_on<S>() {
        let ((a, a_rx), (b, b_rx)) = (S::channel::<u32, 4>(), S::channel::<u32, 4>());
        let mut first = ByHand::parked(select([&a_rx, &b_rx]));
        let mut behind = [ByHand::parked(a_rx.recv()), ByHand::parked(b_rx.recv())];
        a.try_send(1).unwrap();
        b.try_send(2).unwrap();
        let (at, _) = first.ready().unwrap();
        // `first` still lives, but nobody polls it any more.
        assert!(behind[1 - at].is_woken() && !behind[at].is_woken());
        assert!(behind[1 - at].ready().is_ok());
    }

    fn one_that_is_done_keeps_no_place<S>() {
        let ((a, a_rx), (b, b_rx)) = (S::channel::<u32, 4>(), S::channel::<u32, 4>());
        let mut first = ByHand::parked(select([&a_rx, &b_rx]));
        a.try_send(1).unwrap();
        first.ready().unwrap();
        let mut behind = ByHand::parked(b_rx.recv());
        b.try_send(2).unwrap();
        assert!(behind.is_woken());
        assert_eq!(behind.ready(), Ok(2));
    }

    fn one_that_is_dropped_loses_no_message_and_no_wake<S>() {
        let ((a, a_rx), (b, b_rx)) = (S::channel::<u32, 4>(), S::channel::<u32, 4>());
        let first = ByHand::parked(select([&a_rx, &b_rx]));
        let mut behind = [ByHand::parked(a_rx.recv()), ByHand::parked(b_rx.recv())];
        a.try_send(1).unwrap();
        b.try_send(2).unwrap();
        assert!(behind.iter().all(|recv| !recv.is_woken()));
        drop(first);
        assert!(behind.iter().all(ByHand::is_woken));
        assert_eq!(behind.each_mut().map(ByHand::ready), [Ok(1), Ok(2)]);
    }

    fn one_that_moves_to_another_task_wakes_that_one<S>() {
        let ((_a, a_rx), (b, b_rx)) = (S::channel::<u32, 4>(), S::channel::<u32, 4>());
        let mut first = ByHand::parked(select([&a_rx, &b_rx]));
        let task = by_hand::Task::new();
        assert!(first.poll_as(&task).is_pending());
        b.try_send(2).unwrap();
        assert_eq!(task.wakes(), 1);
        assert_eq!(first.ready(), Ok((1, 2)));
    }

    fn idle_ones_use_no_cpu<S>() {
        let ((a, a_rx), (_b, b_rx)) = (S::channel::<u32, 4>(), S::channel::<u32, 4>());
        let mut idle: [_; 2] = core::array::from_fn(|_| ByHand::parked(select([&a_rx, &b_rx])));
        a.try_send(1).unwrap();
        idle[0].ready().unwrap();
        assert_eq!([idle[0].wakes(), idle[1].wakes()], [1, 0]);
    }

    fn a_tuple_mixes_types<S>() {
        let ((a, a_rx), (b, b_rx)) = (S::channel::<u32, 4>(), S::channel::<&str, 4>());
        let (c, c_rx) = local::bounded::<std::rc::Rc<u8>>(4);
        let mut first = ByHand::parked(select((&a_rx, &b_rx, &c_rx)));
        b.try_send("second").unwrap();
        assert_eq!(first.ready(), Ok(Either3::Second("second")));
        c.try_send(std::rc::Rc::new(3)).unwrap();
        assert_eq!(now(select((&a_rx, &b_rx, &c_rx))), Some(Ok(Either3::Third(3.into()))));
        a.try_send(1).unwrap();
        assert_eq!(now(select((&a_rx, &b_rx))), Some(Ok(Either::First(1))));
        drop((a, b));
        assert_eq!(now(select((&a_rx, &b_rx))), Some(Err(RecvError)));
    }

    fn a_tuple_gives_each_its_turn_and_keeps_no_place<S>() {
        let ((a, a_rx), (b, b_rx)) = (S::channel::<u32, 4>(), S::channel::<&str, 4>());
        let mut counts = [0; 2];
        for _ in 0..20 {
            while a.try_send(0).is_ok() {}
            while b.try_send("").is_ok() {}
            match now(select((&a_rx, &b_rx))).unwrap().unwrap() {
                Either::First(_) => counts[0] += 1,
                Either::Second(_) => counts[1] += 1,
            }
        }
        assert_eq!(counts, [10, 10]);
        while a_rx.try_recv().is_ok() {}
        while b_rx.try_recv().is_ok() {}
        let mut first = ByHand::parked(select((&a_rx, &b_rx)));
        a.try_send(1).unwrap();
        b.try_send("woken").unwrap();
        let mut behind = ByHand::new(async { (a_rx.recv().await, b_rx.recv().await) });
        let won = first.ready().unwrap();
        let other = if let Either::First(_) = won { b_rx.len() } else { a_rx.len() };
        assert_eq!(other, 1);
        assert!(behind.poll().is_pending());
    }

    fn any_number_of_receivers_can_be_in_a_vector<S>() {
        let channels: Vec<_> = (0..20).map(|_| S::channel::<u32, 4>()).collect();
        let receivers: Vec<_> = channels.iter().map(|(_, rx)| rx.clone()).collect();
        let mut first = ByHand::parked(select(&receivers));
        channels[17].0.try_send(7).unwrap();
        assert_eq!(first.ready(), Ok((17, 7)));
        channels[3].0.try_send(8).unwrap();
        let picked: Vec<_> = channels.iter().map(|(_, rx)| rx).skip(2).collect();
        assert_eq!(now(select(picked)), Some(Ok((1, 8))));
        assert_eq!(now(select(&receivers[..5])), None);
    }

    fn the_time_may_be_limited<S>() {
        let clock = VirtualClock::new();
        let ((a, a_rx), (_b, b_rx)) = (S::channel::<u32, 4>(), S::channel::<u32, 4>());
        let limit = Duration::from_secs(1);
        let mut first = ByHand::parked(select_timeout(&clock, limit, [&a_rx, &b_rx]));
        clock.advance(limit);
        assert_eq!(first.ready(), Err(RecvTimeoutError::Timeout));
        let mut second = ByHand::parked(select_timeout(&clock, limit, [&a_rx, &b_rx]));
        a.try_send(1).unwrap();
        clock.advance(limit);
        assert_eq!(second.ready(), Ok((0, 1)), "what is there wins over the time");
        a.close();
        b_rx.close();
        let mut third = ByHand::new(select_timeout(&clock, limit, (&a_rx, &b_rx)));
        assert_eq!(third.ready(), Err(RecvTimeoutError::Closed));
    }
}

#[test]
fn of_no_receivers_all_are_closed() {
    let none: [&klaw::Receiver<u32>; 0] = [];
    assert_eq!(now(select(none)), Some(Err(RecvError)));
    assert_eq!(now(select(&Vec::<klaw::Receiver<u32>>::new())), Some(Err(RecvError)));
}

#[test]
fn channels_in_place_are_sources_too() {
    static A: Channel<u32, 2> = Channel::new();
    let b = Channel::<u32, 2>::new();
    b.try_send(2).unwrap();
    assert_eq!(now(select((&A, &b))), Some(Ok(Either::Second(2))));
    A.try_send(1).unwrap();
    assert_eq!(now(select([&A])), Some(Ok((0, 1))));
}
