//! What goes wrong elsewhere, one test for each row of the table of probed behaviour.
//!
//! The table is in the notes on other channels: which of them loses, doubles, spins or starves here.

#![cfg(feature = "std")]

mod by_hand;
mod executor;
mod storage;

use by_hand::{ByHand, Task, now};
use core::{
    pin::pin,
    sync::atomic::{AtomicUsize, Ordering},
    task::{Context, Poll, Waker},
};
use executor::Executor;
use futures_util::{FutureExt, StreamExt, stream::FuturesUnordered};
use klaw::{RecvError, SendError, Sender, TryRecvError, bounded, channel::local};
use std::{rc::Rc, sync::Arc};
use storage::{Storage, on_both_storages, on_every_flavour};

/// A message that counts how often one like it was dropped.
struct Counted(u32, Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.1.fetch_add(1, Ordering::SeqCst);
    }
}

on_every_flavour! {
    /// A `recv` that loses a `select` after each message that it was woken for.
    fn message_and_wake_survive_a_dropped_recv<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        for n in 0..200 {
            let loser = ByHand::parked(rx.recv());
            let mut neighbour = ByHand::parked(rx.recv());
            tx.try_send(n).unwrap();
            assert!(loser.is_woken());
            drop(loser);
            assert_eq!((neighbour.wakes(), neighbour.ready()), (1, Ok(n)));
        }
    }

    /// Every waiting `recv` but the last is dropped, each at the moment when it is woken.
    fn a_wake_survives_any_number_of_dropped_recvs<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        let mut recvs: Vec<_> = (0..20).map(|_| ByHand::parked(rx.recv())).collect();
        tx.try_send(7).unwrap();
        while recvs.len() > 1 {
            assert!(recvs[0].is_woken() && !recvs[1].is_woken());
            recvs.remove(0);
        }
        assert_eq!(recvs[0].ready(), Ok(7));
    }

    /// `FuturesUnordered` polls a future with a waker of its own for each.
    fn a_future_polled_from_another_task_is_woken_there<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        tx.try_send(0).unwrap();
        let mut send = Box::pin(tx.send(1));
        assert!(send.as_mut().now_or_never().is_none());
        let mut sends = FuturesUnordered::new();
        sends.push(send);
        let mut sends = ByHand::new(async move { while sends.next().await.is_some() {} });
        assert!(sends.poll().is_pending());
        assert_eq!(rx.try_recv(), Ok(0));
        assert!(sends.is_woken(), "the task that polled it last");
        sends.ready();

        assert_eq!(rx.try_recv(), Ok(1));
        let mut recv = Box::pin(rx.recv());
        assert!(recv.as_mut().now_or_never().is_none());
        let mut recvs = FuturesUnordered::new();
        recvs.push(recv);
        let mut recvs = ByHand::new(async move { recvs.next().await });
        assert!(recvs.poll().is_pending());
        tx.try_send(2).unwrap();
        assert_eq!((recvs.is_woken(), recvs.ready()), (true, Some(Ok(2))));
    }

    /// Of every kind that waits, at every poll another task.
    fn a_future_moved_between_tasks_wakes_the_last_of_them<S>() {
        fn moves<F: Future>(future: F, wake: impl FnOnce()) {
            let mut future = ByHand::new(future);
            let tasks = [(); 4].map(|()| Task::new());
            for task in &tasks {
                assert!(future.poll_as(task).is_pending());
            }
            wake();
            assert_eq!(tasks.each_ref().map(|task| task.wakes()), [0, 0, 0, 1]);
            assert!(tasks[..3].iter().all(|task| Arc::strong_count(task) == 1), "and lets go");
            assert!(future.poll().is_ready());
        }
        let (tx, rx) = S::channel::<u32, 1>();
        moves(rx.recv(), || tx.try_send(0).unwrap());
        moves(rx.recv_many(&mut vec![], 1), || tx.try_send(0).unwrap());
        tx.try_send(0).unwrap();
        moves(tx.send(1), || assert!(rx.try_recv().is_ok()));
        moves(tx.reserve(), || assert!(rx.try_recv().is_ok()));
        moves(tx.closed(), || assert!(rx.close()));
    }

    fn a_woken_send_that_is_dropped_passes_its_wake_on_to_each_kind_of_sender<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        tx.try_send(0).unwrap();
        let first = ByHand::parked(tx.send(1));
        let second = ByHand::parked(tx.reserve());
        let mut third = ByHand::parked(tx.send(3));
        assert_eq!(rx.try_recv(), Ok(0));
        drop(first);
        assert!(second.is_woken());
        drop(second);
        assert_eq!((third.wakes(), third.ready()), (1, Ok(())));
    }

    /// In each state that a `send` can be dropped in before it is done.
    fn the_message_of_a_dropped_send_is_not_delivered<S>() {
        let drops = Arc::new(AtomicUsize::new(0));
        let (tx, rx) = S::channel::<Counted, 1>();
        drop(tx.send(Counted(0, drops.clone())));
        tx.try_send(Counted(1, drops.clone())).ok().unwrap();
        drop(ByHand::parked(tx.send(Counted(2, drops.clone()))));
        let woken = ByHand::parked(tx.send(Counted(3, drops.clone())));
        assert_eq!(rx.try_recv().map(|message| message.0), Ok(1));
        assert!(woken.is_woken());
        drop(woken);
        tx.try_send(Counted(4, drops.clone())).ok().unwrap();
        let closed = ByHand::parked(tx.send(Counted(5, drops.clone())));
        rx.close();
        drop(closed);
        assert_eq!(rx.try_recv().map(|message| message.0), Ok(4));
        assert_eq!(rx.try_recv().map(|message| message.0), Err(TryRecvError::Closed));
        assert_eq!(drops.load(Ordering::SeqCst), 6);
    }

    /// A run of an executor polls each once and comes to an end, and so again after each message.
    fn two_idle_receivers_use_no_cpu<S>() {
        let (tx, rx) = S::channel::<u32, 4>();
        let executor = Executor::new(1);
        let received = [(); 2].map(|()| {
            let rx = rx.clone();
            executor.start(async move { while rx.recv().await.is_ok() {} })
        });
        executor.run();
        assert_eq!(executor.polls(), 2);
        executor.run();
        assert_eq!(executor.polls(), 2);
        for n in 1..=5 {
            tx.try_send(0).unwrap();
            executor.run();
            assert_eq!(executor.polls(), 2 + n, "one poll for one message");
        }
        drop(tx);
        executor.run();
        assert_eq!(executor.polls(), 2 + 5 + 2);
        assert!(received.iter().all(executor::Output::is_ready));
    }

    fn idle_tasks_of_every_kind_use_no_cpu<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        let (full, _kept) = S::channel::<u32, 1>();
        full.try_send(0).unwrap();
        let executor = Executor::new(2);
        let other = full.clone();
        let _sends = executor.start(async move { other.send(1).await.is_ok() });
        let other = full.clone();
        let _reserves = executor.start(async move { drop(other.reserve().await) });
        let _closes = executor.start(async move { full.closed().await });
        let other = rx.clone();
        let _batches = executor.start(async move { other.recv_many(&mut vec![], 9).await.is_ok() });
        let _streams = executor.start(async move { pin!(rx.into_stream()).next().await });
        executor.run();
        executor.run();
        assert_eq!((executor.polls(), executor.tasks()), (5, 5));
        drop(tx);
    }

    fn queued_messages_are_dropped_when_the_last_receiver_goes_in_each_way<S>() {
        for way in 0..3 {
            let drops = Arc::new(AtomicUsize::new(0));
            let (tx, rx) = S::channel::<Counted, 8>();
            (0..5).for_each(|n| tx.try_send(Counted(n, drops.clone())).ok().unwrap());
            let waiting = ByHand::new(tx.send(Counted(5, drops.clone())));
            match way {
                0 => drop(rx),
                1 => drop(rx.into_stream()),
                _ => {
                    drop(rx.clone());
                    rx.close();
                    assert_eq!(drops.load(Ordering::SeqCst), 0);
                    drop(rx);
                }
            }
            assert_eq!((drops.load(Ordering::SeqCst), tx.len()), (5, 0));
            drop(waiting);
            assert_eq!(drops.load(Ordering::SeqCst), 6);
        }
    }

    /// Newcomers that take every message before the woken task comes to look; each time it is woken
    /// again before anyone who came after it.
    fn an_overtaken_receiver_keeps_its_place_and_is_not_lapped_for_ever<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        let mut old = ByHand::parked(rx.recv());
        for n in 0..50 {
            let young = ByHand::parked(rx.recv());
            tx.try_send(n).unwrap();
            assert!(old.is_woken() && !young.is_woken());
            assert_eq!(rx.try_recv(), Ok(n), "a newcomer is faster");
            assert!(old.poll().is_pending());
        }
        tx.try_send(99).unwrap();
        assert_eq!(old.ready(), Ok(99));
    }

    fn an_overtaken_sender_keeps_its_place_and_is_not_lapped_for_ever<S>() {
        let (tx, rx) = S::channel::<u32, 1>();
        tx.try_send(0).unwrap();
        let mut old = ByHand::parked(tx.send(99));
        for n in 1..50 {
            let young = ByHand::parked(tx.send(100));
            assert_eq!(rx.try_recv(), Ok(n - 1));
            assert!(old.is_woken() && !young.is_woken());
            tx.try_send(n).unwrap();
            assert!(old.poll().is_pending());
        }
        assert_eq!(rx.try_recv(), Ok(49));
        assert_eq!(old.ready(), Ok(()));
        assert_eq!(rx.try_recv(), Ok(99));
    }

    /// Whoever waits comes to a turn as long as newcomers do not win every single race: under any
    /// schedule all get their share, and none waits more than a few rounds behind the others.
    fn no_task_is_lapped_under_any_schedule<S>() {
        for seed in 0..if cfg!(miri) { 2 } else { 50 } {
            let executor = Executor::new(seed);
            let (tx, rx) = S::channel::<u32, 1>();
            let turns: Rc<[core::cell::Cell<u32>; 4]> = Rc::default();
            for me in 0..4 {
                let (rx, turns) = (rx.clone(), turns.clone());
                drop(executor.start(async move {
                    while rx.recv().await.is_ok() {
                        turns[me].set(turns[me].get() + 1);
                        let all = turns.each_ref().map(core::cell::Cell::get);
                        assert!(all.iter().max().unwrap() - all.iter().min().unwrap() <= 8);
                    }
                }));
            }
            drop(rx);
            drop(executor.start(async move {
                for n in 0..200 {
                    tx.send(n).await.unwrap();
                }
            }));
            executor.run();
            assert_eq!((executor.tasks(), executor.panics()), (0, 0), "seed {seed}");
            assert_eq!(turns.iter().map(core::cell::Cell::get).sum::<u32>(), 200);
        }
    }
}

