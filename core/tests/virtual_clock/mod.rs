//! A clock that stands still until it is told to go on.

#![allow(dead_code, reason = "every test binary uses a part of it")]

use core::{
    pin::Pin,
    task::{Context, Poll, Waker},
    time::Duration,
};
use klaw::{Clock, Instant, Sleep};
use std::sync::{Arc, Mutex};

/// A clock whose time is moved by hand; clones are the same clock.
#[derive(Clone)]
pub(crate) struct VirtualClock(Arc<Mutex<State>>);

struct State {
    now: Instant,
    next: u64,
    timers: Vec<Timer>,
}

struct Timer {
    id: u64,
    deadline: Instant,
    waker: Waker,
}

impl VirtualClock {
    pub(crate) fn new() -> Self {
        let state = State { now: Instant::EPOCH, next: 0, timers: Vec::new() };
        Self(Arc::new(Mutex::new(state)))
    }

    /// Moves on by `duration` and wakes whose deadline has come, the earliest first.
    pub(crate) fn advance(&self, duration: Duration) {
        let mut due = {
            let mut state = self.0.lock().unwrap();
            state.now = state.now.saturating_add(duration);
            let now = state.now;
            state.timers.extract_if(.., |timer| timer.deadline <= now).collect::<Vec<_>>()
        };
        due.sort_by_key(|timer| (timer.deadline, timer.id));
        due.into_iter().for_each(|timer| timer.waker.wake());
    }

    /// How many timers are armed.
    pub(crate) fn timers(&self) -> usize {
        self.0.lock().unwrap().timers.len()
    }
}

impl Clock for VirtualClock {
    type Sleep = VirtualSleep;

    fn now(&self) -> Instant {
        self.0.lock().unwrap().now
    }

    fn sleep_until(&self, deadline: Instant) -> VirtualSleep {
        let mut state = self.0.lock().unwrap();
        state.next += 1;
        VirtualSleep { clock: self.clone(), deadline, id: state.next }
    }
}

/// A timer of a [`VirtualClock`].
pub(crate) struct VirtualSleep {
    clock: VirtualClock,
    deadline: Instant,
    id: u64,
}

impl VirtualSleep {
    fn disarm(&self) -> Option<Timer> {
        let mut state = self.clock.0.lock().unwrap();
        let at = state.timers.iter().position(|timer| timer.id == self.id)?;
        Some(state.timers.swap_remove(at))
    }
}

impl Future for VirtualSleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let _before = self.disarm();
        if self.deadline == Instant::FAR_FUTURE {
            return Poll::Pending;
        }
        let mut state = self.clock.0.lock().unwrap();
        if self.deadline <= state.now {
            return Poll::Ready(());
        }
        let timer = Timer { id: self.id, deadline: self.deadline, waker: cx.waker().clone() };
        state.timers.push(timer);
        Poll::Pending
    }
}

impl Sleep for VirtualSleep {
    fn reset(mut self: Pin<&mut Self>, deadline: Instant) {
        drop(self.disarm());
        self.deadline = deadline;
    }
}

impl Drop for VirtualSleep {
    fn drop(&mut self) {
        drop(self.disarm());
    }
}
