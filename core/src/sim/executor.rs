//! Tasks and what is done with them; everything but when.

use super::{
    Event, EventKind, RunError, TaskId, VirtualClock,
    faults::Faults,
    random::SplitMix64,
    ready::{Ready, TaskWaker},
    task::{Role, Task, Tasks},
    trace::Trace,
};
use crate::{
    panic::{Panic, catch},
    spawn::SpawnErrorKind,
    spawn_boxed::LocalBoxFuture,
    time::Clock,
};
use alloc::{borrow::Cow, sync::Arc};
use core::{
    cell::{Cell, RefCell},
    pin::Pin,
    task::{Context, Poll},
};

/// The state of a simulation.
///
/// None of its cells is borrowed while a future is polled or dropped.
pub(super) struct Executor {
    pub(super) clock: VirtualClock,
    pub(super) ready: Arc<Ready>,
    pub(super) tasks: RefCell<Tasks>,
    pub(super) schedule: RefCell<SplitMix64>,
    pub(super) faults: RefCell<Faults>,
    pub(super) trace: RefCell<Option<Trace>>,
    /// The first panic that ends the run.
    pub(super) failure: RefCell<Option<RunError>>,
    pub(super) panics: Cell<usize>,
    pub(super) tolerant: Cell<bool>,
    pub(super) max_polls: Cell<u64>,
    pub(super) max_tasks: Cell<usize>,
    pub(super) running: Cell<bool>,
    closed: Cell<bool>,
}

/// What the simulation runs for; borrowed, since it may borrow itself.
pub(super) type Root<'a> = Pin<&'a mut dyn Future<Output = ()>>;

/// How many polls a run may take unless something else is said.
const MAX_POLLS: u64 = 1_000_000;

impl Executor {
    pub(super) fn new(schedule: SplitMix64, faults: SplitMix64) -> Self {
        Self {
            clock: VirtualClock::new(),
            ready: Arc::new(Ready::new()),
            tasks: RefCell::default(),
            schedule: RefCell::new(schedule),
            faults: RefCell::new(Faults::new(faults)),
            trace: RefCell::new(None),
            failure: RefCell::new(None),
            panics: Cell::new(0),
            tolerant: Cell::new(false),
            max_polls: Cell::new(MAX_POLLS),
            max_tasks: Cell::new(usize::MAX),
            running: Cell::new(false),
            closed: Cell::new(false),
        }
    }

    /// Whether a task may be added.
    pub(super) fn admits(&self) -> Result<(), SpawnErrorKind> {
        if self.closed.get() {
            Err(SpawnErrorKind::Closed)
        } else if self.tasks.borrow().len() >= self.max_tasks.get() {
            Err(SpawnErrorKind::Full)
        } else {
            Ok(())
        }
    }

    /// Adds a task, ready; the slot it is in.
    pub(super) fn add(
        &self,
        name: Cow<'static, str>,
        role: Role,
        future: Option<LocalBoxFuture>,
    ) -> usize {
        let waker = |slot, task| TaskWaker { ready: self.ready.clone(), slot, task };
        let (slot, number) = self.tasks.borrow_mut().add(name, role, future, waker);
        self.ready.enter(slot, number);
        self.note(slot, EventKind::Spawned);
        slot
    }

    /// Polls the task in this slot; whether it is over.
    pub(super) fn poll(&self, slot: usize, root: Option<&mut Root<'_>>) -> bool {
        self.note(slot, EventKind::Polled);
        let now = self.clock.now();
        let (waker, mut future, stalled) = match self.tasks.borrow_mut().get_mut(slot) {
            Some(task) => {
                task.polls += 1;
                task.polled_at = now;
                (task.waker.clone(), task.future.take(), task.stall.take())
            }
            None => return true,
        };
        drop(stalled);
        let queued = self.ready.len();
        let polled = catch(|| {
            let mut cx = Context::from_waker(&waker);
            match (&mut future, root) {
                (Some(future), _) => future.as_mut().poll(&mut cx),
                (None, Some(root)) => root.as_mut().poll(&mut cx),
                (None, None) => Poll::Pending,
            }
        });
        self.note_woken(queued);
        match polled {
            Ok(Poll::Pending) => {
                if let Some(task) = self.tasks.borrow_mut().get_mut(slot) {
                    task.future = future;
                }
                return false;
            }
            Ok(Poll::Ready(())) => self.note(slot, EventKind::Finished),
            Err(panic) => self.panicked(slot, panic),
        }
        self.end(slot, future);
        true
    }

    /// Takes a task out and drops its future; a destructor's panic is the task's.
    pub(super) fn end(&self, slot: usize, polled: Option<LocalBoxFuture>) {
        let Some(Task { id, role, future, .. }) = self.remove(slot) else { return };
        if let Err(panic) = catch(|| drop((polled, future))) {
            self.fail(id, role, panic);
        }
    }

    /// Takes a task out; it is not woken any more.
    pub(super) fn remove(&self, slot: usize) -> Option<Task> {
        self.ready.leave(slot);
        self.tasks.borrow_mut().remove(slot)
    }

    fn panicked(&self, slot: usize, panic: Panic) {
        self.note(slot, EventKind::Panicked);
        let who = self.tasks.borrow().get(slot).map(|task| (task.id.clone(), task.role));
        if let Some((id, role)) = who {
            self.fail(id, role, panic);
        }
    }

    /// Counts a panic; it ends the run unless panics are tolerated, or if it was the root's.
    pub(super) fn fail(&self, task: TaskId, role: Role, panic: Panic) {
        self.panics.set(self.panics.get() + 1);
        if !self.tolerant.get() || role == Role::Root {
            let error = RunError::Panicked { at: self.clock.now(), task, panic };
            let first = self.failure.borrow().is_none();
            if first {
                self.failure.replace(Some(error));
            }
        }
    }

    /// Drops all tasks, the one that was spawned last first, and takes no more; the first panic.
    pub(super) fn shut_down(&self) -> Option<Panic> {
        self.closed.set(true);
        let slots = self.tasks.borrow().newest_first();
        let mut first = None;
        for slot in slots {
            let task = self.remove(slot);
            if let Err(panic) = catch(|| drop(task)) {
                first.get_or_insert(panic);
            }
        }
        first
    }

    /// Writes an event down if that was asked for.
    pub(super) fn note(&self, slot: usize, kind: EventKind) {
        if let Some(trace) = &mut *self.trace.borrow_mut()
            && let Some(task) = self.tasks.borrow().get(slot)
        {
            trace.push(Event { at: self.clock.now(), task: task.id.clone(), kind });
        }
    }

    /// Writes down which tasks were woken since the queue was that long.
    pub(super) fn note_woken(&self, queued: usize) {
        if self.trace.borrow().is_none() {
            return;
        }
        for slot in self.ready.since(queued) {
            let polls = self.tasks.borrow().get(slot).map_or(0, |task| task.polls);
            // A new task is ready without having been woken.
            if polls > 0 {
                self.note(slot, EventKind::Woken);
            }
        }
    }
}
