//! A single-thread executor that picks the next task at random, reproducibly.

#![allow(dead_code, reason = "every test binary uses a part of it")]

use core::{
    cell::{Cell, RefCell},
    panic::AssertUnwindSafe,
    pin::Pin,
    task::{Context, Waker},
};
use klaw::{Spawn, SpawnError};
use std::{
    collections::BTreeMap,
    panic::catch_unwind,
    rc::{Rc, Weak},
    sync::{Arc, Mutex},
    task::Wake,
};

type Task = Pin<Box<dyn Future<Output = ()>>>;

/// Owns the tasks; dropping it drops them.
pub(crate) struct Executor(Rc<Inner>);

/// Starts tasks on an [`Executor`].
#[derive(Clone)]
pub(crate) struct Spawner(Weak<Inner>);

struct Inner {
    // Empty while its task is polled.
    tasks: RefCell<BTreeMap<usize, Option<Task>>>,
    ready: Arc<Mutex<Vec<usize>>>,
    random: Cell<u64>,
    next: Cell<usize>,
    room: Cell<usize>,
    closed: Cell<bool>,
    panics: Cell<usize>,
    polls: Cell<usize>,
}

struct TaskWaker {
    id: usize,
    ready: Arc<Mutex<Vec<usize>>>,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let mut ready = self.ready.lock().unwrap();
        if !ready.contains(&self.id) {
            ready.push(self.id);
        }
    }
}

impl Executor {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Rc::new(Inner {
            tasks: RefCell::default(),
            ready: Arc::default(),
            random: Cell::new(seed),
            next: Cell::new(0),
            room: Cell::new(usize::MAX),
            closed: Cell::new(false),
            panics: Cell::new(0),
            polls: Cell::new(0),
        }))
    }

    pub(crate) fn spawner(&self) -> Spawner {
        Spawner(Rc::downgrade(&self.0))
    }

    /// Runs `future` as a task; its output is found in what is returned.
    pub(crate) fn start<F: Future + 'static>(&self, future: F) -> Output<F::Output> {
        let output = Output(Rc::default());
        let place = output.0.clone();
        self.0.add(async move {
            let output = future.await;
            *place.borrow_mut() = Some(output);
        });
        output
    }

    /// Polls tasks until none is ready.
    pub(crate) fn run(&self) {
        while self.step() {}
    }

    /// Polls one ready task; false if there is none.
    pub(crate) fn step(&self) -> bool {
        let id = {
            let mut ready = self.0.ready.lock().unwrap();
            if ready.is_empty() {
                return false;
            }
            let at = self.0.random(ready.len());
            ready.swap_remove(at)
        };
        let taken = self.0.tasks.borrow_mut().get_mut(&id).and_then(Option::take);
        let Some(mut task) = taken else { return true };
        let waker = Waker::from(Arc::new(TaskWaker { id, ready: self.0.ready.clone() }));
        self.0.polls.set(self.0.polls.get() + 1);
        let polled = catch_unwind(AssertUnwindSafe(|| {
            task.as_mut().poll(&mut Context::from_waker(&waker)).is_pending()
        }));
        match polled {
            Ok(true) => {
                self.0.tasks.borrow_mut().insert(id, Some(task));
            }
            Ok(false) => self.0.remove(id, task),
            Err(_) => {
                self.0.panics.set(self.0.panics.get() + 1);
                self.0.remove(id, task);
            }
        }
        true
    }

    /// Runs `future` and everything else until nothing is left to do; its output if it is done.
    pub(crate) fn settle<F: Future + 'static>(&self, future: F) -> Option<F::Output> {
        let output = self.start(future);
        self.run();
        output.take()
    }

    /// Takes `room` more tasks, then refuses.
    pub(crate) fn set_room(&self, room: usize) {
        self.0.room.set(room);
    }

    /// Takes no more tasks; those it has run on.
    pub(crate) fn close(&self) {
        self.0.closed.set(true);
    }

    /// How many tasks there are.
    pub(crate) fn tasks(&self) -> usize {
        self.0.tasks.borrow().len()
    }

    /// How many tasks have panicked out of a poll.
    pub(crate) fn panics(&self) -> usize {
        self.0.panics.get()
    }

    /// How often a task was polled.
    pub(crate) fn polls(&self) -> usize {
        self.0.polls.get()
    }

    /// Drops every task, the last one first, and takes no more.
    pub(crate) fn shut_down(&self) {
        self.close();
        loop {
            let last = self.0.tasks.borrow_mut().pop_last();
            if last.is_none() {
                break;
            }
        }
    }
}

impl Drop for Executor {
    fn drop(&mut self) {
        self.shut_down();
    }
}

impl Inner {
    fn add(&self, future: impl Future<Output = ()> + 'static) {
        let id = self.next.replace(self.next.get() + 1);
        self.tasks.borrow_mut().insert(id, Some(Box::pin(future)));
        self.ready.lock().unwrap().push(id);
    }

    fn remove(&self, id: usize, task: Task) {
        drop(task);
        self.tasks.borrow_mut().remove(&id);
    }

    /// A number below `limit`, by splitmix64.
    fn random(&self, limit: usize) -> usize {
        let seed = self.random.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.random.set(seed);
        let mut z = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % limit as u64) as usize
    }
}

impl<F: Future<Output = ()> + 'static> Spawn<F> for Spawner {
    fn spawn(&self, future: F) -> Result<(), SpawnError<F>> {
        let Some(inner) = self.0.upgrade().filter(|inner| !inner.closed.get()) else {
            return Err(SpawnError::closed(Some(future)));
        };
        let Some(room) = inner.room.get().checked_sub(1) else {
            return Err(SpawnError::full(Some(future)));
        };
        inner.room.set(room);
        inner.add(future);
        Ok(())
    }
}

/// Where the output of a task is found when it is done.
pub(crate) struct Output<T>(Rc<RefCell<Option<T>>>);

impl<T> Output<T> {
    pub(crate) fn take(&self) -> Option<T> {
        self.0.borrow_mut().take()
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.0.borrow().is_some()
    }
}
