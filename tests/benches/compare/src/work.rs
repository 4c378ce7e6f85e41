//! Tasks that together do something countable.

use crate::run::{HANGS, Place, Pool, Running, Tasks, hand};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// What all receivers of one run have seen.
#[derive(Clone, Default)]
pub struct Tally(Arc<[AtomicU64; 2]>);

impl Tally {
    pub fn add(&self, count: u64, sum: u64) {
        self.0[0].fetch_add(count, Ordering::Relaxed);
        self.0[1].fetch_add(sum, Ordering::Relaxed);
    }

    fn seen(&self) -> (u64, u64) {
        (self.0[0].load(Ordering::Relaxed), self.0[1].load(Ordering::Relaxed))
    }
}

/// Tasks, and what their receivers must have seen in the end.
pub struct Work {
    tasks: Tasks,
    tally: Tally,
    expected: (u64, u64),
}

impl Work {
    pub fn new(tasks: Tasks, tally: Tally, count: u64, sum: u64) -> Self {
        Self { tasks, tally, expected: (count, sum) }
    }

    /// Runs to the end; a run that lost or changed a message fails loudly.
    pub fn run(self, place: Place) -> Duration {
        let taken = place.run(self.tasks);
        if taken == HANGS {
            return taken;
        }
        check(&self.tally, self.expected);
        taken
    }

    /// Runs to the end without an executor.
    pub fn run_by_hand(self) {
        hand::in_turn(self.tasks.into_local());
        check(&self.tally, self.expected);
    }

    /// Begins on other threads.
    pub fn start(self, pool: &'static dyn Pool) -> Started {
        let Tasks::Shared(tasks) = self.tasks else { panic!("these tasks stay on one thread") };
        Started { running: Running::start(pool, tasks), tally: self.tally, expected: self.expected }
    }
}

/// Work that is being done.
pub struct Started {
    running: Running,
    tally: Tally,
    expected: (u64, u64),
}

impl Started {
    pub fn finish(self) {
        assert!(self.running.wait() != HANGS, "it hangs");
        check(&self.tally, self.expected);
    }
}

fn check(tally: &Tally, expected: (u64, u64)) {
    assert_eq!(tally.seen(), expected, "messages were lost, doubled or changed");
}
