//! The rules that every clock keeps, on tokio's: running and paused, inside of a runtime and outside.

use core::{pin::pin, task::Poll, time::Duration};
use futures_util::{future::poll_fn, poll};
use klaw_tokio::{Clock, Instant, Sleep, TokioClock, timeout};
use std::{
    future::pending,
    panic::catch_unwind,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Wake, Waker},
};
use tokio::runtime::{Builder, Handle, Runtime};

const MS: Duration = Duration::from_millis(1);
const HOUR: Duration = Duration::from_secs(3600);

fn paused() -> Runtime {
    Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
}

fn running() -> Runtime {
    Builder::new_multi_thread().worker_threads(1).enable_time().build().unwrap()
}

fn on_both(test: impl AsyncFn(TokioClock)) {
    for runtime in [paused(), running()] {
        runtime.block_on(test(TokioClock::new(runtime.handle())));
    }
}

#[test]
fn c1_never_early() {
    on_both(async |clock| {
        for micros in [1, 100, 999, 1000, 1001, 1500, 64_000] {
            let deadline = clock.now().saturating_add(Duration::from_micros(micros));
            clock.sleep_until(deadline).await;
            assert!(clock.now() >= deadline, "{micros} us");
        }
    });
}

#[test]
fn c2_past_deadlines_are_ready_at_once() {
    on_both(async |clock| {
        clock.sleep(MS).await;
        for deadline in [Instant::EPOCH, Instant::from_nanos(1), clock.now()] {
            assert_eq!(poll!(pin!(clock.sleep_until(deadline))), Poll::Ready(()));
        }
        // What the driver has not looked at yet is ready too.
        let mut sleep = pin!(clock.sleep(MS));
        assert_eq!(poll!(sleep.as_mut()), Poll::Pending);
        sleep.as_mut().reset(clock.now());
        assert_eq!(poll!(sleep), Poll::Ready(()));
    });
}

#[test]
fn c2_also_for_a_task_that_has_used_up_its_budget() {
    paused().block_on(async {
        let clock = TokioClock::new(&Handle::current());
        while tokio::task::coop::has_budget_remaining() {
            tokio::task::coop::consume_budget().await;
            // `block_on` gives a new budget at each poll, so all of it goes in one.
        }
        assert_eq!(poll!(pin!(clock.sleep(Duration::ZERO))), Poll::Ready(()));
    });
}

#[test]
fn c3_no_duration_panics_and_the_far_future_never_comes() {
    on_both(async |clock| {
        for duration in
            [Duration::MAX, Duration::from_nanos(u64::MAX), Duration::from_secs(1 << 40)]
        {
            assert_eq!(poll!(pin!(clock.sleep(duration))), Poll::Pending);
        }
        let mut sleep = pin!(clock.sleep_until(Instant::FAR_FUTURE));
        assert_eq!(poll!(sleep.as_mut()), Poll::Pending);
        sleep.as_mut().reset(Instant::EPOCH);
        sleep.await;
    });
}

#[test]
fn c3_a_long_time_is_slept_through_to_its_end() {
    paused().block_on(async {
        let clock = TokioClock::new(&Handle::current());
        let years = 24 * 365 * 5 * HOUR;
        clock.sleep(years).await;
        assert_eq!(clock.now().as_nanos(), years.as_nanos() as u64);
    });
}

#[test]
fn c4_reset_works_before_and_after_completion() {
    on_both(async |clock| {
        let mut sleep = pin!(clock.sleep(HOUR));
        sleep.as_mut().reset(clock.now().saturating_add(2 * HOUR));
        assert_eq!(poll!(sleep.as_mut()), Poll::Pending);
        let soon = clock.now().saturating_add(MS);
        sleep.as_mut().reset(soon);
        sleep.as_mut().await;
        assert!(clock.now() >= soon && clock.now() < soon.saturating_add(HOUR));
        let again = clock.now().saturating_add(MS);
        sleep.as_mut().reset(again);
        assert_eq!(poll!(sleep.as_mut()), Poll::Pending);
        sleep.as_mut().await;
        assert!(clock.now() >= again);
        sleep.as_mut().reset(Instant::FAR_FUTURE);
        assert_eq!(poll!(sleep.as_mut()), Poll::Pending);
    });
}

