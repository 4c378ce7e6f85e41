//! A clock in the simplest way there is: a thread that sleeps until the next timer is due.

use core::{
    pin::Pin,
    task::{Context, Poll, Waker},
};
use klaw::{Clock, Instant, Sleep};
use std::{
    collections::BTreeMap,
    sync::{Arc, Condvar, Mutex},
    thread, time,
};

/// Time by the operating system; its thread ends with the last clone and timer.
#[derive(Clone)]
pub(crate) struct ThreadClock(Arc<Shared>);

struct Shared {
    begin: time::Instant,
    waits: Arc<Waits>,
}

#[derive(Default)]
struct Waits {
    timers: Mutex<Timers>,
    changed: Condvar,
}

/// Timers are told apart by a number, since several may be due at one moment.
#[derive(Default)]
struct Timers {
    next: u64,
    due: BTreeMap<(Instant, u64), Waker>,
    over: bool,
}

pub(crate) struct ThreadSleep {
    clock: ThreadClock,
    deadline: Instant,
    number: Option<u64>,
}

impl ThreadClock {
    pub(crate) fn start() -> Self {
        let waits = Arc::new(Waits::default());
        let clock = Self(Arc::new(Shared { begin: time::Instant::now(), waits: waits.clone() }));
        let begin = clock.0.begin;
        thread::spawn(move || waits.wake_when_due(begin));
        clock
    }
}

impl Waits {
    fn wake_when_due(&self, begin: time::Instant) {
        let mut timers = self.timers.lock().unwrap();
        while !timers.over {
            let now = Instant::EPOCH.saturating_add(begin.elapsed());
            let Some((&(deadline, number), _)) = timers.due.first_key_value() else {
                timers = self.changed.wait(timers).unwrap();
                continue;
            };
            if deadline > now {
                let rest = deadline.saturating_since(now);
                timers = self.changed.wait_timeout(timers, rest).unwrap().0;
                continue;
            }
            let waker = timers.due.remove(&(deadline, number));
            // A waker may run anything, also what sets another timer.
            drop(timers);
            waker.into_iter().for_each(Waker::wake);
            timers = self.timers.lock().unwrap();
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.waits.timers.lock().unwrap().over = true;
        self.waits.changed.notify_one();
    }
}

impl Clock for ThreadClock {
    type Sleep = ThreadSleep;

    fn now(&self) -> Instant {
        Instant::EPOCH.saturating_add(self.0.begin.elapsed())
    }

    fn sleep_until(&self, deadline: Instant) -> ThreadSleep {
        ThreadSleep { clock: self.clone(), deadline, number: None }
    }
}

impl ThreadSleep {
    fn disarm(&mut self) {
        if let Some(number) = self.number.take() {
            let waker =
                self.clock.0.waits.timers.lock().unwrap().due.remove(&(self.deadline, number));
            drop(waker); // not under the lock
        }
    }
}

impl Sleep for ThreadSleep {
    fn reset(mut self: Pin<&mut Self>, deadline: Instant) {
        self.disarm();
        self.deadline = deadline;
    }
}

impl Future for ThreadSleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let (this, waker) = (&mut *self, cx.waker().clone());
        if this.deadline != Instant::FAR_FUTURE && this.deadline <= this.clock.now() {
            this.disarm();
            return Poll::Ready(());
        }
        let waits = this.clock.0.waits.clone();
        let mut timers = waits.timers.lock().unwrap();
        let number = *this.number.get_or_insert(timers.next);
        timers.next = timers.next.max(number + 1);
        let before = timers.due.insert((this.deadline, number), waker);
        drop(timers);
        waits.changed.notify_one();
        drop(before);
        Poll::Pending
    }
}

impl Drop for ThreadSleep {
    fn drop(&mut self) {
        self.disarm();
    }
}
