//! Time by async-io.

use async_io::Timer;
use core::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use klaw::{Clock, Instant, Sleep};
use std::sync::OnceLock;

/// The clock of async-io: the operating system's monotonic clock and async-io's timers.
///
/// Its epoch is the first time the process asks for the time; all values of this type agree.
///
/// # Examples
///
/// ```
/// use klaw_smol::{Clock, SmolClock, timeout};
/// use std::time::Duration;
///
/// let late = timeout(&SmolClock, Duration::from_millis(1), std::future::pending::<()>());
/// assert!(async_io::block_on(late).is_err());
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct SmolClock;

/// A timer of async-io.
#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct SmolSleep(Timer);

fn epoch() -> std::time::Instant {
    static EPOCH: OnceLock<std::time::Instant> = OnceLock::new();
    *EPOCH.get_or_init(std::time::Instant::now)
}

/// The same moment for async-io; `None` if it never comes.
fn moment(at: Instant) -> Option<std::time::Instant> {
    if at == Instant::FAR_FUTURE {
        return None;
    }
    epoch().checked_add(Duration::from_nanos(at.as_nanos()))
}

impl Clock for SmolClock {
    type Sleep = SmolSleep;

    fn now(&self) -> Instant {
        Instant::EPOCH.saturating_add(epoch().elapsed())
    }

    fn sleep_until(&self, deadline: Instant) -> SmolSleep {
        SmolSleep(moment(deadline).map_or_else(Timer::never, Timer::at))
    }
}

impl Sleep for SmolSleep {
    fn reset(mut self: Pin<&mut Self>, deadline: Instant) {
        match moment(deadline) {
            Some(at) => self.0.set_at(at),
            None => self.0 = Timer::never(),
        }
    }
}

impl Future for SmolSleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.0).poll(cx).map(|_| ())
    }
}
