//! Time by the driver of embassy-time.

use crate::ticks;
use core::{
    pin::Pin,
    task::{Context, Poll},
};
use embassy_time_driver::TICK_HZ;
use klaw::{Clock, Instant, Sleep};

/// The clock of embassy-time: its driver's ticks and its timer queue.
///
/// It and its timers are as exact as the driver's ticks (`tick-hz-*` of embassy-time), and late
/// rather than early: a timer of a duration may end up to one tick before that has passed in the
/// physical world, since the present is known to the tick only, but never before this clock says so.
///
/// Timers wait in the timer queue of the driver. That is embassy's choice, and its rules hold: with
/// the queue that is built into tasks, timers are for embassy's own tasks, polled with their own
/// wakers (as everything of klaw that polls others in place does). With a `generic-queue-*`, for any.
///
/// # Panics
///
/// With the queue that is built into tasks, a timer panics when it is polled with a foreign waker.
///
/// # Examples
///
/// ```no_run
/// use klaw_embassy::{Clock, EmbassyClock, timeout};
/// use core::time::Duration;
///
/// #[embassy_executor::task]
/// async fn blink() {
///     EmbassyClock.sleep(Duration::from_millis(250)).await;
///     let late = timeout(&EmbassyClock, Duration::from_secs(1), core::future::pending::<()>());
///     assert!(late.await.is_err());
/// }
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct EmbassyClock;

/// A timer of embassy-time.
///
/// Dropped while it waits, it leaves no memory behind, and at most one early wake of its task.
#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct EmbassySleep {
    // In ticks; `NEVER` if it never completes.
    deadline: u64,
}

const NEVER: u64 = u64::MAX;

/// The same moment for the driver.
const fn tick(at: Instant) -> u64 {
    if at.as_nanos() == Instant::FAR_FUTURE.as_nanos() {
        return NEVER;
    }
    ticks::from_nanos::<TICK_HZ>(at.as_nanos())
}

impl Clock for EmbassyClock {
    type Sleep = EmbassySleep;

    fn now(&self) -> Instant {
        Instant::from_nanos(ticks::to_nanos::<TICK_HZ>(embassy_time_driver::now()))
    }

    fn sleep_until(&self, deadline: Instant) -> EmbassySleep {
        EmbassySleep { deadline: tick(deadline) }
    }
}

impl Sleep for EmbassySleep {
    fn reset(mut self: Pin<&mut Self>, deadline: Instant) {
        self.deadline = tick(deadline);
    }
}

impl Future for EmbassySleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.deadline == NEVER {
            return Poll::Pending;
        }
        if self.deadline <= embassy_time_driver::now() {
            return Poll::Ready(());
        }
        embassy_time_driver::schedule_wake(self.deadline, cx.waker());
        Poll::Pending
    }
}
