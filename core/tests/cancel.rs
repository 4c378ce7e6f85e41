//! Tokens and timeouts, step by step.

#![cfg(feature = "std")]

mod by_hand;
mod virtual_clock;

use by_hand::{ByHand, Task, now};
use core::{
    cell::Cell,
    future::{pending, poll_fn, ready},
    pin::pin,
    task::Poll,
    time::Duration,
};
use futures_util::FutureExt;
use klaw::{Cancel, CancelToken, Cancelled, Clock, Elapsed, Instant, Sleep, timeout};
use std::{rc::Rc, sync::Arc};
use virtual_clock::VirtualClock;

const SECOND: Duration = Duration::from_secs(1);

/// Tells when it is dropped.
struct Dropped(Rc<Cell<bool>>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.set(true);
    }
}

#[test]
fn a_request_is_sticky_and_keeps_its_first_reason() {
    let token = CancelToken::new();
    assert_eq!((token.is_cancelled(), token.reason(), token.checkpoint()), (false, None, Ok(())));
    assert!(token.cancel("first"));
    assert!(!token.clone().cancel("second"));
    for _ in 0..2 {
        assert!(token.is_cancelled());
        assert_eq!(token.reason(), Some("first"));
        assert_eq!(token.checkpoint().map_err(|c| c.reason), Err("first"));
        assert_eq!(now(token.cancelled()).map(|c| c.reason), Some("first"));
    }
}

#[test]
fn clones_are_one_request_and_tokens_are_not() {
    let (token, other) = (CancelToken::new(), CancelToken::default());
    token.clone().cancel("stop");
    assert!(token.is_cancelled() && !other.is_cancelled());
}

#[test]
fn a_request_wakes_everyone_once() {
    let token = CancelToken::new();
    let mut waiting: Vec<_> = (0..3).map(|_| ByHand::parked(token.cancelled())).collect();
    drop(waiting.remove(1));
    token.cancel("stop");
    token.cancel("again");
    for wait in &mut waiting {
        assert_eq!(wait.wakes(), 1);
        assert_eq!(wait.ready().reason, "stop");
    }
}

#[test]
fn a_wait_polled_by_another_task_wakes_that_one() {
    let token = CancelToken::new();
    let mut wait = ByHand::new(token.cancelled());
    let (old, new) = (Task::new(), Task::new());
    assert!(wait.poll_as(&old).is_pending() && wait.poll_as(&new).is_pending());
    token.cancel("stop");
    assert_eq!((old.wakes(), new.wakes()), (0, 1));
}

#[test]
fn a_wait_keeps_its_request_alive() {
    let token = CancelToken::new();
    let mut wait = ByHand::parked(token.cancelled());
    drop(token);
    assert!(wait.poll().is_pending());
    assert!(!wait.is_woken());
}

#[test]
fn a_static_request_needs_no_heap() {
    static SHUTDOWN: Cancel = Cancel::new();
    let mut wait = ByHand::parked(SHUTDOWN.token().cancelled());
    SHUTDOWN.token().cancel("battery low");
    assert_eq!(wait.ready().reason, "battery low");
    assert!(format!("{SHUTDOWN:?} {:?}", SHUTDOWN.token()).contains("battery low"));
}

#[test]
fn run_gives_the_value_or_the_reason() {
    let token = CancelToken::new();
    assert_eq!(now(token.run(ready(7))), Some(Ok(7)));
    let mut running = ByHand::parked(token.run(pending::<()>()));
    token.cancel("enough");
    assert_eq!(running.wakes(), 1);
    let cancelled = running.ready().unwrap_err();
    assert_eq!((cancelled.reason, cancelled.to_string()), ("enough", "cancelled: enough".into()));
}

#[test]
fn run_does_not_poll_what_was_cancelled_before() {
    let token = CancelToken::new();
    token.cancel("too late");
    let polled = Cell::new(false);
    let running = token.run(poll_fn(|_| {
        polled.set(true);
        Poll::Ready(())
    }));
    assert_eq!(now(running).unwrap().map_err(|c: Cancelled| c.reason), Err("too late"));
    assert!(!polled.get());
}

#[test]
fn completion_beats_cancellation() {
    let token = CancelToken::new();
    let both = token.run(poll_fn(|_| {
        token.cancel("at the same time");
        Poll::Ready(7)
    }));
    assert_eq!(now(both), Some(Ok(7)));

    // Also if the request came between the polls.
    let done = Rc::new(Cell::new(false));
    let late = done.clone();
    let token = CancelToken::new();
    let until_done = poll_fn(move |_| if late.get() { Poll::Ready(7) } else { Poll::Pending });
    let mut running = ByHand::parked(token.run(until_done));
    token.cancel("stop");
    done.set(true);
    assert_eq!(running.ready(), Ok(7));
}