on_both_storages! {
    /// The asker waits for an answer that nobody will give: it must learn of it.
    fn queued_reply_handles_are_dropped_when_the_last_receiver_goes<S>() {
        let (ask, asked) = S::channel::<Sender<u32>, 4>();
        let mut askers: Vec<_> = (0..4)
            .map(|_| {
                let ask = ask.clone();
                ByHand::parked(async move {
                    let (reply, answer) = <S as Storage>::channel::<u32, 1>();
                    ask.send(reply).await.unwrap();
                    answer.recv().await
                })
            })
            .collect();
        drop(asked);
        assert!(askers.iter_mut().all(|asker| asker.is_woken() && asker.ready() == Err(RecvError)));
    }

    /// A queue whose messages hold senders to it does not keep itself open or alive.
    fn queued_senders_of_the_same_channel_are_dropped_when_the_last_receiver_goes<S>() {
        #[expect(dead_code, reason = "held only")]
        struct Job(Sender<Self>, Arc<()>);
        let counted = Arc::new(());
        let (tx, rx) = S::channel::<Job, 4>();
        for _ in 0..4 {
            tx.try_send(Job(tx.clone(), counted.clone())).ok().unwrap();
        }
        assert_eq!(tx.sender_count(), 5);
        drop(rx);
        assert_eq!((tx.sender_count(), Arc::strong_count(&counted)), (1, 1));
    }
}

