//! The rules that every clock keeps, on async-io's.

use core::{pin::pin, task::Poll, time::Duration};
use futures_util::{future::poll_fn, poll};
use klaw_smol::{Clock, Instant, Sleep, SmolClock};

const MS: Duration = Duration::from_millis(1);

#[test]
fn c1_never_early() {
    async_io::block_on(async {
        for micros in [1, 100, 999, 1500] {
            let deadline = SmolClock.now().saturating_add(Duration::from_micros(micros));
            SmolClock.sleep_until(deadline).await;
            assert!(SmolClock.now() >= deadline);
        }
    });
}

#[test]
fn c2_past_deadlines_are_ready_at_once() {
    async_io::block_on(async {
        let now = SmolClock.now();
        for deadline in [Instant::EPOCH, now] {
            assert_eq!(poll!(pin!(SmolClock.sleep_until(deadline))), Poll::Ready(()));
        }
    });
}

#[test]
fn c3_no_duration_panics_and_the_far_future_never_comes() {
    async_io::block_on(async {
        for duration in
            [Duration::MAX, Duration::from_nanos(u64::MAX), Duration::from_secs(1 << 40)]
        {
            assert_eq!(poll!(pin!(SmolClock.sleep(duration))), Poll::Pending);
        }
        let mut sleep = pin!(SmolClock.sleep_until(Instant::FAR_FUTURE));
        assert_eq!(poll!(sleep.as_mut()), Poll::Pending);
        sleep.as_mut().reset(Instant::EPOCH);
        sleep.await;
    });
}

#[test]
fn c4_reset_works_before_and_after_completion() {
    async_io::block_on(async {
        let mut sleep = pin!(SmolClock.sleep(Duration::from_secs(3600)));
        assert_eq!(poll!(sleep.as_mut()), Poll::Pending);
        sleep.as_mut().reset(SmolClock.now().saturating_add(MS));
        sleep.as_mut().await;
        let again = SmolClock.now().saturating_add(MS);
        sleep.as_mut().reset(again);
        sleep.as_mut().await;
        assert!(SmolClock.now() >= again);
        sleep.as_mut().reset(Instant::FAR_FUTURE);
        assert_eq!(poll!(sleep.as_mut()), Poll::Pending);
    });
}

#[test]
fn c4_a_reset_wakes_the_task_that_polled_before_it() {
    async_io::block_on(async {
        let mut sleep = pin!(SmolClock.sleep(Duration::from_secs(3600)));
        let mut polls = 0;
        poll_fn(|cx| {
            polls += 1;
            if polls == 1 {
                assert!(sleep.as_mut().poll(cx).is_pending());
                sleep.as_mut().reset(SmolClock.now().saturating_add(MS));
            }
            sleep.as_mut().poll(cx)
        })
        .await;
        assert!(polls >= 2);
    });
}

#[test]
fn c6_now_never_goes_back() {
    let mut last = SmolClock.now();
    for _ in 0..10_000 {
        let now = SmolClock.now();
        assert!(now >= last);
        last = now;
    }
}