#[test]
fn dropping_run_drops_the_future_and_its_place() {
    let token = CancelToken::new();
    let dropped = Rc::new(Cell::new(false));
    let held = Dropped(dropped.clone());
    let running = ByHand::parked(token.run(async move {
        let _held = held;
        pending::<()>().await;
    }));
    let behind = ByHand::parked(token.cancelled());
    drop(running);
    assert!(dropped.get());
    token.cancel("stop");
    assert!(behind.is_woken());
}

#[test]
fn timeout_gives_the_value_or_elapsed() {
    let clock = VirtualClock::new();
    assert_eq!(now(timeout(&clock, SECOND, ready(7))), Some(Ok(7)));
    let mut slow = ByHand::parked(timeout(&clock, SECOND, pending::<()>()));
    clock.advance(SECOND - Duration::from_nanos(1));
    assert!(!slow.is_woken() && slow.poll().is_pending());
    clock.advance(Duration::from_nanos(1));
    assert!(slow.is_woken());
    assert_eq!(slow.ready(), Err(Elapsed));
    assert_eq!(Elapsed.to_string(), "the time ran out");
}

#[test]
fn timeout_polls_once_even_without_time_and_the_value_wins() {
    let clock = VirtualClock::new();
    assert_eq!(now(timeout(&clock, Duration::ZERO, ready(7))), Some(Ok(7)));
    assert_eq!(now(timeout(&clock, Duration::ZERO, pending::<()>())), Some(Err(Elapsed)));
    let polled = Cell::new(false);
    let value = poll_fn(|_| if polled.replace(true) { Poll::Ready(7) } else { Poll::Pending });
    let mut both = ByHand::parked(timeout(&clock, SECOND, value));
    clock.advance(SECOND);
    assert_eq!(both.ready(), Ok(7));
}

/// A clock that counts how often it is asked.
#[derive(Clone)]
struct Asked(VirtualClock, Rc<Cell<usize>>);

impl Clock for Asked {
    type Sleep = <VirtualClock as Clock>::Sleep;

    fn now(&self) -> Instant {
        self.1.set(self.1.get() + 1);
        self.0.now()
    }

    fn sleep_until(&self, deadline: Instant) -> Self::Sleep {
        self.1.set(self.1.get() + 1);
        self.0.sleep_until(deadline)
    }
}

#[test]
fn timeout_of_what_is_ready_at_once_asks_no_clock() {
    let clock = Asked(VirtualClock::new(), Rc::default());
    assert_eq!(now(timeout(&clock, SECOND, ready(7))), Some(Ok(7)));
    assert_eq!(clock.1.get(), 0);
    assert_eq!(now(timeout(&clock, SECOND, pending::<()>())), None);
    assert_eq!(clock.1.get(), 2, "the time and a timer, once");
}

#[test]
fn timeout_counts_from_the_end_of_the_first_poll() {
    let clock = VirtualClock::new();
    let (elsewhere, polled) = (clock.clone(), Cell::new(false));
    let work = poll_fn(move |_| {
        if !polled.replace(true) {
            elsewhere.advance(SECOND);
        }
        Poll::<()>::Pending
    });
    // Neither what passes before that poll nor what passes in it is its time.
    let waiting = timeout(&clock, 3 * SECOND, work);
    clock.advance(5 * SECOND);
    let mut waiting = ByHand::parked(waiting);
    clock.advance(3 * SECOND - Duration::from_nanos(1));
    assert!(!waiting.is_woken() && waiting.poll().is_pending());
    clock.advance(Duration::from_nanos(1));
    assert!(waiting.is_woken());
    assert_eq!(waiting.ready(), Err(Elapsed));
    assert_eq!(clock.now(), Instant::EPOCH.saturating_add(9 * SECOND));
}

#[test]
fn timeout_of_any_length_and_dropped_leaves_no_timer() {
    let clock = VirtualClock::new();
    let endless = ByHand::parked(timeout(&clock, Duration::MAX, pending::<()>()));
    assert_eq!(clock.timers(), 0);
    let limited = ByHand::parked(timeout(&clock, SECOND, pending::<()>()));
    assert_eq!(clock.timers(), 1);
    drop((endless, limited));
    assert_eq!(clock.timers(), 0);
}

