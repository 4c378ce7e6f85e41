//! Looking at the oldest message before it is taken.

#![cfg(feature = "std")]

mod by_hand;
mod storage;

use by_hand::{AtOnce, ByHand};
use core::{
    cell::{Cell, RefCell},
    sync::atomic::{AtomicUsize, Ordering},
};
use klaw::{Channel, RecvError, TryRecvError, TrySendError, bounded};
use storage::{forever, on_every_flavour};

/// A message that counts how often one like it was dropped.
struct Counted(&'static AtomicUsize);

/// Kept for good, so that a leaked message leaks nothing else.
fn drops() -> &'static AtomicUsize {
    forever(AtomicUsize::new(0))
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

on_every_flavour! {
    fn a_peek_leaves_the_message_where_it_is<S>() {
        let (tx, rx) = S::channel::<u32, 2>();
        tx.try_send(1).unwrap();
        tx.try_send(2).unwrap();
        for _ in 0..3 {
            assert_eq!(*rx.peek().unwrap(), 1);
        }
        assert_eq!(rx.len(), 2);
        assert_eq!([rx.try_recv(), rx.try_recv()], [Ok(1), Ok(2)]);
    }

    fn a_peek_takes_the_message_after_all<S>() {
        let (tx, rx) = S::channel::<u32, 2>();
        tx.try_send(1).unwrap();
        tx.try_send(2).unwrap();
        assert_eq!(rx.peek().unwrap().recv(), 1);
        assert_eq!((rx.len(), rx.peek().unwrap().recv()), (1, 2));
        assert_eq!(rx.peek().unwrap_err(), TryRecvError::Empty);
    }

    fn there_is_nothing_to_see_in_an_empty_or_closed_channel<S>() {
        let (tx, rx) = S::channel::<u32, 2>();
        assert_eq!(rx.peek().unwrap_err(), TryRecvError::Empty);
        tx.try_send(1).unwrap();
        tx.close();
        assert_eq!(rx.peek().map(|peek| *peek), Ok(1));
        assert_eq!(rx.peek().map(klaw::channel::Peek::recv), Ok(1));
        assert_eq!(rx.peek().unwrap_err(), TryRecvError::Closed);
    }

    fn nobody_else_takes_or_sees_a_message_meanwhile<S>() {
        let (tx, rx) = S::channel::<u32, 4>();
        tx.try_send(1).unwrap();
        tx.try_send(2).unwrap();
        let another = rx.clone();
        let peek = rx.peek().unwrap();
        assert_eq!(another.try_recv(), Err(TryRecvError::Empty));
        assert_eq!(another.peek().unwrap_err(), TryRecvError::Empty);
        let mut batch = vec![];
        let many = ByHand::parked(another.recv_many(&mut batch, 2));
        let one = ByHand::parked(another.recv());
        drop(peek);
        assert!(many.is_woken() && one.is_woken());
        drop((many, one));
        assert_eq!(another.try_recv(), Ok(1));
    }

    fn a_receiver_parked_before_the_peek_waits_for_its_end<S>() {
        let (tx, rx) = S::channel::<u32, 4>();
        let mut recv = ByHand::parked(rx.recv());
        tx.try_send(1).unwrap();
        assert_eq!(recv.wakes(), 1);
        let peek = rx.peek().unwrap();
        assert!(recv.poll().is_pending());
        assert_eq!(recv.wakes(), 1);
        drop(peek);
        assert_eq!((recv.wakes(), recv.ready()), (2, Ok(1)));
    }

    /// Polled as often as it is woken, and no more than once for each message.
    fn parked_receivers_do_not_spin_during_a_peek<S>() {
        let (tx, rx) = S::channel::<u32, 8>();
        tx.try_send(0).unwrap();
        let peek = rx.peek().unwrap();
        let mut recvs = [(); 3].map(|()| ByHand::parked(rx.recv()));
        for _ in 0..10 {
            assert!(recvs.iter_mut().all(|recv| recv.poll().is_pending()));
        }
        assert_eq!(recvs.each_ref().map(ByHand::wakes), [0; 3]);
        for sent in 1..=5 {
            tx.try_send(sent).unwrap();
            for recv in recvs.iter_mut().filter(|recv| recv.is_woken()) {
                assert!(recv.poll().is_pending());
            }
        }
        assert!(recvs.iter().map(ByHand::wakes).sum::<usize>() <= 5);
        drop(peek);
        for (n, recv) in (0..).zip(&mut recvs) {
            assert!(recv.is_woken());
            assert_eq!(recv.ready(), Ok(n));
        }
    }

    /// The wakes of messages that came meanwhile were spent in vain.
    fn the_end_of_a_peek_wakes_a_receiver_for_each_message<S>() {
        for take in [false, true] {
            let (tx, rx) = S::channel::<u32, 20>();
            tx.try_send(0).unwrap();
            let peek = rx.peek().unwrap();
            let mut recvs: Vec<_> = (0..15).map(|_| ByHand::parked(rx.recv())).collect();
            for n in 1..12 {
                tx.try_send(n).unwrap();
                for recv in recvs.iter_mut().filter(|recv| recv.is_woken()) {
                    assert!(recv.poll().is_pending());
                }
            }
            let mut next = 0;
            if take {
                assert_eq!(peek.recv(), 0);
                next = 1;
            } else {
                drop(peek);
            }
            while let Some(at) = recvs.iter().position(ByHand::is_woken) {
                if let core::task::Poll::Ready(received) = recvs[at].poll() {
                    assert_eq!(received, Ok(next));
                    next += 1;
                    recvs.remove(at);
                }
            }
            assert_eq!((next, rx.len()), (12, 0), "nobody waits before a message");
        }
    }

    fn receivers_keep_their_order_through_a_peek<S>() {
        let (tx, rx) = S::channel::<u32, 4>();
        let mut recvs = [(); 3].map(|()| ByHand::parked(rx.recv()));
        tx.try_send(0).unwrap();
        let peek = rx.peek().unwrap();
        assert!(recvs[0].poll().is_pending());
        drop(peek);
        assert_eq!(recvs.each_ref().map(ByHand::is_woken), [true, false, false]);
        assert_eq!(recvs[0].ready(), Ok(0));
        tx.try_send(1).unwrap();
        assert_eq!(recvs[1].ready(), Ok(1));
    }

    fn a_recv_dropped_during_a_peek_costs_the_others_nothing<S>() {
        let (tx, rx) = S::channel::<u32, 4>();
        let first = ByHand::parked(rx.recv());
        let mut second = ByHand::parked(rx.recv());
        tx.try_send(1).unwrap();
        let peek = rx.peek().unwrap();
        drop(first);
        assert_eq!(second.wakes(), 0, "there is nothing to take yet");
        drop(peek);
        assert_eq!((second.wakes(), second.ready()), (1, Ok(1)));
    }

    fn a_taken_message_makes_room_for_one_sender<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        tx.try_send(1).unwrap();
        let mut first = ByHand::parked(tx.send(2));
        let second = ByHand::parked(tx.send(3));
        drop(rx.peek().unwrap());
        assert_eq!(first.wakes(), 0);
        assert_eq!(rx.peek().unwrap().recv(), 1);
        assert_eq!((first.wakes(), second.wakes()), (1, 0));
        assert_eq!(first.ready(), Ok(()));
        assert_eq!(*rx.peek().unwrap(), 2);
    }

    fn senders_go_on_during_a_peek_until_it_is_full<S>() {
        let (tx, rx) = S::channel::<u32, 3>();
        tx.try_send(0).unwrap();
        let peek = rx.peek().unwrap();
        tx.try_send(1).unwrap();
        tx.try_reserve().unwrap().send(2).unwrap();
        assert_eq!(tx.try_send(3), Err(TrySendError::Full(3)), "what is looked at takes its place");
        assert_eq!(tx.force_send(3), Err(TrySendError::Full(3)), "the oldest is not to be had");
        assert_eq!((*peek, rx.len()), (0, 3));
        drop(peek);
        assert_eq!(tx.force_send(3), Ok(Some(0)));
        assert_eq!([(); 3].map(|()| rx.try_recv()), [Ok(1), Ok(2), Ok(3)]);
    }

    fn the_ring_grows_during_a_peek_at_any_place<S>() {
        for offset in 0..4 {
            for take in [false, true] {
                let (tx, rx) = S::channel::<String, 40>();
                for _ in 0..offset {
                    tx.try_send("before".into()).unwrap();
                    rx.try_recv().unwrap();
                }
                tx.try_send("0".into()).unwrap();
                let peek = rx.peek().unwrap();
                for n in 1..40 {
                    tx.try_send(n.to_string()).unwrap();
                    assert_eq!(*peek, "0");
                }
                assert_eq!(tx.allocated(), 40);
                let mut next = 0;
                if take {
                    assert_eq!(peek.recv(), "0");
                    next = 1;
                } else {
                    drop(peek);
                }
                assert!((next..40).all(|n| rx.try_recv() == Ok(n.to_string())));
            }
        }
    }

    fn what_is_changed_through_a_peek_stays_changed<S>() {
        let (tx, rx) = S::channel::<Cell<u32>, 8>();
        tx.try_send(Cell::new(1)).unwrap();
        rx.peek().unwrap().set(2);
        assert_eq!(rx.peek().unwrap().get(), 2);
        let peek = rx.peek().unwrap();
        peek.set(3);
        (0..5).for_each(|_| tx.try_send(Cell::new(0)).unwrap()); // the ring grows
        peek.set(peek.get() + 1);
        assert_eq!(peek.recv().get(), 4);
    }

    fn what_is_taken_out_of_a_message_through_a_peek_is_dropped_once<S>() {
        let drops = drops();
        let (tx, rx) = S::channel::<RefCell<Option<Counted>>, 2>();
        tx.try_send(RefCell::new(Some(Counted(drops)))).ok().unwrap();
        let inside = rx.peek().unwrap().take();
        assert!(inside.is_some() && rx.try_recv().unwrap().borrow().is_none());
        assert_eq!(drops.load(Ordering::SeqCst), 0);
        drop(inside);
        assert_eq!(drops.load(Ordering::SeqCst), 1);
    }

    fn closing_during_a_peek_drains_afterwards<S>() {
        let (tx, rx) = S::channel::<u32, 4>();
        tx.try_send(1).unwrap();
        tx.try_send(2).unwrap();
        let peek = rx.peek().unwrap();
        let mut recvs = [(); 3].map(|()| ByHand::parked(rx.recv()));
        tx.close();
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty), "not over yet");
        for recv in &mut recvs {
            assert!(recv.poll().is_pending());
        }
        drop(peek);
        assert!(recvs.iter().all(ByHand::is_woken));
        assert_eq!(recvs.map(|mut recv| recv.ready()), [Ok(1), Ok(2), Err(RecvError)]);
    }

    fn the_last_message_of_a_closed_channel_taken_through_a_peek_ends_it<S>() {
        let (tx, rx) = S::channel::<u32, 4>();
        tx.try_send(1).unwrap();
        let peek = rx.peek().unwrap();
        let mut recvs = [(); 3].map(|()| ByHand::parked(rx.recv()));
        drop(tx);
        assert_eq!(peek.recv(), 1);
        for recv in &mut recvs {
            assert!(recv.is_woken());
            assert_eq!(recv.ready(), Err(RecvError));
        }
    }

    /// A message that nobody takes any more is leaked; that its cells are empty by then is no harm.
    fn a_forgotten_peek_leaks_its_message_and_drops_nothing_twice<S>() {
        let drops = drops();
        let (tx, rx) = S::channel::<RefCell<Option<Counted>>, 4>();
        for _ in 0..2 {
            tx.try_send(RefCell::new(Some(Counted(drops)))).ok().unwrap();
        }
        let peek = rx.peek().unwrap();
        let taken_out = peek.take();
        #[allow(clippy::mem_forget, reason = "it is what is tested")]
        core::mem::forget(peek);
        drop(taken_out);
        assert_eq!(rx.try_recv().err(), Some(TryRecvError::Empty), "stuck, as documented");
        drop((tx, rx));
        // In a static channel the message behind stays as well.
        let dropped = if S::INLINE { 1 } else { 2 };
        assert_eq!(drops.load(Ordering::SeqCst), dropped);
    }

    fn a_peek_shows_its_message<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        tx.try_send(7).unwrap();
        assert_eq!(format!("{:?}", rx.peek().unwrap()), "Peek(7)");
    }
}

