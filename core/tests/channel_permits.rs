//! Room that is kept for a message before there is one.

#![cfg(feature = "std")]

mod by_hand;
mod storage;

use by_hand::{ByHand, now};
use klaw::{
    Channel, SendError, TryRecvError, TrySendError, bounded,
    channel::{Local, unbounded},
};
use storage::on_every_flavour;

on_every_flavour! {
    fn a_permit_keeps_its_room_against_other_senders<S>() {
        let (tx, rx) = S::channel::<u32, 2>();
        let permit = tx.try_reserve().unwrap();
        tx.try_send(1).unwrap();
        assert_eq!(tx.try_send(2), Err(TrySendError::Full(2)));
        assert_eq!(tx.try_reserve().unwrap_err(), TrySendError::Full(()));
        let waiting = ByHand::parked(tx.send(3));
        assert_eq!(rx.len(), 1, "a permit is no message");
        permit.send(4).unwrap();
        assert!(!waiting.is_woken());
        drop(waiting);
        assert_eq!([rx.try_recv(), rx.try_recv()], [Ok(1), Ok(4)]);
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    }

    fn a_channel_full_of_permits_is_full_and_empty<S>() {
        let (tx, rx) = S::channel::<u32, 3>();
        let permits = [(); 3].map(|()| tx.try_reserve().unwrap());
        assert_eq!(tx.try_send(0), Err(TrySendError::Full(0)));
        assert_eq!((tx.len(), rx.try_recv()), (0, Err(TryRecvError::Empty)));
        for (n, permit) in (0..).zip(permits) {
            permit.send(n).unwrap();
        }
        assert_eq!([(); 3].map(|()| rx.try_recv()), [Ok(0), Ok(1), Ok(2)]);
    }

    fn messages_come_in_the_order_in_which_permits_send<S>() {
        let (tx, rx) = S::channel::<u32, 3>();
        let (first, second) = (tx.try_reserve().unwrap(), tx.try_reserve().unwrap());
        second.send(2).unwrap();
        tx.try_send(3).unwrap();
        first.send(1).unwrap();
        assert_eq!([(); 3].map(|()| rx.try_recv()), [Ok(2), Ok(3), Ok(1)]);
    }

    fn a_permit_that_sends_wakes_a_receiver<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        let permit = tx.try_reserve().unwrap();
        let mut recv = ByHand::parked(rx.recv());
        permit.send(7).unwrap();
        assert_eq!((recv.wakes(), recv.ready()), (1, Ok(7)));
    }

    fn dropping_a_permit_wakes_a_waiting_sender<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        let permit = tx.try_reserve().unwrap();
        let mut first = ByHand::parked(tx.send(1));
        let second = ByHand::parked(tx.send(2));
        drop(permit);
        assert_eq!((first.wakes(), second.wakes()), (1, 0));
        assert_eq!(first.ready(), Ok(()));
        assert_eq!(rx.try_recv(), Ok(1));
    }

    fn dropping_a_permit_wakes_a_waiting_reserve<S>() {
        let (tx, _rx) = S::channel::<u32, 1>();
        let permit = tx.try_reserve().unwrap();
        let mut reserve = ByHand::parked(tx.reserve());
        drop(permit);
        assert!(reserve.is_woken());
        let next = reserve.ready().unwrap();
        assert!(tx.try_reserve().is_err());
        drop(next);
        assert!(tx.try_reserve().is_ok());
    }

    fn a_received_message_makes_room_beside_a_permit<S>() {
        let (tx, rx) = S::channel::<u32, 2>();
        let permit = tx.try_reserve().unwrap();
        tx.try_send(1).unwrap();
        let mut send = ByHand::parked(tx.send(2));
        assert_eq!(rx.try_recv(), Ok(1));
        assert_eq!((send.wakes(), send.ready()), (1, Ok(())));
        assert!(tx.try_send(3).is_err());
        permit.send(4).unwrap();
        assert_eq!([rx.try_recv(), rx.try_recv()], [Ok(2), Ok(4)]);
    }

    fn reserve_waits_for_room_and_keeps_it<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        tx.try_send(1).unwrap();
        let mut reserve = ByHand::parked(tx.reserve());
        assert_eq!(rx.try_recv(), Ok(1));
        assert_eq!(reserve.wakes(), 1);
        let permit = reserve.ready().unwrap();
        assert_eq!(tx.try_send(2), Err(TrySendError::Full(2)));
        permit.send(3).unwrap();
        assert_eq!(rx.try_recv(), Ok(3));
    }

    /// A newcomer keeps the room for which another task was woken.
    fn a_reserve_overtaken_by_a_permit_keeps_its_place<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        tx.try_send(1).unwrap();
        let mut first = ByHand::parked(tx.reserve());
        let second = ByHand::parked(tx.reserve());
        assert_eq!(rx.try_recv(), Ok(1));
        let newcomer = tx.try_reserve().unwrap();
        assert!(first.poll().is_pending());
        drop(newcomer);
        assert!(first.is_woken() && !second.is_woken());
        drop(first.ready().unwrap());
        assert!(second.is_woken());
    }

    fn waiting_sends_and_reserves_are_served_in_one_order<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        tx.try_send(0).unwrap();
        let mut first = ByHand::parked(tx.reserve());
        let mut second = ByHand::parked(tx.send(2));
        let mut third = ByHand::parked(tx.reserve());

        assert_eq!(rx.try_recv(), Ok(0));
        assert_eq!([first.wakes(), second.wakes(), third.wakes()], [1, 0, 0]);
        first.ready().unwrap().send(1).unwrap();
        assert_eq!(second.wakes(), 0);

        assert_eq!(rx.try_recv(), Ok(1));
        assert_eq!([second.wakes(), third.wakes()], [1, 0]);
        assert_eq!(second.ready(), Ok(()));

        assert_eq!(rx.try_recv(), Ok(2));
        assert_eq!(third.wakes(), 1);
        third.ready().unwrap().send(3).unwrap();
        assert_eq!(rx.try_recv(), Ok(3));
    }

    fn a_woken_reserve_that_is_dropped_passes_its_wake_on<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        tx.try_send(0).unwrap();
        let first = ByHand::parked(tx.reserve());
        let second = ByHand::parked(tx.reserve());
        let mut third = ByHand::parked(tx.send(3));
        assert_eq!(rx.try_recv(), Ok(0));
        drop(first);
        assert!(second.is_woken() && !third.is_woken());
        drop(second);
        assert!(third.is_woken());
        assert_eq!(third.ready(), Ok(()));
    }

    /// Also the wake of a permit that was given up.
    fn a_reserve_dropped_after_a_permits_wake_passes_it_on<S>() {
        let (tx, _rx) = S::channel::<u32, 1>();
        let permit = tx.try_reserve().unwrap();
        let first = ByHand::parked(tx.reserve());
        let mut second = ByHand::parked(tx.send(2));
        drop(permit);
        assert!(first.is_woken() && !second.is_woken());
        drop(first);
        assert_eq!((second.wakes(), second.ready()), (1, Ok(())));
    }

    fn a_reserve_that_was_never_polled_keeps_nothing<S>() {
        let (tx, _rx) = S::channel::<u32, 1>();
        drop(tx.reserve());
        assert!(tx.try_send(1).is_ok());
    }

    fn a_permit_gives_the_message_back_after_a_close<S>() {
        let (tx, rx) = S::channel::<String, 2>();
        let (sent, dropped) = (tx.try_reserve().unwrap(), tx.try_reserve().unwrap());
        rx.close();
        assert_eq!(sent.send("back".into()).map_err(SendError::into_inner), Err("back".into()));
        drop(dropped);
        assert_eq!(tx.try_reserve().unwrap_err(), TrySendError::Closed(()));
        assert_eq!(now(tx.reserve()).unwrap().unwrap_err(), SendError(()));
        assert_eq!((rx.len(), rx.try_recv()), (0, Err(TryRecvError::Closed)));
    }

    fn a_permit_gives_the_message_back_when_the_last_receiver_is_gone<S>() {
        let (tx, rx) = S::channel::<u32, 2>();
        let permit = tx.try_reserve().unwrap();
        drop(rx);
        assert_eq!(permit.send(1), Err(SendError(1)));
        assert!(tx.is_empty());
    }

    fn closing_wakes_every_reserve<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        let permit = tx.try_reserve().unwrap();
        let mut waiting = [(); 3].map(|()| ByHand::parked(tx.reserve()));
        rx.close();
        for reserve in &mut waiting {
            assert_eq!((reserve.wakes(), reserve.ready().unwrap_err()), (1, SendError(())));
        }
        drop(permit);
    }

    fn a_permit_does_not_keep_the_message_of_a_close_from_being_drained<S>() {
        let (tx, rx) = S::channel::<u32, 2>();
        tx.try_send(1).unwrap();
        let _permit = tx.try_reserve().unwrap();
        tx.close();
        assert_eq!([rx.try_recv(), rx.try_recv()], [Ok(1), Err(TryRecvError::Closed)]);
    }

    /// At every size of the ring and position in it, with the room for permits not yet allocated.
    fn permits_send_into_a_ring_that_has_to_grow<S>() {
        for offset in 0..9 {
            let (tx, rx) = S::channel::<usize, 9>();
            for n in 0..offset {
                tx.try_send(n).unwrap();
                assert_eq!(rx.try_recv(), Ok(n));
            }
            let permits: Vec<_> = (0..6).map(|_| tx.try_reserve().unwrap()).collect();
            (0..3).for_each(|n| tx.try_send(n).unwrap());
            assert_eq!(tx.try_send(99), Err(TrySendError::Full(99)));
            for (n, permit) in (3..).zip(permits) {
                permit.send(n).unwrap();
            }
            assert_eq!((tx.len(), tx.allocated()), (9, 9));
            assert!((0..9).all(|n| rx.try_recv() == Ok(n)));
            assert!(tx.try_reserve().is_ok());
        }
    }

    fn force_send_takes_the_place_of_a_message_and_not_of_a_permit<S>() {
        let (tx, rx) = S::channel::<u32, 3>();
        let permit = tx.try_reserve().unwrap();
        assert_eq!([tx.force_send(1), tx.force_send(2)], [Ok(None), Ok(None)]);
        assert_eq!([tx.force_send(3), tx.force_send(4)], [Ok(Some(1)), Ok(Some(2))]);
        permit.send(5).unwrap();
        assert_eq!([(); 3].map(|()| rx.try_recv()), [Ok(3), Ok(4), Ok(5)]);
    }

    fn force_send_is_refused_when_only_permits_hold_the_room<S>() {
        let (tx, rx) = S::channel::<u32, 2>();
        let permits = [(); 2].map(|()| tx.try_reserve().unwrap());
        assert_eq!(tx.force_send(1), Err(TrySendError::Full(1)));
        let [first, second] = permits;
        first.send(2).unwrap();
        assert_eq!(tx.force_send(3), Ok(Some(2)));
        drop(second);
        assert_eq!(tx.force_send(4), Ok(None));
        assert_eq!([rx.try_recv(), rx.try_recv()], [Ok(3), Ok(4)]);
    }

    /// Permits given and given up many times: the count neither drifts nor wraps.
    fn accounts_stay_right_over_many_permits<S>() {
        let (tx, rx) = S::channel::<u32, 3>();
        for round in 0..20 {
            let permit = tx.try_reserve().unwrap();
            let another = now(tx.reserve()).unwrap().unwrap();
            if round % 3 == 0 {
                another.send(round).unwrap();
                permit.send(round).unwrap();
                assert_eq!([rx.try_recv(), rx.try_recv()], [Ok(round), Ok(round)]);
            } else {
                drop(permit);
                another.send(round).unwrap();
                assert_eq!(rx.try_recv(), Ok(round));
            }
        }
        assert_eq!((0..5).filter(|&n| tx.try_send(n).is_ok()).count(), 3);
    }

    fn permits_and_reserves_can_be_shown<S>() {
        let (tx, _rx) = S::channel::<core::cell::Cell<u8>, 1>();
        let permit = tx.try_reserve().unwrap();
        assert_eq!(format!("{permit:?} {:?}", tx.reserve()), "Permit { .. } Reserve { .. }");
    }
}

