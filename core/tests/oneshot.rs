//! What a oneshot channel does at every step, on futures that are polled by hand.

#![cfg(feature = "std")]

mod by_hand;
mod executor;
mod oneshot_pairs;

use by_hand::{ByHand, Task, now};
use core::{
    mem::ManuallyDrop,
    pin::{Pin, pin},
    sync::atomic::{AtomicUsize, Ordering},
    task::{Context, Poll, RawWaker, RawWakerVTable, Waker},
};
use executor::Executor;
use futures_util::{
    FutureExt,
    future::{Either, FusedFuture, select},
    stream::{FuturesUnordered, StreamExt},
};
use klaw::{
    RecvError, SendError, TryRecvError,
    channel::oneshot::{self, Closed, Oneshot, Receiver, Sender},
};
use oneshot_pairs::{pairs, room};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex},
    task::Wake,
};

/// A value that counts how often it was dropped.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn new() -> (Self, impl Fn() -> usize) {
        let drops = Arc::new(AtomicUsize::new(0));
        let count = drops.clone();
        (Self(drops), move || count.load(Ordering::SeqCst))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// Not `Debug`, not `Clone`, not `PartialEq`.
struct Opaque(#[allow(dead_code, reason = "something to hold")] u8);

fn poll_as<F: Future + Unpin>(future: &mut F, task: &Arc<Task>) -> Poll<F::Output> {
    poll_with(future, &Waker::from(task.clone()))
}

fn poll_with<F: Future + Unpin>(future: &mut F, waker: &Waker) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(waker))
}

/// Polls `closed` as `task` and leaks the future, so that its waker stays.
fn leak_closed<T>(tx: &mut Sender<T>, task: &Arc<Task>) {
    let mut closed = ManuallyDrop::new(tx.closed());
    assert!(poll_as(&mut *closed, task).is_pending());
}

// Sending and receiving.

#[test]
fn a_value_that_was_sent_is_there_at_once() {
    for (tx, rx) in pairs() {
        tx.send(7).unwrap();
        assert_eq!(rx.now_or_never(), Some(Ok(7)));
    }
}

#[test]
fn a_value_wakes_the_receiver_that_waits_once() {
    for (tx, rx) in pairs() {
        let mut rx = ByHand::parked(rx);
        tx.send(7).unwrap();
        assert_eq!(rx.wakes(), 1);
        assert_eq!(rx.ready(), Ok(7));
        assert_eq!(rx.wakes(), 1);
    }
}

#[test]
fn a_sender_that_is_dropped_wakes_the_receiver_with_an_error() {
    for (tx, rx) in pairs::<u32>() {
        let mut rx = ByHand::parked(rx);
        drop(tx);
        assert_eq!(rx.wakes(), 1);
        assert_eq!(rx.ready(), Err(RecvError));
    }
}

#[test]
fn a_receiver_of_a_sender_that_is_gone_does_not_wait() {
    for (tx, mut rx) in pairs::<u32>() {
        drop(tx);
        assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
        assert_eq!(rx.now_or_never(), Some(Err(RecvError)));
    }
}

#[test]
fn a_value_comes_back_if_the_receiver_is_gone() {
    for (tx, rx) in pairs() {
        drop(rx);
        assert!(tx.is_closed());
        assert_eq!(tx.send(7), Err(SendError(7)));
    }
}

#[test]
fn a_value_comes_back_if_the_receiver_waited_and_is_gone() {
    for (tx, rx) in pairs() {
        let rx = ByHand::parked(rx);
        drop(rx);
        assert_eq!(tx.send(7), Err(SendError(7)));
    }
}

#[test]
fn try_recv_tells_not_yet_from_never() {
    for (tx, mut rx) in pairs() {
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
        tx.send(7).unwrap();
        assert_eq!(rx.try_recv(), Ok(7));
        assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    }
}