#[test]
fn c4_a_reset_wakes_the_task_that_polled_before_it() {
    on_both(async |clock| {
        let mut sleep = pin!(clock.sleep(HOUR));
        let mut polls = 0;
        poll_fn(|cx| {
            polls += 1;
            if polls == 1 {
                assert!(sleep.as_mut().poll(cx).is_pending());
                sleep.as_mut().reset(clock.now().saturating_add(MS));
                return Poll::Pending; // not polled again: the reset itself has to wake
            }
            sleep.as_mut().poll(cx)
        })
        .await;
        assert!(polls >= 2);
    });
}

/// Counts how often it is woken.
#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn c5_a_dropped_sleep_leaves_nothing_behind() {
    paused().block_on(async {
        let clock = TokioClock::new(&Handle::current());
        let wakes = Arc::new(Wakes::default());
        let waker = Waker::from(wakes.clone());
        let mut cx = Context::from_waker(&waker);
        assert!(pin!(clock.sleep(MS)).poll(&mut cx).is_pending());
        let mut never = pin!(clock.sleep(MS));
        assert!(never.as_mut().poll(&mut cx).is_pending());
        never.as_mut().reset(Instant::FAR_FUTURE);
        // An entry would have stopped the paused clock on its way, and woken.
        clock.sleep(2 * MS).await;
        assert_eq!(wakes.0.load(Ordering::SeqCst), 0);
        assert_eq!(Arc::strong_count(&wakes), 2, "one here and one in `waker`");
    });
}

#[test]
fn c6_now_never_goes_back() {
    on_both(async |clock| {
        let mut last = clock.now();
        for _ in 0..10_000 {
            let now = clock.now();
            assert!(now >= last);
            last = now;
        }
    });
}

#[test]
fn time_that_is_paused_and_advanced_is_this_clocks_time() {
    let runtime = paused();
    let clock = TokioClock::new(runtime.handle());
    runtime.block_on(async {
        tokio::time::advance(90 * MS).await;
        assert_eq!(clock.now(), Instant::from_nanos(90_000_000));
        let late = timeout(&clock, HOUR, pending::<()>()).await;
        assert!(late.is_err());
        assert_eq!(clock.now(), Instant::from_nanos(90_000_000).saturating_add(HOUR));
    });
    // Outside of the runtime it is the same paused time, not the machine's.
    assert_eq!(clock.now(), Instant::from_nanos(90_000_000).saturating_add(HOUR));
    assert_eq!(clock.clone().now(), clock.now());
}

#[test]
fn it_works_outside_of_the_runtime() {
    let runtime = running();
    let clock = TokioClock::new(runtime.handle());
    let deadline = clock.now().saturating_add(5 * MS);
    block_on(clock.sleep_until(deadline));
    assert!(clock.now() >= deadline);
    // And on a runtime that is not its own, and has no timers.
    let other = Builder::new_current_thread().build().unwrap();
    other.block_on(clock.sleep(MS));
}

#[test]
fn a_runtime_without_timers_is_refused_when_the_clock_is_made() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let handle = runtime.handle().clone();
    assert!(catch_unwind(move || TokioClock::new(&handle)).is_err());
}

#[test]
fn a_sleep_that_outlives_its_runtime_panics_as_documented_and_a_past_one_does_not() {
    let runtime = running();
    let clock = TokioClock::new(runtime.handle());
    let (late, past) = (clock.sleep(HOUR), clock.sleep(Duration::ZERO));
    drop(runtime);
    block_on(past);
    assert!(catch_unwind(core::panic::AssertUnwindSafe(|| block_on(late))).is_err());
    assert!(clock.now() > Instant::EPOCH, "the time can still be asked for");
}

/// Runs `future` on this thread, outside of every runtime.
fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(std::thread::Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return value;
        }
        std::thread::park();
    }
}