#[test]
fn permits_are_to_be_had_without_end_where_there_is_no_bound() {
    let (tx, rx) = unbounded();
    let permits: Vec<_> = (0..100).map(|_| tx.try_reserve().unwrap()).collect();
    permits.into_iter().enumerate().for_each(|(n, permit)| permit.send(n).unwrap());
    assert!((0..100).all(|n| rx.try_recv() == Ok(n)));
}

#[test]
fn permits_of_a_channel_in_place() {
    let channel = Channel::<u32, 1>::new();
    let permit = channel.try_reserve().unwrap();
    let mut reserve = ByHand::parked(channel.reserve());
    permit.send(1).unwrap();
    assert_eq!(channel.try_recv(), Ok(1));
    reserve.ready().unwrap().send(2).unwrap();
    assert_eq!(channel.force_send(3), Ok(Some(2)));

    let local = Channel::<u32, 1, Local>::new_local();
    now(local.reserve()).unwrap().unwrap().send(1).unwrap();
    assert_eq!(local.try_recv(), Ok(1));
}

#[test]
fn a_permit_may_go_to_another_thread() {
    let (tx, rx) = bounded(1);
    let permit = tx.try_reserve().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(move || permit.send(7).unwrap());
    });
    assert_eq!(rx.try_recv(), Ok(7));
}