/// An executor that polls from within the wake does not keep the end of a peek from ending.
#[test]
fn the_end_of_a_peek_ends_although_receivers_look_again_at_once() {
    let (tx, rx) = bounded(4);
    tx.try_send(0).unwrap();
    let peek = rx.peek().unwrap();
    let tasks = [(); 2].map(|()| {
        let rx = rx.clone();
        AtOnce::start(async move { while rx.recv().await.is_ok() {} })
    });
    tx.try_send(1).unwrap();
    assert_eq!(peek.recv(), 0);
    assert!(rx.is_empty());
    let polls = tasks.each_ref().map(|task| task.polls());
    assert!(polls.iter().all(|&polls| polls <= 4), "{polls:?}");
    tx.close();
}

/// Nor a close during a peek, when receivers still park.
#[test]
fn a_close_during_a_peek_ends_although_receivers_look_again_at_once() {
    let (tx, rx) = bounded(4);
    tx.try_send(0).unwrap();
    let peek = rx.peek().unwrap();
    let tasks = [(); 2].map(|()| {
        let rx = rx.clone();
        AtOnce::start(async move { while rx.recv().await.is_ok() {} })
    });
    tx.close();
    let polls = tasks.each_ref().map(|task| task.polls());
    assert!(polls.iter().all(|&polls| polls <= 2), "{polls:?}");
    assert_eq!(peek.recv(), 0);
    assert!(tasks.iter().all(|task| task.polls() <= 3));
}

#[test]
fn a_peek_of_a_channel_in_place() {
    let channel = Channel::<u32, 1>::new();
    channel.try_send(1).unwrap();
    let peek = channel.peek().unwrap();
    let mut recv = ByHand::parked(channel.recv());
    drop(peek);
    assert_eq!(recv.ready(), Ok(1));
}

/// What is in a channel in place goes with it, but for what was forgotten.
#[test]
fn a_channel_dropped_after_a_forgotten_peek_drops_the_others() {
    let drops = drops();
    let channel = Channel::<Counted, 3>::new();
    (0..3).for_each(|_| channel.try_send(Counted(drops)).ok().unwrap());
    #[allow(clippy::mem_forget, reason = "it is what is tested")]
    core::mem::forget(channel.peek().ok().unwrap());
    drop(channel);
    assert_eq!(drops.load(Ordering::SeqCst), 2);
}