#[test]
fn a_value_taken_by_try_recv_wakes_no_waiting_poll_again() {
    for (tx, mut rx) in pairs() {
        let task = Task::new();
        assert!(poll_as(&mut rx, &task).is_pending());
        tx.send(7).unwrap();
        assert_eq!(rx.try_recv(), Ok(7));
        assert_eq!((task.wakes(), Arc::strong_count(&task)), (1, 1));
    }
}

#[test]
fn a_receiver_that_is_done_stays_done() {
    for (tx, mut rx) in pairs() {
        assert!(!rx.is_terminated());
        tx.send(7).unwrap();
        assert!(!rx.is_terminated());
        assert_eq!((&mut rx).now_or_never(), Some(Ok(7)));
        assert!(rx.is_terminated() && rx.is_closed() && rx.is_empty());
        assert_eq!((&mut rx).now_or_never(), Some(Err(RecvError)));
        assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
        rx.close();
    }
    for (tx, mut rx) in pairs::<u32>() {
        drop(tx);
        assert!(!rx.is_terminated());
        assert_eq!((&mut rx).now_or_never(), Some(Err(RecvError)));
        assert!(rx.is_terminated());
    }
}

#[test]
fn a_poll_that_is_given_up_loses_nothing() {
    for (tx, mut rx) in pairs() {
        assert_eq!((&mut rx).now_or_never(), None);
        tx.send(7).unwrap();
        assert_eq!(rx.now_or_never(), Some(Ok(7)));
    }
}

// Closing.

#[test]
fn a_closed_receiver_refuses_what_comes_later() {
    for (tx, mut rx) in pairs() {
        rx.close();
        assert!(tx.is_closed() && rx.is_closed() && rx.is_empty());
        assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
        assert_eq!(tx.send(7), Err(SendError(7)));
    }
    for (tx, mut rx) in pairs() {
        rx.close();
        rx.close();
        assert_eq!(tx.send(7), Err(SendError(7)));
        assert_eq!(rx.now_or_never(), Some(Err(RecvError)));
    }
}

#[test]
fn a_closed_receiver_gives_what_was_sent_before() {
    for (tx, mut rx) in pairs() {
        tx.send(7).unwrap();
        rx.close();
        assert!(!rx.is_empty());
        assert_eq!(rx.now_or_never(), Some(Ok(7)));
    }
}

/// Its task may be another one than the one that closes.
#[test]
fn a_receiver_that_is_closed_wakes_the_task_that_polled_it() {
    for (tx, rx) in pairs::<u32>() {
        let mut waiting = FuturesUnordered::from_iter([rx]);
        let mut next = ByHand::new(core::future::poll_fn(move |cx| {
            let polled = waiting.poll_next_unpin(cx);
            waiting.iter_mut().for_each(Receiver::close);
            polled
        }));
        assert!(next.poll().is_pending());
        assert!(next.is_woken());
        assert_eq!(next.ready(), Some(Err(RecvError)));
        drop(tx);
    }
}

#[test]
fn what_the_ends_say_of_the_channel_follows_it() {
    for (tx, rx) in pairs() {
        assert!(!tx.is_closed() && !rx.is_closed() && rx.is_empty());
        tx.send(7).unwrap();
        assert!(rx.is_closed() && !rx.is_empty());
    }
}

// The sender that waits for the receiver to go.

#[test]
fn a_receiver_that_is_dropped_wakes_the_sender_that_waits_for_it() {
    for (mut tx, rx) in pairs::<u32>() {
        let mut closed = ByHand::parked(tx.closed());
        drop(rx);
        assert_eq!(closed.wakes(), 1);
        closed.ready();
        closed.ready();
        drop(closed);
        assert_eq!(now(tx.closed()), Some(()));
    }
}

#[test]
fn a_receiver_that_is_closed_wakes_the_sender_that_waits_for_it() {
    for (mut tx, mut rx) in pairs::<u32>() {
        let mut closed = ByHand::parked(tx.closed());
        rx.close();
        rx.close();
        assert_eq!(closed.wakes(), 1);
        closed.ready();
    }
}

