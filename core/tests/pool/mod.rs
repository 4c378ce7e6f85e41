//! A few threads that run tasks and jobs.

#![allow(dead_code, reason = "every test binary uses a part of it")]

use core::{
    pin::Pin,
    sync::atomic::{AtomicBool, Ordering},
    task::{Context, Waker},
};
use klaw::{Spawn, SpawnBlocking, SpawnError, task::BlockingJob};
use std::{
    collections::VecDeque,
    sync::{Arc, Condvar, Mutex, Weak},
    task::Wake,
    thread::{self, JoinHandle},
};

type BoxFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Owns the threads and the tasks; dropping it drops the tasks, in the middle of whatever they do.
pub(crate) struct Pool {
    queue: Arc<Queue>,
    threads: Vec<JoinHandle<()>>,
}

/// Starts tasks and jobs on a [`Pool`].
#[derive(Clone)]
pub(crate) struct Spawner(Weak<Queue>);

#[derive(Default)]
struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    ready: VecDeque<BlockingJob>,
    tasks: Vec<Weak<Task>>,
    closed: bool,
}

struct Task {
    // Locked while it is polled; none when it is done.
    future: Mutex<Option<BoxFuture>>,
    queued: AtomicBool,
    queue: Weak<Queue>,
}

impl Pool {
    pub(crate) fn new(threads: usize) -> Self {
        let queue = Arc::<Queue>::default();
        let threads = (0..threads).map(|_| {
            let queue = queue.clone();
            thread::spawn(move || queue.work())
        });
        Self { threads: threads.collect(), queue }
    }

    pub(crate) fn spawner(&self) -> Spawner {
        Spawner(Arc::downgrade(&self.queue))
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        let (jobs, tasks) = {
            let mut state = self.queue.state.lock().unwrap();
            state.closed = true;
            (core::mem::take(&mut state.ready), core::mem::take(&mut state.tasks))
        };
        self.queue.changed.notify_all();
        drop(jobs);
        for task in tasks.iter().filter_map(Weak::upgrade) {
            let future = task.future.lock().unwrap().take();
            drop(future);
        }
        for thread in self.threads.drain(..) {
            let ended = thread.join();
            assert!(ended.is_ok() || thread::panicking(), "a task or a job panicked");
        }
    }
}

impl Queue {
    fn work(&self) {
        loop {
            let mut state = self.state.lock().unwrap();
            let job = loop {
                match state.ready.pop_front() {
                    Some(job) => break job,
                    None if state.closed => return,
                    None => state = self.changed.wait(state).unwrap(),
                }
            };
            drop(state);
            job();
        }
    }

    /// Gives `job` back if the pool is closed.
    fn push(&self, job: BlockingJob) -> Result<(), BlockingJob> {
        let mut state = self.state.lock().unwrap();
        if state.closed {
            return Err(job);
        }
        state.ready.push_back(job);
        drop(state);
        self.changed.notify_one();
        Ok(())
    }
}

impl Task {
    fn run(self: Arc<Self>) {
        // Before the poll, so that a wake during it queues the task again.
        self.queued.store(false, Ordering::SeqCst);
        let mut place = self.future.lock().unwrap();
        let Some(future) = place.as_mut() else { return };
        let waker = Waker::from(self.clone());
        if future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
            *place = None;
        }
    }
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        if let Some(queue) = self.queue.upgrade()
            && !self.queued.swap(true, Ordering::SeqCst)
        {
            // A pool that is closed drops its tasks, so none needs a turn.
            drop(queue.push(Box::new(move || self.run())));
        }
    }
}

impl<F: Future<Output = ()> + Send + 'static> Spawn<F> for Spawner {
    fn spawn(&self, future: F) -> Result<(), SpawnError<F>> {
        let Some(queue) = self.0.upgrade() else { return Err(SpawnError::closed(Some(future))) };
        let task = {
            let mut state = queue.state.lock().unwrap();
            if state.closed {
                drop(state);
                return Err(SpawnError::closed(Some(future)));
            }
            let future: BoxFuture = Box::pin(future);
            let task = Arc::new(Task {
                future: Mutex::new(Some(future)),
                queued: AtomicBool::new(false),
                queue: self.0.clone(),
            });
            state.tasks.retain(|task| task.strong_count() > 0);
            state.tasks.push(Arc::downgrade(&task));
            task
        };
        task.wake();
        Ok(())
    }
}

impl SpawnBlocking<BlockingJob> for Spawner {
    fn spawn_blocking(&self, job: BlockingJob) -> Result<(), SpawnError<BlockingJob>> {
        let Some(queue) = self.0.upgrade() else { return Err(SpawnError::closed(Some(job))) };
        queue.push(job).map_err(|job| SpawnError::closed(Some(job)))
    }
}
