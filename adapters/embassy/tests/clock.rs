//! The rules that every clock keeps, on embassy-time's mock driver.

mod executor;

use core::{
    pin::pin,
    task::{Context, Poll, Waker},
    time::Duration,
};
use embassy_time::Duration as Ticks;
use executor::Chip;
use futures_util::poll;
use klaw_embassy::{Clock, EmbassyClock, Instant, Sleep, timeout};

const TICK: Ticks = Ticks::from_ticks(1);
const HOUR: Duration = Duration::from_secs(3600);

fn after(duration: Duration) -> Instant {
    EmbassyClock.now().saturating_add(duration)
}

#[test]
fn c1_never_early_and_late_by_less_than_a_tick() {
    Chip::new().run(TICK, async {
        for nanos in [1, 999, 1_000, 1_001, 1_999, 12_345] {
            let deadline = after(Duration::from_nanos(nanos));
            EmbassyClock.sleep_until(deadline).await;
            let late = EmbassyClock.now().as_nanos().checked_sub(deadline.as_nanos());
            assert!(late.unwrap() < 1_000, "{nanos} ns");
        }
    });
}

#[test]
fn c2_past_deadlines_are_ready_at_once_whoever_polls() {
    let chip = Chip::new();
    chip.advance(TICK);
    // A foreign waker does not matter: nothing is registered.
    let mut cx = Context::from_waker(Waker::noop());
    for deadline in [Instant::EPOCH, EmbassyClock.now()] {
        assert!(pin!(EmbassyClock.sleep_until(deadline)).poll(&mut cx).is_ready());
    }
    assert!(pin!(EmbassyClock.sleep(Duration::ZERO)).poll(&mut cx).is_ready());
}

#[test]
fn c3_no_duration_panics_and_the_far_future_never_comes() {
    let chip = Chip::new();
    let mut cx = Context::from_waker(Waker::noop());
    // A foreign waker would panic if a timer was armed.
    let mut sleep = pin!(EmbassyClock.sleep_until(Instant::FAR_FUTURE));
    assert!(sleep.as_mut().poll(&mut cx).is_pending());
    assert!(pin!(EmbassyClock.sleep(Duration::MAX)).poll(&mut cx).is_pending());
    chip.run(TICK, async {
        for duration in [Duration::from_nanos(u64::MAX - (1 << 40)), HOUR * 24 * 365 * 200] {
            assert_eq!(poll!(pin!(EmbassyClock.sleep(duration))), Poll::Pending);
        }
        let mut sleep = pin!(EmbassyClock.sleep_until(Instant::FAR_FUTURE));
        assert_eq!(poll!(sleep.as_mut()), Poll::Pending);
        sleep.as_mut().reset(Instant::EPOCH);
        sleep.await;
    });
}

#[test]
fn c4_reset_works_before_and_after_completion() {
    Chip::new().run(TICK, async {
        let mut sleep = pin!(EmbassyClock.sleep(HOUR));
        assert_eq!(poll!(sleep.as_mut()), Poll::Pending);
        let soon = after(Duration::from_micros(5));
        sleep.as_mut().reset(soon);
        sleep.as_mut().await;
        assert_eq!(EmbassyClock.now(), soon);
        let again = after(Duration::from_micros(5));
        sleep.as_mut().reset(again);
        assert_eq!(poll!(sleep.as_mut()), Poll::Pending);
        sleep.as_mut().await;
        assert_eq!(EmbassyClock.now(), again);
        sleep.as_mut().reset(Instant::FAR_FUTURE);
        assert_eq!(poll!(sleep.as_mut()), Poll::Pending);
    });
}

#[test]
fn c5_a_dropped_sleep_wakes_its_task_at_most_once() {
    let chip = Chip::new();
    let polls = std::rc::Rc::new(std::cell::Cell::new(0));
    let count = polls.clone();
    let result = chip.start(async move {
        assert_eq!(poll!(pin!(EmbassyClock.sleep(Duration::from_micros(3)))), Poll::Pending);
        core::future::poll_fn::<(), _>(|_| {
            count.set(count.get() + 1);
            Poll::Pending
        })
        .await;
    });
    for _ in 0..10 {
        chip.advance(TICK);
    }
    assert!(result.take().is_none());
    assert!(polls.get() <= 2, "polled {} times", polls.get());
}

#[test]
fn c6_now_never_goes_back() {
    let chip = Chip::new();
    let mut last = EmbassyClock.now();
    for _ in 0..100 {
        chip.advance(TICK);
        assert!(EmbassyClock.now() > last);
        last = EmbassyClock.now();
    }
}

#[test]
fn several_timers_in_one_task_each_end_at_their_time() {
    Chip::new().run(TICK, async {
        let begun = EmbassyClock.now();
        let short = async {
            EmbassyClock.sleep(Duration::from_micros(3)).await;
            EmbassyClock.now().saturating_since(begun)
        };
        let long = async {
            let late =
                timeout(&EmbassyClock, Duration::from_micros(8), core::future::pending::<()>());
            assert!(late.await.is_err());
            EmbassyClock.now().saturating_since(begun)
        };
        let both = futures_util::future::join(long, short).await;
        assert_eq!(both, (Duration::from_micros(8), Duration::from_micros(3)));
    });
}