#[test]
fn both_ends_wait_at_once_and_each_is_woken_for_its_own_reason() {
    for (mut tx, rx) in pairs() {
        let mut rx = ByHand::parked(rx);
        let closed = ByHand::parked(tx.closed());
        drop(closed);
        tx.send(7).unwrap();
        assert_eq!(rx.ready(), Ok(7));
    }
    for (mut tx, rx) in pairs::<u32>() {
        let rx = ByHand::parked(rx);
        let mut closed = ByHand::parked(tx.closed());
        drop(rx);
        assert_eq!(closed.wakes(), 1);
        closed.ready();
    }
}

#[test]
fn a_receiver_that_goes_wakes_nobody_of_its_own() {
    for (_tx, mut rx) in pairs::<u32>() {
        let task = Task::new();
        assert!(poll_as(&mut rx, &task).is_pending());
        drop(rx);
        assert_eq!((task.wakes(), Arc::strong_count(&task)), (0, 1));
    }
}

#[test]
fn a_wait_for_the_receiver_that_is_given_up_leaves_nothing_behind() {
    for (mut tx, rx) in pairs::<u32>() {
        let task = Task::new();
        let mut closed = tx.closed();
        assert!(poll_as(&mut closed, &task).is_pending());
        assert_eq!(Arc::strong_count(&task), 2);
        drop(closed);
        assert_eq!(Arc::strong_count(&task), 1);
        drop(rx);
        assert_eq!(task.wakes(), 0);
    }
}

/// The waker of the sender lies where the value goes.
#[test]
fn a_value_can_be_sent_over_a_wait_that_was_leaked() {
    for (mut tx, rx) in pairs() {
        let task = Task::new();
        leak_closed(&mut tx, &task);
        tx.send(7).unwrap();
        assert_eq!((task.wakes(), Arc::strong_count(&task)), (0, 1));
        assert_eq!(rx.now_or_never(), Some(Ok(7)));
    }
    for (mut tx, rx) in pairs() {
        let task = Task::new();
        leak_closed(&mut tx, &task);
        drop(rx);
        assert_eq!((task.wakes(), Arc::strong_count(&task)), (1, 1));
        assert_eq!(tx.send(7), Err(SendError(7)));
    }
    for (mut tx, rx) in pairs::<u32>() {
        let task = Task::new();
        leak_closed(&mut tx, &task);
        let mut rx = ByHand::parked(rx);
        drop(tx);
        assert_eq!((task.wakes(), Arc::strong_count(&task)), (0, 1));
        assert_eq!(rx.ready(), Err(RecvError));
    }
}

// Wakers.

#[test]
fn a_receiver_polled_by_another_task_wakes_that_one() {
    for (tx, rx) in pairs() {
        let mut rx = ByHand::new(rx);
        let (old, new) = (Task::new(), Task::new());
        assert!(rx.poll_as(&old).is_pending());
        assert!(rx.poll_as(&new).is_pending());
        assert_eq!(Arc::strong_count(&old), 1, "the old waker is let go");
        tx.send(7).unwrap();
        assert_eq!((old.wakes(), new.wakes()), (0, 1));
        assert_eq!(rx.ready(), Ok(7));
    }
}

#[test]
fn a_wait_for_the_receiver_polled_by_another_task_wakes_that_one() {
    for (mut tx, rx) in pairs::<u32>() {
        let mut closed = ByHand::new(tx.closed());
        let (old, new) = (Task::new(), Task::new());
        assert!(closed.poll_as(&old).is_pending());
        assert!(closed.poll_as(&new).is_pending());
        assert_eq!(Arc::strong_count(&old), 1, "the old waker is let go");
        drop(rx);
        assert_eq!((old.wakes(), new.wakes()), (0, 1));
        closed.ready();
    }
}

