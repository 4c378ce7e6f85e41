//! Virtual time as a capability.

use super::timers::Timers;
use crate::{
    sync::Lock,
    time::{Clock, Instant, Sleep, WallClock},
};
use alloc::sync::Arc;
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll, Waker},
};

/// The clock of a simulation; made by [`Sim::clock`](super::Sim::clock).
///
/// It starts at [`Instant::EPOCH`] and stands still while any task is ready. Clones are the same
/// clock. When the simulation is gone it stands still for ever. As a [`WallClock`] it begins with
/// the Unix epoch.
#[derive(Clone)]
pub struct VirtualClock(Arc<Lock<Timers>>);

impl VirtualClock {
    pub(super) fn new() -> Self {
        Self(Arc::new(Lock::new(Timers::with_room(0))))
    }

    /// How many timers are armed.
    pub fn timers(&self) -> usize {
        self.0.with(|timers| timers.len())
    }

    /// Moves on to the next deadline and wakes who waits for it; false if nobody waits.
    pub(super) fn advance(&self) -> bool {
        let advanced = self.0.with(Timers::advance);
        while let Some(waker) = self.0.with(Timers::pop_due) {
            waker.wake();
        }
        advanced
    }

    fn key(&self) -> usize {
        loop {
            match self.0.with(Timers::key) {
                Ok(key) => return key,
                Err(count) => {
                    let room = Timers::with_room(count);
                    drop(self.0.with(|timers| timers.make_room(room)));
                }
            }
        }
    }
}

impl Clock for VirtualClock {
    type Sleep = VirtualSleep;

    fn now(&self) -> Instant {
        self.0.with(|timers| timers.now())
    }

    fn sleep_until(&self, deadline: Instant) -> VirtualSleep {
        VirtualSleep { clock: self.clone(), deadline, key: None, waker: None }
    }
}

impl WallClock for VirtualClock {
    fn unix_millis(&self) -> u64 {
        self.now().as_nanos() / 1_000_000
    }
}

impl fmt::Debug for VirtualClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VirtualClock").field("now", &self.now()).finish_non_exhaustive()
    }
}

/// A timer of a [`VirtualClock`].
///
/// It is armed by its first poll, and moved along by [`reset`](Sleep::reset).
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct VirtualSleep {
    clock: VirtualClock,
    deadline: Instant,
    // Its place among the timers, from the first time it is armed.
    key: Option<usize>,
    // Of the task to wake, while the deadline is one that never comes.
    waker: Option<Waker>,
}

impl VirtualSleep {
    fn disarm(&mut self) -> Option<Waker> {
        let armed = self.key.and_then(|key| self.clock.0.with(|timers| timers.disarm(key)));
        armed.or_else(|| self.waker.take())
    }

    fn arm(&mut self, waker: Waker) {
        if self.deadline == Instant::FAR_FUTURE {
            self.waker = Some(waker);
            return;
        }
        let key = *self.key.get_or_insert_with(|| self.clock.key());
        self.clock.0.with(|timers| timers.arm(key, self.deadline, waker));
    }
}

impl Future for VirtualSleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let (deadline, key) = (self.deadline, self.key);
        let (over, armed) = self.clock.0.with(|timers| {
            let armed = key.is_some_and(|key| timers.is_armed(key, cx.waker()));
            (deadline <= timers.now() && deadline != Instant::FAR_FUTURE, armed)
        });
        if over {
            drop(self.disarm());
            return Poll::Ready(());
        }
        if !armed {
            drop(self.disarm());
            self.arm(cx.waker().clone());
        }
        Poll::Pending
    }
}

impl Sleep for VirtualSleep {
    fn reset(mut self: Pin<&mut Self>, deadline: Instant) {
        let waker = self.disarm();
        self.deadline = deadline;
        if let Some(waker) = waker {
            self.arm(waker);
        }
    }
}

impl Drop for VirtualSleep {
    fn drop(&mut self) {
        drop(self.disarm());
        if let Some(key) = self.key {
            self.clock.0.with(|timers| timers.release(key));
        }
    }
}

impl fmt::Debug for VirtualSleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VirtualSleep").field("deadline", &self.deadline).finish_non_exhaustive()
    }
}
