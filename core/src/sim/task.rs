//! Tasks, and how they are called.

use super::{clock::VirtualSleep, ready::TaskWaker};
use crate::{spawn_boxed::LocalBoxFuture, time::Instant};
use alloc::{borrow::Cow, sync::Arc, vec::Vec};
use core::{cmp::Reverse, fmt, task::Waker};

/// What a task is called: a number that no other task of the simulation has, and a name.
///
/// A task that was given no name goes by the type of its future.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct TaskId {
    /// Tasks are numbered from 0 as they are spawned; a root is a task too.
    pub number: u64,
    /// Its name.
    pub name: Cow<'static, str>,
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{} {}", self.number, self.name)
    }
}

/// What a task is, as far as faults go.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// It was spawned.
    Task,
    /// It runs once and never waits; it must not be lost.
    Job,
    /// It is what the simulation runs for; its future is not here.
    Root,
}

pub(super) struct Task {
    pub(super) id: TaskId,
    pub(super) role: Role,
    pub(super) waker: Waker,
    // None while it is polled.
    pub(super) future: Option<LocalBoxFuture>,
    pub(super) stall: Option<VirtualSleep>,
    pub(super) polls: u64,
    pub(super) polled_at: Instant,
    // Its place in `Tasks::live`.
    at: usize,
}

/// All tasks, each in a slot that it keeps.
#[derive(Default)]
pub(super) struct Tasks {
    slots: Vec<Option<Task>>,
    free: Vec<usize>,
    live: Vec<usize>,
    spawned: u64,
}

impl Tasks {
    pub(super) const fn len(&self) -> usize {
        self.live.len()
    }

    /// Adds a task, whose waker is made from its slot and number.
    pub(super) fn add(
        &mut self,
        name: Cow<'static, str>,
        role: Role,
        future: Option<LocalBoxFuture>,
        waker: impl FnOnce(usize, u64) -> TaskWaker,
    ) -> (usize, u64) {
        let number = self.spawned;
        self.spawned += 1;
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            self.slots.len() - 1
        });
        self.slots[slot] = Some(Task {
            id: TaskId { number, name },
            role,
            waker: Waker::from(Arc::new(waker(slot, number))),
            future,
            stall: None,
            polls: 0,
            polled_at: Instant::EPOCH,
            at: self.live.len(),
        });
        self.live.push(slot);
        (slot, number)
    }

    pub(super) fn get(&self, slot: usize) -> Option<&Task> {
        self.slots[slot].as_ref()
    }

    pub(super) fn get_mut(&mut self, slot: usize) -> Option<&mut Task> {
        self.slots[slot].as_mut()
    }

    pub(super) fn remove(&mut self, slot: usize) -> Option<Task> {
        let task = self.slots[slot].take()?;
        self.free.push(slot);
        self.live.swap_remove(task.at);
        if let Some(moved) = self.live.get(task.at)
            && let Some(moved) = &mut self.slots[*moved]
        {
            moved.at = task.at;
        }
        Some(task)
    }

    /// The slots in use, and what is in them, in an order that follows from the history.
    pub(super) fn live(&self) -> impl Iterator<Item = (usize, &Task)> {
        self.live.iter().filter_map(|slot| Some((*slot, self.get(*slot)?)))
    }

    /// The slots in use, the task that was spawned last first.
    pub(super) fn newest_first(&self) -> Vec<usize> {
        let mut slots = self.live.clone();
        slots.sort_by_key(|slot| Reverse(self.get(*slot).map(|task| task.id.number)));
        slots
    }
}