/// Handed over the moment it was woken and never polled: the message is in the channel.
#[test]
fn a_recv_dropped_by_its_own_executor_loses_nothing() {
    let (tx, rx) = local::bounded(1);
    let executor = Executor::new(3);
    let other = rx.clone();
    let _dropped = executor.start(async move { drop(other.recv().await) });
    executor.run();
    tx.try_send(Rc::new(7)).unwrap();
    executor.shut_down();
    assert_eq!(rx.try_recv(), Ok(Rc::new(7)));
}

/// The waker of the poll before is not called after the future moved to another thread.
#[test]
fn a_future_polled_on_one_thread_and_then_on_another_is_woken_there() {
    let (tx, rx) = bounded(1);
    let mut recv = Box::pin(async move { rx.recv().await });
    let old = Task::new();
    let waker = Waker::from(old.clone());
    assert!(recv.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    std::thread::scope(|scope| {
        let moved = scope.spawn(move || {
            let mut recv = recv;
            let new = Task::new();
            let waker = Waker::from(new.clone());
            let polled = recv.as_mut().poll(&mut Context::from_waker(&waker));
            (recv, new, polled)
        });
        let (mut recv, new, polled) = moved.join().unwrap();
        assert_eq!(polled, Poll::Pending);
        tx.try_send(7).unwrap();
        assert_eq!((old.wakes(), new.wakes()), (0, 1));
        assert_eq!(recv.as_mut().now_or_never(), Some(Ok(7)));
    });
    assert_eq!(now(tx.send(8)), Some(Err(SendError(8))));
}