/// The clock that the other tests trust.
#[test]
fn the_virtual_clock_keeps_the_rules_of_clocks() {
    let clock = VirtualClock::new();
    let mut sleep = pin!(clock.sleep(SECOND));
    let task = Task::new();
    let waker = core::task::Waker::from(task.clone());
    let mut cx = core::task::Context::from_waker(&waker);
    assert!(sleep.as_mut().poll(&mut cx).is_pending(), "C1: not before its time");
    clock.advance(SECOND);
    assert_eq!(task.wakes(), 1);
    assert!(sleep.as_mut().poll(&mut cx).is_ready());
    let later = clock.now().saturating_add(SECOND);
    sleep.as_mut().reset(later);
    assert!(sleep.as_mut().poll(&mut cx).is_pending(), "C4: reset after completion");
    sleep.as_mut().reset(Instant::FAR_FUTURE);
    assert!(sleep.as_mut().poll(&mut cx).is_pending());
    assert_eq!(clock.timers(), 0, "C3, C5");
    sleep.as_mut().reset(clock.now());
    assert!(sleep.as_mut().poll(&mut cx).is_ready(), "C2: ready at once");
    assert_eq!(Arc::strong_count(&task), 2);
}

#[test]
fn s1_a_request_is_sticky_and_takes_no_event() {
    let token = CancelToken::new().child_token();
    token.cancel("stop");
    for _ in 0..3 {
        assert_eq!(token.checkpoint().unwrap_err().reason, "stop");
        assert_eq!(token.cancelled().now_or_never().unwrap().reason, "stop");
    }
}

#[test]
fn s2_the_first_request_is_kept_with_its_origin() {
    let outer = CancelToken::new();
    let inner = outer.child_token();
    assert!(inner.cancel("inner"));
    assert!(outer.cancel("outer"));
    assert!(!inner.cancel("again") && !outer.cancel("again"));
    let cancelled = inner.checkpoint().unwrap_err();
    assert_eq!((cancelled.reason, cancelled.cause), ("inner", klaw::Cause::Asked));
    assert!(cancelled.is_from(&inner) && !cancelled.is_from(&outer));
}

#[test]
fn s6_of_two_requests_the_outer_one_takes_it() {
    let outer = CancelToken::new();
    let middle = outer.child_token();
    let inner = middle.child_token();
    assert_eq!(inner.outermost(), None);
    inner.cancel("inner");
    assert_eq!(inner.outermost().unwrap().reason, "inner");
    outer.cancel("outer");
    assert_eq!(inner.reason(), Some("inner"));
    assert!(inner.outermost().unwrap().is_from(&outer));
    assert!(middle.outermost().unwrap().is_from(&outer));
}

#[test]
fn s10_a_request_reaches_everyone_below_and_nobody_above() {
    let root = CancelToken::new();
    let (left, right) = (root.child_token(), root.child_token());
    let leaf = left.child_token();
    let wait = leaf.cancelled();
    left.cancel("left");
    assert!(wait.now_or_never().unwrap().is_from(&left));
    assert!(!root.is_cancelled() && !right.is_cancelled());
    assert!(left.child_token().is_cancelled());
}

#[test]
fn s3_a_deep_tree_needs_no_deep_stack() {
    const DEPTH: usize = if cfg!(miri) { 500 } else { 100_000 };
    let root = CancelToken::new();
    let mut tokens = vec![root.clone()];
    for _ in 0..DEPTH {
        tokens.push(tokens.last().unwrap().child_token());
    }
    let leaf = tokens.pop().unwrap();
    drop(tokens); // from here on each is kept by the one below it alone
    root.cancel("stop");
    assert!(leaf.checkpoint().unwrap_err().is_from(&root));
    assert!(leaf.outermost().unwrap().is_from(&root));
    drop(root);
    drop(leaf);
}

#[test]
fn a_child_of_a_static_request_follows_it() {
    static SHUTDOWN: Cancel = Cancel::new();
    let child = SHUTDOWN.token().child_token();
    assert!(!child.is_cancelled());
    SHUTDOWN.token().cancel("battery low");
    assert_eq!(child.reason(), Some("battery low"));
}

#[test]
fn a_cancelled_run_drops_its_future_at_once() {
    let token = CancelToken::new();
    let kept = std::rc::Rc::new(());
    let inside = kept.clone();
    let mut run = Box::pin(token.run(async move {
        let _inside = inside;
        std::future::pending::<()>().await;
    }));
    assert!((&mut run).now_or_never().is_none());
    token.cancel("stop");
    assert!((&mut run).now_or_never().unwrap().is_err());
    assert_eq!(std::rc::Rc::strong_count(&kept), 1, "though the future of `run` is still there");
}