#[test]
fn a_receiver_polled_again_by_its_task_keeps_one_waker() {
    for (tx, mut rx) in pairs() {
        let task = Task::new();
        for _ in 0..3 {
            assert!(poll_as(&mut rx, &task).is_pending());
            assert_eq!(Arc::strong_count(&task), 2);
        }
        tx.send(7).unwrap();
        assert_eq!((task.wakes(), Arc::strong_count(&task)), (1, 1));
    }
}

/// A task whose waker does something the first time that it is cloned.
struct OnClone(Mutex<Option<Box<dyn FnOnce() + Send>>>);

impl OnClone {
    fn waker(deed: impl FnOnce() + Send + 'static) -> Waker {
        const VTABLE: RawWakerVTable = RawWakerVTable::new(
            |data| {
                // SAFETY: `data` came from `Arc::into_raw` and is counted.
                let this = unsafe { ManuallyDrop::new(Arc::from_raw(data.cast::<OnClone>())) };
                let deed = this.0.lock().unwrap().take();
                deed.into_iter().for_each(|deed| deed());
                RawWaker::new(Arc::into_raw(Arc::clone(&this)).cast(), &VTABLE)
            },
            // SAFETY: as above; this one is given up.
            |data| drop(unsafe { Arc::from_raw(data.cast::<OnClone>()) }),
            |_| (),
            // SAFETY: as above; this one is given up.
            |data| drop(unsafe { Arc::from_raw(data.cast::<OnClone>()) }),
        );
        let this = Arc::new(Self(Mutex::new(Some(Box::new(deed)))));
        // SAFETY: the functions count the `Arc` as a waker's have to.
        unsafe { Waker::new(Arc::into_raw(this).cast(), &VTABLE) }
    }
}

/// What happens between looking and parking is not missed.
#[test]
fn a_value_sent_while_its_receiver_parks_is_received_at_once() {
    for (tx, mut rx) in pairs() {
        let waker = OnClone::waker(move || tx.send(7).unwrap());
        assert_eq!(poll_with(&mut rx, &waker), Poll::Ready(Ok(7)));
    }
    for (tx, mut rx) in pairs() {
        let old = Task::new();
        assert!(poll_as(&mut rx, &old).is_pending());
        let waker = OnClone::waker(move || tx.send(7).unwrap());
        assert_eq!(poll_with(&mut rx, &waker), Poll::Ready(Ok(7)));
        assert_eq!(Arc::strong_count(&old), 1);
    }
}

#[test]
fn a_sender_dropped_while_its_receiver_parks_is_seen_at_once() {
    for (tx, mut rx) in pairs::<u32>() {
        let waker = OnClone::waker(move || drop(tx));
        assert_eq!(poll_with(&mut rx, &waker), Poll::Ready(Err(RecvError)));
    }
}

#[test]
fn a_receiver_dropped_while_its_sender_parks_is_seen_at_once() {
    for (mut tx, rx) in pairs::<u32>() {
        let waker = OnClone::waker(move || drop(rx));
        assert!(poll_with(&mut tx.closed(), &waker).is_ready());
        assert_eq!(tx.send(7), Err(SendError(7)));
    }
    for (mut tx, rx) in pairs::<u32>() {
        let old = Task::new();
        let mut closed = tx.closed();
        assert!(poll_as(&mut closed, &old).is_pending());
        let waker = OnClone::waker(move || drop(rx));
        assert!(poll_with(&mut closed, &waker).is_ready());
        assert_eq!((old.wakes(), Arc::strong_count(&old)), (1, 1));
    }
}

/// A task that does something the first time that it is woken.
struct OnWake<F: FnOnce() + Send>(Mutex<Option<F>>);

impl<F: FnOnce() + Send + 'static> OnWake<F> {
    fn waker(deed: F) -> Waker {
        Waker::from(Arc::new(Self(Mutex::new(Some(deed)))))
    }
}

