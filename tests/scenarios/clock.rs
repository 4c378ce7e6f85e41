//! Time, as the executor's own clock has it.

use super::*;
use crate::VIRTUAL_TIME;
use core::{future::poll_fn, pin::pin, task::Poll, time::Duration};
use futures_util::poll;
use klaw::{Clock, Instant, Sleep};
use witness::Log;

const MS: Duration = Duration::from_millis(1);

#[test]
fn a_timer_is_never_early() {
    run(async |rt: Rt| {
        let begin = rt.now();
        rt.sleep(3 * MS).await;
        assert!(rt.now() >= begin.saturating_add(3 * MS));
    });
}

#[test]
fn timers_of_different_tasks_end_in_the_order_of_their_deadlines() {
    run(async |rt: Rt| {
        let (log, now) = (Log::default(), rt.now());
        let mut tasks = vec![];
        for (name, after) in [("third", 3 * MS), ("first", MS), ("second", 2 * MS)] {
            let (log, deadline) = (log.clone(), now.saturating_add(after));
            let (timer, clock) = (rt.clock().sleep_until(deadline), rt.clock().clone());
            tasks.push(rt.submit(async move {
                timer.await;
                assert!(clock.now() >= deadline);
                log.push(name);
            }));
        }
        for task in tasks {
            task.unwrap().await.unwrap();
        }
        let mut order = log.take();
        if !VIRTUAL_TIME {
            order.sort_unstable(); // tasks that are woken a moment apart may run in any order
        }
        assert_eq!(order, ["first", "second", "third"]);
    });
}

#[test]
fn no_timer_ends_before_one_whose_deadline_is_earlier() {
    run(async |rt: Rt| {
        let now = rt.now();
        let mut timers: Vec<_> = (1..=5)
            .map(|after| Some(Box::pin(rt.clock().sleep_until(now.saturating_add(after * MS)))))
            .collect();
        let mut at_once = vec![];
        poll_fn(|cx| {
            // The latest first: when it is over, all that are looked at after it have to be as well.
            let mut later_is_over = false;
            for timer in timers.iter_mut().rev() {
                let over = timer.as_mut().is_none_or(|timer| timer.as_mut().poll(cx).is_ready());
                at_once.push((later_is_over, over));
                later_is_over |= over;
                timer.take_if(|_| over);
            }
            if timers.iter().any(Option::is_some) { Poll::Pending } else { Poll::Ready(()) }
        })
        .await;
        assert!(!at_once.contains(&(true, false)), "{at_once:?}");
    });
}

#[test]
fn a_deadline_that_has_passed_is_ready_at_the_first_poll() {
    run(async |rt: Rt| {
        assert!(poll!(pin!(rt.clock().sleep_until(Instant::EPOCH))).is_ready());
        assert!(poll!(pin!(rt.sleep(Duration::ZERO))).is_ready());
    });
}

#[test]
fn the_far_future_never_comes() {
    run(async |rt: Rt| {
        let mut never = pin!(rt.clock().sleep_until(Instant::FAR_FUTURE));
        assert!(poll!(&mut never).is_pending());
        rt.sleep(2 * MS).await;
        assert!(poll!(&mut never).is_pending());
    });
}

#[test]
fn a_timer_that_waits_can_be_reset_both_ways() {
    run(async |rt: Rt| {
        let mut timer = pin!(rt.sleep(Duration::from_secs(3_600)));
        assert!(poll!(&mut timer).is_pending());
        let soon = rt.now().saturating_add(2 * MS);
        timer.as_mut().reset(soon);
        timer.as_mut().await;
        assert!(rt.now() >= soon);
        let later = rt.now().saturating_add(2 * MS);
        timer.as_mut().reset(later);
        assert!(poll!(&mut timer).is_pending() || rt.now() >= later);
        timer.await;
        assert!(rt.now() >= later);
    });
}

#[test]
fn a_timer_that_has_moved_wakes_the_task_that_it_moved_to() {
    run(async |rt: Rt| {
        let mut timer = Box::pin(rt.sleep(3 * MS));
        assert!(poll!(timer.as_mut()).is_pending());
        // Polled by another task now, whose waker is another one.
        rt.submit(timer).unwrap().await.unwrap();
    });
}

#[test]
fn a_thousand_timers_all_end() {
    run_few(async |rt: Rt| {
        let (count, now) = (1_000, rt.now());
        let sleep = |n: u32| rt.clock().sleep_until(now.saturating_add(n % 7 * MS));
        let tasks: Vec<_> = (0..count).map(|n| rt.submit(sleep(n)).unwrap()).collect();
        let ended = rt.executor().gather(tasks).await;
        assert!(ended.len() == count as usize && ended.iter().all(Result::is_ok));
    });
}
