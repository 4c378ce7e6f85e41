//! Polling by hand: a future, the task it belongs to, and how often that task was woken.

#![allow(dead_code, reason = "every test binary uses a part of it")]

use core::{
    pin::Pin,
    sync::atomic::{AtomicUsize, Ordering},
    task::{Context, Poll, Waker},
};
use std::{
    sync::{Arc, Mutex},
    task::Wake,
};

/// A task that only counts how often it was woken.
#[derive(Default)]
pub(crate) struct Task(AtomicUsize);

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Task {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    /// How often it was woken so far.
    pub(crate) fn wakes(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

/// A future that is polled by hand, as a task of its own unless another one is named.
pub(crate) struct ByHand<F: Future> {
    future: Pin<Box<F>>,
    task: Arc<Task>,
    seen: usize,
}

impl<F: Future> ByHand<F> {
    pub(crate) fn new(future: F) -> Self {
        Self { future: Box::pin(future), task: Task::new(), seen: 0 }
    }

    /// A future that is pending at its first poll.
    #[track_caller]
    pub(crate) fn parked(future: F) -> Self {
        let mut parked = Self::new(future);
        assert!(parked.poll().is_pending(), "this future was to park");
        parked
    }

    pub(crate) fn poll(&mut self) -> Poll<F::Output> {
        self.seen = self.task.wakes();
        let waker = Waker::from(self.task.clone());
        self.future.as_mut().poll(&mut Context::from_waker(&waker))
    }

    /// Polls it as a part of another task, which it belongs to from now on.
    pub(crate) fn poll_as(&mut self, task: &Arc<Task>) -> Poll<F::Output> {
        self.task = task.clone();
        self.poll()
    }

    /// The output; panics if it is not ready now.
    #[track_caller]
    pub(crate) fn ready(&mut self) -> F::Output {
        match self.poll() {
            Poll::Ready(output) => output,
            Poll::Pending => panic!("this future was to be ready"),
        }
    }

    /// Whether its task was woken since it was polled last.
    pub(crate) fn is_woken(&self) -> bool {
        self.task.wakes() > self.seen
    }

    /// How often its task was woken so far.
    pub(crate) fn wakes(&self) -> usize {
        self.task.wakes()
    }

    pub(crate) fn future(&self) -> &F {
        &self.future
    }

    pub(crate) fn future_mut(&mut self) -> Pin<&mut F> {
        self.future.as_mut()
    }
}

/// Polls once; the output if it is ready.
pub(crate) fn now<F: Future>(future: F) -> Option<F::Output> {
    match ByHand::new(future).poll() {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

/// A task that is polled from within its wake, as an executor without a queue does it.
pub(crate) struct AtOnce {
    task: Mutex<Pin<Box<dyn Future<Output = ()> + Send>>>,
    polls: AtomicUsize,
}

impl AtOnce {
    /// More polls than these are for ever.
    pub(crate) const MOST: usize = 100;

    /// Polls `future` now, and whenever it is woken.
    pub(crate) fn start(future: impl Future<Output = ()> + Send + 'static) -> Arc<Self> {
        let task =
            Arc::new(Self { task: Mutex::new(Box::pin(future)), polls: AtomicUsize::new(0) });
        task.wake_by_ref();
        task
    }

    pub(crate) fn polls(&self) -> usize {
        self.polls.load(Ordering::SeqCst)
    }
}

impl Wake for AtOnce {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.polls.fetch_add(1, Ordering::SeqCst) < Self::MOST {
            let waker = Waker::from(self.clone());
            let mut task = self.task.try_lock().expect("woken while it is polled");
            let _ = task.as_mut().poll(&mut Context::from_waker(&waker));
        }
    }
}
