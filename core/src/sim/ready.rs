//! Which tasks are ready, and the wakers that make them so.

use super::random::SplitMix64;
use crate::sync::Lock;
use alloc::{sync::Arc, task::Wake, vec::Vec};
use core::mem;

/// The ready tasks, of which any is picked in constant time.
///
/// It is the one part of the executor that other threads reach, through wakers. Tasks go by the
/// slot they are in; slots are used again, so a waker also has the number of its task.
pub(super) struct Ready(Lock<Set>);

struct Set {
    queue: Vec<usize>,
    slots: Vec<Slot>,
}

#[derive(Clone, Copy)]
struct Slot {
    task: u64,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// No task, or none any more.
    Vacant,
    /// Neither of the others; also while it is polled.
    Parked,
    /// In the queue, at this place; `woken` unless it is there for no reason.
    Ready { at: usize, woken: bool },
    /// Not to be polled for a time; `woken` if it is ready after it.
    Stalled { woken: bool },
}

/// A task that was drawn to be polled.
pub(super) struct Picked {
    pub(super) slot: usize,
    /// Whether anybody woke it.
    pub(super) woken: bool,
}

impl Ready {
    pub(super) fn new() -> Self {
        Self(Lock::new(Set::with_room(0)))
    }

    /// Puts a new task into a vacant slot, ready. Called by the executor's thread alone.
    pub(super) fn enter(&self, slot: usize, task: u64) {
        if slot >= self.0.with(|set| set.slots.capacity().min(set.queue.capacity())) {
            let room = Set::with_room((2 * slot).max(16));
            drop(self.0.with(|set| set.make_room(room)));
        }
        self.0.with(|set| {
            if slot == set.slots.len() {
                set.slots.push(Slot { task, state: State::Vacant });
            }
            set.slots[slot].task = task;
            set.push(slot, true);
        });
    }

    /// Empties a slot; what wakes its task from now on does nothing.
    pub(super) fn leave(&self, slot: usize) {
        self.0.with(|set| set.set(slot, State::Vacant));
    }

    pub(super) fn state(&self, slot: usize) -> State {
        self.0.with(|set| set.slots[slot].state)
    }

    pub(super) fn len(&self) -> usize {
        self.0.with(|set| set.queue.len())
    }

    /// Draws one; it is parked, as far as others can see, while it is polled.
    pub(super) fn pick(&self, random: &mut SplitMix64) -> Option<Picked> {
        self.0.with(|set| {
            let slot = match set.queue.len() {
                0 => return None,
                length => set.queue[random.index(length)],
            };
            let State::Ready { woken, .. } = set.slots[slot].state else { return None };
            set.set(slot, State::Parked);
            Some(Picked { slot, woken })
        })
    }

    /// Makes a parked task ready though nobody woke it.
    pub(super) fn disturb(&self, slot: usize) {
        self.0.with(|set| set.push(slot, false));
    }

    /// Keeps a task from being polled until it is resumed.
    pub(super) fn stall(&self, slot: usize) {
        self.0.with(|set| {
            let woken = matches!(set.slots[slot].state, State::Ready { .. });
            set.set(slot, State::Stalled { woken });
        });
    }

    /// The slots that came into the queue since it was this long.
    pub(super) fn since(&self, length: usize) -> Vec<usize> {
        // Others may add to it in between; what does not fit in was not this thread's doing.
        let mut slots = Vec::with_capacity(self.len());
        self.0.with(|set| {
            let room = slots.capacity();
            slots.extend(set.queue.iter().skip(length).take(room).copied());
        });
        slots
    }

    fn wake(&self, slot: usize, task: u64) {
        self.0.with(|set| {
            let Some(found) = set.slots.get_mut(slot).filter(|found| found.task == task) else {
                return;
            };
            match &mut found.state {
                State::Vacant => {}
                State::Parked => set.push(slot, true),
                State::Ready { woken, .. } | State::Stalled { woken } => *woken = true,
            }
        });
    }

    fn resume(&self, slot: usize, task: u64) {
        self.0.with(|set| {
            let Slot { task: found, state } = set.slots[slot];
            let State::Stalled { woken } = state else { return };
            if found == task {
                set.set(slot, State::Parked);
                if woken {
                    set.push(slot, true);
                }
            }
        });
    }
}

impl Set {
    fn with_room(count: usize) -> Self {
        Self { queue: Vec::with_capacity(count), slots: Vec::with_capacity(count) }
    }

    /// Moves everything over; what is returned is empty, to be dropped outside of the lock.
    fn make_room(&mut self, mut room: Self) -> Self {
        room.queue.append(&mut self.queue);
        room.slots.append(&mut self.slots);
        mem::replace(self, room)
    }

    fn push(&mut self, slot: usize, woken: bool) {
        self.slots[slot].state = State::Ready { at: self.queue.len(), woken };
        self.queue.push(slot);
    }

    /// Any state but ready.
    fn set(&mut self, slot: usize, state: State) {
        if let State::Ready { at, .. } = mem::replace(&mut self.slots[slot].state, state) {
            self.queue.swap_remove(at);
            if let Some(&moved) = self.queue.get(at)
                && let State::Ready { at: place, .. } = &mut self.slots[moved].state
            {
                *place = at;
            }
        }
    }
}

/// Wakes one task.
pub(super) struct TaskWaker {
    pub(super) ready: Arc<Ready>,
    pub(super) slot: usize,
    pub(super) task: u64,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.ready.wake(self.slot, self.task);
    }
}

/// Ends the stall of one task.
pub(super) struct Resume {
    pub(super) ready: Arc<Ready>,
    pub(super) slot: usize,
    pub(super) task: u64,
}

impl Wake for Resume {
    fn wake(self: Arc<Self>) {
        self.ready.resume(self.slot, self.task);
    }
}
