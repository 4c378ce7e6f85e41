//! What a watch channel does at every step, on futures that are polled by hand.

#![cfg(feature = "std")]

mod by_hand;
mod executor;
mod storage;
mod watch_storage;

use by_hand::{ByHand, Task, now};
use core::{
    cell::{Cell, RefCell},
    future::poll_fn,
    mem,
    panic::AssertUnwindSafe,
    pin::pin,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    task::{Context, Poll, Waker},
};
use executor::Executor;
use futures_util::{FutureExt, Stream, StreamExt, stream::FusedStream};
use klaw::channel::{
    RecvError, SendError,
    watch::{self, Receiver, Ref, Sender, Watch},
};
use std::{
    panic::catch_unwind,
    rc::Rc,
    sync::{Arc, Mutex},
    task::Wake,
};
use watch_storage::on_both_storages;

/// Not `Debug`, not `Clone`, not `PartialEq`.
struct Opaque(u8);

fn panics(f: impl FnOnce()) -> bool {
    catch_unwind(AssertUnwindSafe(f)).is_err()
}

// Seeing and reading.

on_both_storages! {
    fn the_initial_value_counts_as_seen<S>() {
        let (tx, mut rx) = S::watch(1);
        assert_eq!(rx.has_changed(), Ok(false));
        assert!(!rx.borrow().has_changed());
        assert_eq!(now(rx.changed()), None);
        assert_eq!((*rx.borrow(), *tx.borrow()), (1, 1));
    }

    fn a_slow_receiver_sees_only_the_newest<S>() {
        let (tx, mut rx) = S::watch(0);
        (1..=5).for_each(|n| tx.send(n).unwrap());
        assert_eq!(now(rx.changed()), Some(Ok(())));
        assert_eq!(*rx.borrow(), 5);
        assert_eq!(now(rx.changed()), None);
    }

    fn only_changed_and_borrow_and_update_mark_as_seen<S>() {
        let (tx, mut rx) = S::watch(0);
        tx.send(1).unwrap();
        assert!(rx.borrow().has_changed() && rx.borrow().has_changed());
        assert_eq!((rx.has_changed(), rx.has_changed()), (Ok(true), Ok(true)));
        assert!(rx.borrow_and_update().has_changed());
        assert!(!rx.borrow_and_update().has_changed());
        assert_eq!(rx.has_changed(), Ok(false));
        tx.send(2).unwrap();
        assert_eq!(now(rx.changed()), Some(Ok(())));
        assert!(!rx.borrow().has_changed());
    }

    fn an_equal_value_is_a_change_too<S>() {
        let (tx, mut rx) = S::watch(1);
        tx.send(1).unwrap();
        assert_eq!(now(rx.changed()), Some(Ok(())));
    }

    /// The first version lies just before the wrap.
    fn versions_go_on_past_the_wrap_of_their_count<S>() {
        let (tx, mut rx) = S::watch(0);
        let behind = rx.clone();
        for n in 1..6 {
            tx.send(n).unwrap();
            assert_eq!(behind.has_changed(), Ok(true));
            assert_eq!(now(rx.changed()), Some(Ok(())));
            assert_eq!(rx.has_changed(), Ok(false));
        }
    }

    fn a_clone_has_seen_the_same_version<S>() {
        let (tx, mut rx) = S::watch(0);
        assert_eq!(rx.clone().has_changed(), Ok(false));
        tx.send(1).unwrap();
        let mut clone = rx.clone();
        assert_eq!(now(rx.changed()), Some(Ok(())));
        assert_eq!(now(clone.changed()), Some(Ok(())), "each goes on by itself");
        rx.mark_changed();
        assert_eq!(rx.clone().has_changed(), Ok(true));
    }

    fn a_subscriber_has_seen_the_current_value<S>() {
        let (tx, _rx) = S::watch(0);
        tx.send(1).unwrap();
        let mut late = tx.subscribe();
        assert_eq!(*late.borrow(), 1);
        assert_eq!(now(late.changed()), None);
    }

    fn marks_are_the_callers_to_set<S>() {
        let (tx, mut rx) = S::watch(0);
        rx.mark_changed();
        rx.mark_changed();
        assert_eq!(rx.has_changed(), Ok(true));
        assert_eq!(now(rx.changed()), Some(Ok(())));
        assert_eq!(now(rx.changed()), None);
        tx.send(1).unwrap();
        rx.mark_unchanged();
        assert_eq!(rx.has_changed(), Ok(false));
        assert_eq!(now(rx.changed()), None);
        rx.mark_changed();
        tx.send(2).unwrap();
        assert_eq!(now(rx.changed()), Some(Ok(())));
        assert_eq!(now(rx.changed()), None, "one mark, one change");
    }

    /// tokio-rs/tokio#4246, ZcashFoundation/zebra#3870: there this never returns.
    fn what_was_read_holds_no_lock<S>() {
        let (tx, mut rx) = S::watch(String::from("old"));
        let held = rx.borrow();
        let from_the_sender = tx.borrow();
        tx.send("new".into()).unwrap();
        assert_eq!(*rx.borrow_and_update(), "new");
        assert_eq!((held.as_str(), from_the_sender.len()), ("old", 3));
        assert_eq!(held.clone().into_inner(), "old");
        drop((tx, rx));
        assert_eq!(held.into_inner(), "old");
    }

    fn handles_know_their_channel<S>() {
        let ((tx, rx), (other_tx, other_rx)) = (S::watch(0), S::watch(0));
        assert!(tx.same_channel(&tx.clone()) && !tx.same_channel(&other_tx));
        assert!(rx.same_channel(&tx.subscribe()) && !rx.same_channel(&other_rx));
    }
}