impl<F: FnOnce() + Send> Wake for OnWake<F> {
    fn wake(self: Arc<Self>) {
        let deed = self.0.lock().unwrap().take();
        deed.into_iter().for_each(|deed| deed());
    }
}

#[test]
fn the_receiver_may_be_used_and_dropped_inside_the_wake() {
    for (tx, rx) in pairs() {
        let rx = Arc::new(Mutex::new(Some(rx)));
        let received = Arc::new(Mutex::new(None));
        let waker = {
            let (rx, received) = (rx.clone(), received.clone());
            OnWake::waker(move || {
                let rx = rx.lock().unwrap().take().unwrap();
                *received.lock().unwrap() = rx.now_or_never();
            })
        };
        let parked = poll_with(rx.lock().unwrap().as_mut().unwrap(), &waker);
        assert!(parked.is_pending());
        tx.send(7).unwrap();
        assert_eq!(*received.lock().unwrap(), Some(Ok(7)));
    }
}

// Foreign code that panics.

#[test]
fn a_task_that_panics_when_it_is_woken_leaves_the_value_to_be_received() {
    let room = room();
    let (tx, mut rx) = room.channel().unwrap();
    let waker = OnWake::waker(|| panic!("woken"));
    assert!(poll_with(&mut rx, &waker).is_pending());
    catch_unwind(AssertUnwindSafe(|| tx.send(7))).unwrap_err();
    assert_eq!(rx.now_or_never(), Some(Ok(7)));
    assert!(!room.is_in_use());
}

#[test]
fn a_task_that_panics_when_it_is_woken_does_not_keep_the_other_end_from_it() {
    let (mut tx, mut rx) = oneshot::channel::<u32>();
    let task = Task::new();
    let waker = OnWake::waker(|| panic!("woken"));
    let mut closed = ManuallyDrop::new(tx.closed());
    assert!(poll_with(&mut *closed, &waker).is_pending());
    assert!(poll_as(&mut rx, &task).is_pending());
    catch_unwind(AssertUnwindSafe(|| rx.close())).unwrap_err();
    assert_eq!(task.wakes(), 1);
}

#[test]
fn a_value_whose_destructor_panics_frees_the_channel_all_the_same() {
    struct Panics;
    impl Drop for Panics {
        fn drop(&mut self) {
            panic!("dropped");
        }
    }
    let room = room();
    let (tx, rx) = room.channel().unwrap();
    tx.send(Panics).unwrap_or_else(|_| panic!("open"));
    catch_unwind(AssertUnwindSafe(|| drop(rx))).unwrap_err();
    assert!(!room.is_in_use());
}

#[test]
fn a_waker_that_panics_when_it_is_cloned_changes_nothing() {
    for (tx, mut rx) in pairs() {
        let old = Task::new();
        assert!(poll_as(&mut rx, &old).is_pending());
        let waker = OnClone::waker(|| panic!("cloned"));
        catch_unwind(AssertUnwindSafe(|| poll_with(&mut rx, &waker))).unwrap_err();
        tx.send(7).unwrap();
        assert_eq!(old.wakes(), 1);
        assert_eq!(rx.now_or_never(), Some(Ok(7)));
    }
}

/// What a waker holds, with a destructor that panics.
struct Heavy;

impl Drop for Heavy {
    fn drop(&mut self) {
        panic!("dropped");
    }
}

impl Wake for Heavy {
    fn wake(self: Arc<Self>) {}
}

#[test]
fn a_waker_whose_destructor_panics_is_replaced_all_the_same() {
    for (tx, mut rx) in pairs() {
        let old = Waker::from(Arc::new(Heavy));
        assert!(poll_with(&mut rx, &old).is_pending());
        drop(old); // the channel holds the last one
        let task = Task::new();
        catch_unwind(AssertUnwindSafe(|| poll_as(&mut rx, &task))).unwrap_err();
        tx.send(7).unwrap();
        assert_eq!(task.wakes(), 1);
        assert_eq!(rx.now_or_never(), Some(Ok(7)));
    }
}

