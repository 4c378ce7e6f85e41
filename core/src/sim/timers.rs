//! The armed timers, the earliest first.

use crate::time::Instant;
use alloc::vec::Vec;
use core::{mem, task::Waker};

/// Virtual time, and a binary heap of what waits for it.
///
/// Each sleep has a key once it was armed, under which its place in the heap is found; so it is
/// moved or removed in logarithmic time. All that lies behind the clock's lock: nothing in here
/// allocates but [`Timers::with_room`], whose result is moved in by [`Timers::make_room`], and
/// wakers are handed out to be woken or dropped outside.
pub(super) struct Timers {
    now: Instant,
    armed: u64,
    heap: Vec<Entry>,
    // By key: where in the heap, or `UNARMED`.
    places: Vec<usize>,
    free: Vec<usize>,
}

struct Entry {
    deadline: Instant,
    // Among equal deadlines.
    order: u64,
    key: usize,
    waker: Waker,
}

const UNARMED: usize = usize::MAX;

impl Entry {
    const fn rank(&self) -> (Instant, u64) {
        (self.deadline, self.order)
    }
}

impl Timers {
    /// As many timers fit in without an allocation.
    pub(super) fn with_room(count: usize) -> Self {
        Self {
            now: Instant::EPOCH,
            armed: 0,
            heap: Vec::with_capacity(count),
            places: Vec::with_capacity(count),
            free: Vec::with_capacity(count),
        }
    }

    pub(super) const fn now(&self) -> Instant {
        self.now
    }

    pub(super) const fn len(&self) -> usize {
        self.heap.len()
    }

    /// A key for a sleep, or the room that is needed first.
    pub(super) fn key(&mut self) -> Result<usize, usize> {
        if let Some(key) = self.free.pop() {
            return Ok(key);
        }
        let count = self.places.len();
        let room = self.heap.capacity().min(self.places.capacity()).min(self.free.capacity());
        if count == room {
            return Err((2 * count).max(8));
        }
        self.places.push(UNARMED);
        Ok(count)
    }

    /// Moves everything over; what is returned is empty, to be dropped outside of the lock.
    pub(super) fn make_room(&mut self, mut room: Self) -> Self {
        if room.heap.capacity() > self.places.len() {
            room.now = self.now;
            room.armed = self.armed;
            room.heap.append(&mut self.heap);
            room.places.append(&mut self.places);
            room.free.append(&mut self.free);
            mem::swap(self, &mut room);
        }
        room
    }

    /// Gives a key back; its timer must have been disarmed.
    pub(super) fn release(&mut self, key: usize) {
        self.free.push(key);
    }

    /// Whether this very timer is armed with a waker of the same task.
    pub(super) fn is_armed(&self, key: usize, waker: &Waker) -> bool {
        self.heap.get(self.places[key]).is_some_and(|entry| entry.waker.will_wake(waker))
    }

    /// Arms an unarmed timer.
    pub(super) fn arm(&mut self, key: usize, deadline: Instant, waker: Waker) {
        let entry = Entry { deadline, order: self.armed, key, waker };
        self.armed += 1;
        self.places[key] = self.heap.len();
        self.heap.push(entry);
        self.rise(self.heap.len() - 1);
    }

    /// Disarms it if it is armed.
    pub(super) fn disarm(&mut self, key: usize) -> Option<Waker> {
        let at = self.places[key];
        if at == UNARMED { None } else { Some(self.remove(at).waker) }
    }

    /// Moves on to the earliest deadline; false if there is none.
    pub(super) fn advance(&mut self) -> bool {
        let earliest = self.heap.first().map(|entry| entry.deadline);
        // A sleep may have been moved into the past; time stands still then.
        self.now = self.now.max(earliest.unwrap_or(self.now));
        earliest.is_some()
    }

    /// Takes out the next timer whose deadline has come.
    pub(super) fn pop_due(&mut self) -> Option<Waker> {
        let due = self.heap.first()?.deadline <= self.now;
        due.then(|| self.remove(0).waker)
    }

    fn remove(&mut self, at: usize) -> Entry {
        let entry = self.heap.swap_remove(at);
        self.places[entry.key] = UNARMED;
        if at < self.heap.len() {
            self.places[self.heap[at].key] = at;
            self.sink(at);
            self.rise(at);
        }
        entry
    }

    fn rise(&mut self, mut at: usize) {
        while at > 0 {
            let parent = (at - 1) / 2;
            if self.heap[parent].rank() <= self.heap[at].rank() {
                return;
            }
            self.swap(at, parent);
            at = parent;
        }
    }

    fn sink(&mut self, mut at: usize) {
        loop {
            let children = (2 * at + 1..self.heap.len()).take(2);
            let Some(least) = children.min_by_key(|child| self.heap[*child].rank()) else { return };
            if self.heap[at].rank() <= self.heap[least].rank() {
                return;
            }
            self.swap(at, least);
            at = least;
        }
    }

    fn swap(&mut self, a: usize, b: usize) {
        self.heap.swap(a, b);
        self.places[self.heap[a].key] = a;
        self.places[self.heap[b].key] = b;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::random::SplitMix64;

    /// Beside a sorted list, under random arming and disarming.
    #[test]
    fn the_earliest_is_first_and_every_place_is_right() {
        let mut random = SplitMix64::new(7);
        let mut timers = Timers::with_room(0);
        let mut model: Vec<(u64, u64, usize)> = Vec::new();
        let mut order = 0;
        for _ in 0..if cfg!(miri) { 200 } else { 5_000 } {
            if random.chance(0.6) {
                let key = match timers.key() {
                    Ok(key) => key,
                    Err(room) => {
                        timers.make_room(Timers::with_room(room));
                        timers.key().unwrap()
                    }
                };
                let deadline = random.below(20);
                timers.arm(key, Instant::from_nanos(deadline), Waker::noop().clone());
                model.push((deadline, order, key));
                order += 1;
            } else if !model.is_empty() {
                let (.., key) = model.swap_remove(random.index(model.len()));
                assert!(timers.disarm(key).is_some());
                assert!(timers.disarm(key).is_none(), "it was disarmed once");
                timers.release(key);
            }
            assert_eq!(timers.len(), model.len());
            for (at, entry) in timers.heap.iter().enumerate() {
                assert_eq!(timers.places[entry.key], at);
            }
        }
        model.sort_unstable();
        for (deadline, _, key) in model {
            assert_eq!(timers.heap[0].key, key);
            assert!(timers.advance());
            assert_eq!(timers.now(), Instant::from_nanos(deadline));
            assert!(timers.pop_due().is_some());
        }
        assert!(!timers.advance() && timers.pop_due().is_none());
    }
}