// Waiting and waking.

on_both_storages! {
    fn one_send_wakes_every_receiver_that_waits<S>() {
        let (tx, first) = S::watch(0);
        // More than are woken under one lock.
        let mut receivers: Vec<_> = (0..27).map(|_| first.clone()).collect();
        let mut waiting: Vec<_> =
            receivers.iter_mut().map(|rx| ByHand::parked(rx.changed())).collect();
        tx.send(1).unwrap();
        assert!(waiting.iter().all(|changed| changed.wakes() == 1));
        assert!(waiting.iter_mut().all(|changed| changed.ready() == Ok(())));
    }

    fn a_send_after_the_first_wakes_nobody_twice<S>() {
        let (tx, mut rx) = S::watch(0);
        let mut changed = ByHand::parked(rx.changed());
        tx.send(1).unwrap();
        tx.send(2).unwrap();
        assert_eq!(changed.wakes(), 1);
        assert_eq!(changed.ready(), Ok(()));
        drop(changed);
        assert_eq!(now(rx.changed()), None);
    }

    fn a_changed_dropped_after_it_was_woken_leaves_the_version_unseen<S>() {
        let (tx, mut rx) = S::watch(0);
        let changed = ByHand::parked(rx.changed());
        tx.send(1).unwrap();
        assert!(changed.is_woken());
        drop(changed);
        assert_eq!(rx.has_changed(), Ok(true));
        assert_eq!(now(rx.changed()), Some(Ok(())));
    }

    fn a_changed_dropped_while_it_waits_takes_no_wake_with_it<S>() {
        let (tx, mut first) = S::watch(0);
        let (mut second, mut third) = (first.clone(), first.clone());
        let given_up = ByHand::parked(second.changed());
        let mut waiting = [ByHand::parked(first.changed()), ByHand::parked(third.changed())];
        drop(given_up);
        tx.send(1).unwrap();
        assert!(waiting.iter_mut().all(|changed| changed.is_woken() && changed.ready() == Ok(())));
    }

    fn a_future_polled_by_another_task_wakes_that_one<S>() {
        let (tx, mut rx) = S::watch(0);
        let (before, after) = (Task::new(), Task::new());
        let mut changed = ByHand::new(rx.changed());
        assert!(changed.poll_as(&before).is_pending() && changed.poll_as(&after).is_pending());
        let mut closed = ByHand::new(tx.closed());
        assert!(closed.poll_as(&before).is_pending() && closed.poll_as(&after).is_pending());
        tx.send(1).unwrap();
        assert_eq!((before.wakes(), after.wakes()), (0, 1));
        assert_eq!(changed.ready(), Ok(()));
        drop(changed);
        drop(rx);
        assert_eq!((before.wakes(), after.wakes()), (0, 2));
    }

    /// Wakers are called when no lock is held.
    fn a_waker_may_use_the_channel<S>() {
        struct Look { tx: Sender<u32>, seen: AtomicUsize }
        impl Wake for Look {
            fn wake(self: Arc<Self>) {
                self.tx.send_modify(|value| *value += 1);
                self.seen.store(*self.tx.borrow() as usize, Ordering::SeqCst);
            }
        }
        let (tx, mut rx) = S::watch(0);
        let task = Arc::new(Look { tx: tx.clone(), seen: AtomicUsize::new(0) });
        let waker = Waker::from(task.clone());
        let mut changed = pin!(rx.changed());
        assert!(changed.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        tx.send(10).unwrap();
        assert_eq!(task.seen.load(Ordering::SeqCst), 11);
    }

    fn a_waker_that_panics_keeps_nobody_asleep<S>() {
        struct Bomb;
        impl Wake for Bomb {
            fn wake(self: Arc<Self>) {
                panic!("a waker that panics");
            }
        }
        let (tx, mut first) = S::watch(0);
        let mut receivers: Vec<_> = (0..20).map(|_| first.clone()).collect();
        let bomb = Waker::from(Arc::new(Bomb));
        let mut changed = Box::pin(first.changed());
        assert!(changed.as_mut().poll(&mut Context::from_waker(&bomb)).is_pending());
        let waiting: Vec<_> = receivers.iter_mut().map(|rx| ByHand::parked(rx.changed())).collect();
        assert!(panics(|| tx.send_modify(|value| *value = 1)));
        assert!(waiting.iter().all(ByHand::is_woken));
    }
}

// Changing the value.

on_both_storages! {
    fn a_value_sent_to_nobody_comes_back<S>() {
        let (tx, rx) = S::watch(String::from("kept"));
        drop(rx);
        assert_eq!(tx.send("refused".into()), Err(SendError("refused".into())));
        assert_eq!(*tx.borrow(), "kept");
        assert_eq!(tx.send_replace("stored".into()), "kept");
        assert_eq!(*tx.subscribe().borrow(), "stored");
    }

    fn a_change_in_place_is_told_unless_there_was_none<S>() {
        let (tx, mut rx) = S::watch(vec![1]);
        let mut changed = ByHand::parked(rx.changed());
        assert!(!tx.send_if_modified(|_| false));
        assert_eq!(changed.wakes(), 0);
        tx.send_modify(|value| value.push(2));
        assert_eq!(changed.wakes(), 1);
        assert_eq!(changed.ready(), Ok(()));
        drop(changed);
        assert_eq!(*rx.borrow(), [1, 2]);
        assert!(tx.send_if_modified(|value| value.pop().is_some()));
        assert_eq!(*rx.borrow_and_update(), [1]);
    }

    /// Who says nothing about a change makes a silent one: seen by who looks, told to nobody.
    fn a_change_that_is_denied_is_visible_all_the_same<S>() {
        let (tx, rx) = S::watch(1);
        assert!(!tx.send_if_modified(|value| { *value = 2; false }));
        assert_eq!((*rx.borrow(), rx.has_changed()), (2, Ok(false)));
    }

    fn a_change_that_panics_is_told_as_far_as_it_came<S>() {
        let (tx, mut rx) = S::watch(0);
        let mut changed = ByHand::parked(rx.changed());
        assert!(panics(|| tx.send_modify(|value| { *value = 1; panic!("half-way") })));
        assert!(changed.is_woken());
        assert_eq!(changed.ready(), Ok(()));
        drop(changed);
        assert_eq!(*rx.borrow(), 1);
        assert!(panics(|| { tx.send_if_modified(|_| panic!("at once")); }));
        assert_eq!(now(rx.changed()), Some(Ok(())));
        tx.send(2).unwrap();
        assert_eq!(*rx.borrow_and_update(), 2);
    }

    fn a_clone_that_panics_leaves_the_channel_usable<S>() {
        struct Fragile(Arc<AtomicBool>);
        impl Clone for Fragile {
            fn clone(&self) -> Self {
                assert!(!self.0.load(Ordering::SeqCst), "a clone that panics");
                Self(self.0.clone())
            }
        }
        let armed = Arc::new(AtomicBool::new(false));
        let (tx, mut rx) = S::watch(Fragile(armed.clone()));
        tx.send_modify(|_| ());
        armed.store(true, Ordering::SeqCst);
        assert!(panics(|| drop(rx.borrow_and_update())));
        assert!(panics(|| drop(tx.borrow())));
        armed.store(false, Ordering::SeqCst);
        assert!(rx.borrow_and_update().has_changed(), "not seen by the one that panicked");
    }

    /// A destructor that reads the channel would find its lock held by its own thread.
    fn the_value_before_is_dropped_without_a_lock<S>() {
        struct Nosy(Arc<Mutex<Option<Receiver<Self>>>>);
        impl Clone for Nosy {
            fn clone(&self) -> Self {
                Self(Arc::default())
            }
        }
        impl Drop for Nosy {
            fn drop(&mut self) {
                let Some(mut rx) = self.0.lock().unwrap().take() else { return };
                assert!(rx.borrow_and_update().has_changed());
            }
        }
        let nosy = || Nosy(Arc::default());
        let first = nosy();
        let looks = first.0.clone();
        let (tx, rx) = S::watch(first);
        *looks.lock().unwrap() = Some(rx);
        let _listening = tx.subscribe();
        tx.send(nosy()).ok().unwrap();
        assert!(looks.lock().unwrap().is_none(), "the value before has looked");
    }
}

// The end.

on_both_storages! {
    fn the_last_value_of_the_last_sender_is_seen_before_the_end<S>() {
        let (tx, mut rx) = S::watch(0);
        tx.send(1).unwrap();
        drop(tx);
        assert_eq!(rx.has_changed(), Ok(true));
        assert_eq!(now(rx.changed()), Some(Ok(())));
        assert_eq!(*rx.borrow(), 1);
        assert_eq!(rx.has_changed(), Err(RecvError));
        assert_eq!(now(rx.changed()), Some(Err(RecvError)));
        rx.mark_changed();
        assert_eq!(now(rx.changed()), Some(Ok(())), "the value is still there");
        assert_eq!(*rx.borrow_and_update(), 1);
    }

    fn the_end_comes_with_the_last_sender_and_wakes_everybody<S>() {
        let (tx, mut first) = S::watch(0);
        let mut second = first.clone();
        let mut waiting = [ByHand::parked(first.changed()), ByHand::parked(second.changed())];
        drop(tx.clone());
        assert!(waiting.iter().all(|changed| changed.wakes() == 0));
        let other = tx.clone();
        drop(tx);
        assert!(waiting.iter().all(|changed| changed.wakes() == 0));
        drop(other);
        assert!(waiting.iter().all(|changed| changed.wakes() == 1));
        assert!(waiting.iter_mut().all(|changed| changed.ready() == Err(RecvError)));
    }

    fn closed_waits_for_the_last_receiver<S>() {
        let (tx, rx) = S::watch(0);
        let mut waiting = [ByHand::parked(tx.closed()), ByHand::parked(tx.closed())];
        let clone = rx.clone();
        assert_eq!((tx.is_closed(), tx.receiver_count()), (false, 2));
        drop(rx);
        assert!(waiting.iter().all(|closed| closed.wakes() == 0));
        drop(clone);
        assert!(waiting.iter().all(|closed| closed.wakes() == 1));
        waiting.iter_mut().for_each(ByHand::ready);
        assert_eq!((tx.is_closed(), tx.receiver_count()), (true, 0));
        assert_eq!(now(tx.closed()), Some(()), "done at once");
    }

    fn a_subscriber_opens_what_was_closed<S>() {
        let (tx, rx) = S::watch(0);
        let mut closed = ByHand::parked(tx.closed());
        drop(rx);
        let rx = tx.subscribe();
        assert!(closed.is_woken() && closed.poll().is_pending());
        assert_eq!(tx.send(1), Ok(()));
        drop(rx);
        closed.ready();
    }

    fn a_stream_and_futures_count_as_their_receiver<S>() {
        let (tx, rx) = S::watch(0);
        let stream = rx.into_stream();
        assert_eq!(tx.receiver_count(), 1);
        drop(stream);
        assert!(tx.is_closed());
    }
}

// Waiting for a condition.

on_both_storages! {
    fn wait_for_looks_at_the_current_value_first_also_if_it_is_seen<S>() {
        let (tx, mut rx) = S::watch(3);
        let found = now(rx.wait_for(|value| *value == 3)).unwrap().unwrap();
        assert_eq!((*found, found.has_changed()), (3, false));
        tx.send(4).unwrap();
        let found = now(rx.wait_for(|value| *value == 4)).unwrap().unwrap();
        assert_eq!((*found, found.has_changed()), (4, true));
        assert_eq!(rx.has_changed(), Ok(false), "it is seen");
    }

    fn wait_for_looks_once_at_each_version_that_it_is_polled_for<S>() {
        let (tx, mut rx) = S::watch(0);
        let looked = RefCell::new(vec![]);
        let mut waiting = ByHand::parked(rx.wait_for(|value| {
            looked.borrow_mut().push(*value);
            *value >= 10
        }));
        tx.send(1).unwrap();
        tx.send(2).unwrap();
        assert_eq!(waiting.wakes(), 1);
        assert!(waiting.poll().is_pending() && waiting.poll().is_pending());
        tx.send(10).unwrap();
        assert_eq!(waiting.wakes(), 2);
        assert_eq!(*waiting.ready().unwrap(), 10);
        assert_eq!(*looked.borrow(), [0, 2, 10]);
    }

    fn wait_for_finds_the_last_value_of_a_sender_that_is_gone<S>() {
        let (tx, mut rx) = S::watch(0);
        let mut waiting = ByHand::parked(rx.wait_for(|value| *value == 1));
        tx.send(1).unwrap();
        drop(tx);
        assert_eq!(waiting.ready().map(Ref::into_inner), Ok(1));
        drop(waiting);
        assert_eq!(now(rx.wait_for(|value| *value == 1)).unwrap().map(Ref::into_inner), Ok(1));
    }

    fn wait_for_ends_when_the_last_value_does_not_do<S>() {
        let (tx, mut rx) = S::watch(0);
        let looks = Cell::new(0);
        let mut waiting = ByHand::parked(rx.wait_for(|_| { looks.set(looks.get() + 1); false }));
        drop(tx);
        assert!(waiting.is_woken());
        assert_eq!(waiting.ready().map(Ref::into_inner), Err(RecvError));
        assert_eq!(looks.get(), 1, "not asked again about the same value");
        drop(waiting);
        assert_eq!(now(rx.wait_for(|_| false)).unwrap().map(Ref::into_inner), Err(RecvError));
    }

    fn a_wait_for_that_is_dropped_unpolled_marks_nothing<S>() {
        let (tx, mut rx) = S::watch(0);
        tx.send(1).unwrap();
        drop(rx.wait_for(|_| true));
        assert_eq!(rx.has_changed(), Ok(true));
    }

    fn a_wait_for_that_is_dropped_has_refused_what_it_marked_as_seen<S>() {
        let (tx, mut rx) = S::watch(0);
        let waiting = ByHand::parked(rx.wait_for(|value| *value == 2));
        tx.send(2).unwrap();
        drop(waiting);
        assert_eq!(rx.has_changed(), Ok(true), "2 was never looked at");
    }

    /// It runs on a clone, so it may even send.
    fn a_predicate_may_use_the_channel<S>() {
        let (tx, mut rx) = S::watch(0);
        let found = now(rx.wait_for(|value| {
            if *value < 5 {
                tx.send_modify(|current| *current += 1);
            }
            *value == 5 && *tx.borrow() == 5
        }));
        assert_eq!(found.unwrap().map(Ref::into_inner), Ok(5));
    }

    fn a_predicate_that_panics_leaves_the_channel_usable<S>() {
        let (tx, mut rx) = S::watch(0);
        assert!(panics(|| { now(rx.wait_for(|_| panic!("a predicate that panics"))); }));
        tx.send(1).unwrap();
        assert_eq!(now(rx.changed()), Some(Ok(())));
    }
}

// As a stream.

on_both_storages! {
    fn a_stream_gives_the_value_now_then_each_newest_then_ends<S>() {
        let (tx, rx) = S::watch(0);
        let mut stream = Box::pin(rx.into_stream());
        tx.send(1).unwrap();
        assert_eq!(stream.next().now_or_never(), Some(Some(1)), "the value at the first poll");
        let next = ByHand::parked(stream.next());
        tx.send(2).unwrap();
        tx.send(3).unwrap();
        assert_eq!(next.wakes(), 1);
        drop(next);
        assert_eq!(stream.next().now_or_never(), Some(Some(3)), "the newest, once");
        assert_eq!(stream.next().now_or_never(), None);
        tx.send(4).unwrap();
        drop(tx);
        assert!(!stream.is_terminated());
        assert_eq!(stream.next().now_or_never(), Some(Some(4)), "the last value");
        assert_eq!(stream.next().now_or_never(), Some(None));
        assert!(stream.is_terminated());
        assert_eq!(stream.next().now_or_never(), Some(None));
    }

    fn a_stream_begins_with_a_value_that_was_seen<S>() {
        let (_tx, mut rx) = S::watch(7);
        rx.mark_unchanged();
        let mut stream = Box::pin(rx.into_stream());
        assert_eq!(stream.receiver().has_changed(), Ok(true));
        assert_eq!(stream.next().now_or_never(), Some(Some(7)));
    }
}

// In a program.

/// Lets other tasks run.
async fn yield_now() {
    let mut pending = true;
    poll_fn(|cx| {
        cx.waker().wake_by_ref();
        if mem::take(&mut pending) { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
}

on_both_storages! {
    /// Whatever the order in which tasks run, all of them end with the last value.
    fn every_task_ends_with_the_last_value<S>() {
        for seed in 0..if cfg!(miri) { 3 } else { 200 } {
            let (tx, rx) = S::watch(0_u32);
            let executor = Executor::new(seed);
            let ends: Vec<_> = (0..4)
                .map(|_| {
                    let mut rx = rx.clone();
                    executor.start(async move {
                        let mut seen = vec![*rx.borrow_and_update()];
                        while rx.changed().await.is_ok() {
                            seen.push(*rx.borrow_and_update());
                        }
                        seen
                    })
                })
                .collect();
            drop(rx);
            for sender in 1..=2 {
                let tx = tx.clone();
                drop(executor.start(async move {
                    for _ in 0..5 {
                        tx.send_modify(|value| *value += sender);
                        yield_now().await;
                    }
                }));
            }
            drop(tx);
            executor.run();
            for seen in ends {
                let seen = seen.take().expect("it ended");
                assert_eq!(seen.last(), Some(&15), "seed {seed}");
                assert!(seen.is_sorted_by(|a, b| a < b), "each version once, seed {seed}");
            }
        }
    }
}

#[test]
fn a_task_that_is_told_by_another_goes_on() {
    let executor = Executor::new(1);
    let (tx, mut rx) = watch::channel(false);
    let log = Rc::new(RefCell::new(vec![]));
    let waiting = log.clone();
    drop(executor.start(async move {
        rx.wait_for(|ready| *ready).await.unwrap();
        waiting.borrow_mut().push("went on");
    }));
    executor.run();
    log.borrow_mut().push("told");
    tx.send(true).unwrap();
    executor.run();
    assert_eq!(*log.borrow(), ["told", "went on"]);
}

// In a static, in place.

#[test]
fn a_static_is_written_and_read_in_place() {
    static LEVEL: Watch<u16> = Watch::new(1);
    assert_eq!(*LEVEL.borrow(), 1);
    LEVEL.send(2);
    assert_eq!(LEVEL.send_replace(3), 2);
    LEVEL.send_modify(|level| *level += 1);
    assert!(!LEVEL.send_if_modified(|_| false));
    assert_eq!((LEVEL.receiver_count(), *LEVEL.borrow()), (0, 4));
    let mut rx = LEVEL.receiver();
    assert_eq!((LEVEL.receiver_count(), rx.has_changed()), (1, Ok(false)), "no sender is no end");
    let mut changed = ByHand::parked(rx.changed());
    LEVEL.send(5);
    assert!(changed.is_woken());
    assert_eq!(changed.ready(), Ok(()));
}

#[test]
fn a_static_opens_again_for_a_sender_that_was_restarted() {
    static LEVEL: Watch<u16> = Watch::new(0);
    let mut rx = LEVEL.receiver();
    let sender = LEVEL.sender();
    let mut changed = ByHand::parked(rx.changed());
    drop(sender);
    assert!(changed.is_woken());
    let restarted = LEVEL.sender();
    assert!(changed.poll().is_pending(), "there is a sender");
    restarted.send(1).unwrap();
    assert_eq!(changed.ready(), Ok(()));
    drop(changed);
    drop(restarted);
    assert_eq!(now(rx.changed()), Some(Err(RecvError)));
    LEVEL.send(2);
    assert_eq!(now(rx.changed()), Some(Ok(())), "a value stored in place is seen all the same");
}

// Types.

#[test]
fn a_heap_channel_may_hold_what_does_not_live_for_ever() {
    let text = String::from("borrowed");
    let (tx, mut rx) = watch::channel(&text[..0]);
    tx.send(&text).unwrap();
    assert_eq!(now(rx.changed()), Some(Ok(())));
    assert_eq!(*rx.borrow(), "borrowed");
    let mut stream = Box::pin(rx.into_stream());
    assert_eq!(stream.next().now_or_never(), Some(Some(&*text)));
}

#[test]
fn everything_is_as_shareable_as_its_value() {
    fn shared<T: Send + Sync>(value: T) -> T {
        value
    }
    fn sent<T: Send>(value: T) -> T {
        value
    }
    // Never shared, only cloned under the lock: `Send` is enough.
    let (tx, mut rx) = shared(watch::channel(Cell::new(0)));
    drop((shared(rx.changed()), shared(tx.closed())));
    drop(sent(rx.wait_for(|_| true)));
    drop(sent(rx.into_stream()));
    static IN_PLACE: Watch<Cell<u8>> = Watch::new(Cell::new(0));
    assert_eq!(shared(&IN_PLACE).borrow().get(), 0);
}

#[test]
fn what_only_moves_needs_no_clone() {
    let (tx, mut rx) = watch::channel(Opaque(1));
    assert_eq!(tx.send_replace(Opaque(2)).0, 1);
    assert_eq!(now(rx.changed()), Some(Ok(())));
    drop(rx);
    assert_eq!(tx.send(Opaque(3)).unwrap_err().into_inner().0, 3);
}

#[test]
fn everything_can_be_printed_whatever_the_value() {
    #[derive(Clone)]
    struct Plain;
    static IN_PLACE: Watch<Plain> = Watch::new(Plain);
    let (tx, mut rx) = watch::channel(Plain);
    assert_eq!(format!("{IN_PLACE:?}"), "Watch { receivers: 0, closed: false, .. }");
    assert_eq!(format!("{tx:?}"), "Sender { receivers: 1, closed: false, .. }");
    assert_eq!(format!("{:?}", tx.closed()), "Closed { receivers: 1, closed: false, .. }");
    let receiver = "Receiver { receivers: 1, closed: false, .. }";
    assert_eq!(format!("{rx:?}"), receiver);
    assert_eq!(format!("{:?}", rx.changed()), format!("Changed({receiver})"));
    assert_eq!(format!("{:?}", rx.wait_for(|_| true)), format!("WaitFor({receiver})"));
    let stream = rx.into_stream();
    assert_eq!(stream.size_hint(), (0, None));
    assert_eq!(format!("{stream:?}"), format!("WatchStream({receiver})"));
    let (tx, _rx) = watch::channel(5);
    assert_eq!(format!("{:?}", tx.borrow()), "Ref { value: 5, changed: false }");
}