#[test]
fn a_leaked_waker_whose_destructor_panics_does_not_keep_the_value_back() {
    for (mut tx, rx) in pairs() {
        let waker = Waker::from(Arc::new(Heavy));
        let mut closed = ManuallyDrop::new(tx.closed());
        assert!(poll_with(&mut *closed, &waker).is_pending());
        drop(waker); // the channel holds the last one
        catch_unwind(AssertUnwindSafe(|| tx.send(7))).unwrap_err();
        assert_eq!(rx.now_or_never(), Some(Ok(7)));
    }
}

// Values.

#[test]
fn a_value_that_nobody_receives_is_dropped_with_the_receiver() {
    for (tx, rx) in pairs() {
        let (value, drops) = Counted::new();
        tx.send(value).unwrap();
        assert_eq!(drops(), 0);
        drop(rx);
        assert_eq!(drops(), 1);
    }
}

#[test]
fn a_value_that_is_received_or_comes_back_is_its_owners_to_drop() {
    for (tx, rx) in pairs() {
        let (value, drops) = Counted::new();
        tx.send(value).unwrap();
        let value = rx.now_or_never().unwrap().unwrap();
        assert_eq!(drops(), 0);
        drop(value);
        assert_eq!(drops(), 1);
    }
    for (tx, rx) in pairs() {
        let (value, drops) = Counted::new();
        drop(rx);
        let back = tx.send(value).unwrap_err();
        assert_eq!(drops(), 0);
        drop(back.into_inner());
        assert_eq!(drops(), 1);
    }
}

#[test]
fn values_of_every_shape_arrive() {
    #[derive(Debug, PartialEq)]
    #[repr(align(64))]
    struct Aligned(u8);

    fn arrives<T: PartialEq + core::fmt::Debug + Send + 'static>(value: impl Fn() -> T) {
        for (mut tx, rx) in pairs() {
            // Both wakers are in their places, and out again, before the value comes.
            assert!(now(tx.closed()).is_none());
            let mut rx = ByHand::parked(rx);
            tx.send(value()).unwrap();
            assert_eq!(rx.ready(), Ok(value()));
        }
    }
    arrives(|| ());
    arrives(|| 7_u8);
    arrives(|| u128::MAX);
    arrives(|| Aligned(7));
    arrives(|| [7_u64; 100]);
    arrives(|| String::from("seven"));
}

#[test]
fn a_heap_channel_takes_what_does_not_live_for_ever() {
    let text = String::from("borrowed");
    let (tx, rx) = oneshot::channel::<&str>();
    tx.send(&text).unwrap();
    assert_eq!(rx.now_or_never(), Some(Ok("borrowed")));
}

#[test]
fn the_ends_are_shared_by_threads_if_the_value_may_move() {
    fn shared<T: Send + Sync + Unpin>() {}
    shared::<Sender<core::cell::Cell<u8>>>();
    shared::<Receiver<core::cell::Cell<u8>>>();
    shared::<Closed<'static, core::cell::Cell<u8>>>();
    shared::<Oneshot<core::cell::Cell<u8>>>();
}

#[test]
fn debug_output_needs_no_debug_values() {
    for (mut tx, rx) in pairs::<Opaque>() {
        assert_eq!(format!("{tx:?}"), "Sender { closed: false, .. }");
        assert_eq!(format!("{:?}", tx.closed()), "Closed { closed: false, .. }");
        assert_eq!(format!("{rx:?}"), "Receiver { closed: false, empty: true, .. }");
        tx.send(Opaque(7)).unwrap();
        assert_eq!(format!("{rx:?}"), "Receiver { closed: true, empty: false, .. }");
    }
    let room = Oneshot::<Opaque>::default();
    assert_eq!(format!("{room:?}"), "Oneshot { in_use: false, .. }");
}

// The room in a static.

#[test]
fn a_room_is_free_again_as_soon_as_both_ends_are_gone() {
    static ROOM: Oneshot<u32> = Oneshot::new();
    for n in 0..100 {
        let (tx, mut rx) = ROOM.channel().unwrap();
        assert!(ROOM.channel().is_none() && ROOM.is_in_use());
        if n % 2 == 0 {
            assert!((&mut rx).now_or_never().is_none());
        }
        tx.send(n).unwrap();
        assert!(ROOM.channel().is_none(), "the value is still in there");
        assert_eq!(rx.try_recv(), Ok(n));
        // The receiver has let go with the value.
        assert!(!ROOM.is_in_use());
        drop(ROOM.channel().unwrap());
        assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    }
}

#[test]
fn a_late_sender_reaches_nobody_else() {
    static ROOM: Oneshot<u32> = Oneshot::new();
    let (late, rx) = ROOM.channel().unwrap();
    drop(rx);
    assert!(ROOM.channel().is_none(), "its sender is still there");
    assert_eq!(late.send(1), Err(SendError(1)));
    let (tx, mut rx) = ROOM.channel().unwrap();
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    tx.send(2).unwrap();
    assert_eq!(rx.try_recv(), Ok(2));
}

#[test]
fn a_late_receiver_reaches_nobody_else() {
    static ROOM: Oneshot<u32> = Oneshot::new();
    let (tx, mut late) = ROOM.channel().unwrap();
    drop(tx);
    assert!(ROOM.channel().is_none(), "its receiver is still there");
    assert_eq!(late.try_recv(), Err(TryRecvError::Closed));
    let (tx, rx) = ROOM.channel().unwrap();
    late.close();
    drop(late);
    tx.send(2).unwrap();
    assert_eq!(rx.now_or_never(), Some(Ok(2)));
}

#[test]
fn a_closed_pair_leaves_an_open_room() {
    static ROOM: Oneshot<u32> = Oneshot::new();
    for closed_by_the_sender in [false, true] {
        let (tx, mut rx) = ROOM.channel().unwrap();
        if closed_by_the_sender {
            drop(tx);
            drop(rx);
        } else {
            rx.close();
            drop(rx);
            drop(tx);
        }
        let (tx, rx) = ROOM.channel().unwrap();
        assert!(!tx.is_closed() && !rx.is_closed());
    }
}

// Among tasks.

/// The use that `closed` is made for: work for as long as somebody waits for it.
#[test]
fn a_worker_stops_when_nobody_waits_and_answers_otherwise() {
    for seed in 0..if cfg!(miri) { 5 } else { 200 } {
        let executor = Executor::new(seed);
        for (mut tx, rx) in pairs() {
            let (give_up, gives_up) = oneshot::channel::<()>();
            let work = async {
                for _ in 0..3 {
                    yield_now().await;
                }
                7
            };
            let worker = executor.start(async move {
                let answer = {
                    match select(pin!(work), tx.closed()).await {
                        Either::Left((answer, _)) => Some(answer),
                        Either::Right(_) => None,
                    }
                };
                answer.map(|answer| tx.send(answer))
            });
            let asker = executor.start(async move {
                match select(rx, gives_up).await {
                    Either::Left((answer, _)) => Some(answer),
                    Either::Right(_) => None,
                }
            });
            executor.start(async move {
                for _ in 0..seed % 6 {
                    yield_now().await;
                }
                let _ = give_up.send(());
            });
            executor.run();
            match (asker.take().unwrap(), worker.take().unwrap()) {
                (Some(answer), worked) => assert_eq!((answer, worked), (Ok(7), Some(Ok(())))),
                // Given up before the work was done, or after, or with the answer unseen.
                (None, worked) => {
                    assert!(matches!(worked, None | Some(Err(SendError(7))) | Some(Ok(()))))
                }
            }
        }
        assert_eq!(executor.tasks(), 0);
    }
}

async fn yield_now() {
    let mut yielded = false;
    core::future::poll_fn(|cx| {
        if core::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
