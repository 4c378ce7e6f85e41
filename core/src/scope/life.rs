//! What decides when a scope ends: its deadline, its shields, and whether its time of grace is over.

use crate::{sync::Lock, time::Instant, wait::WakerCell};
use core::fmt;

/// The same for a scope on the heap and one in place.
pub struct Life {
    /// The task that runs the scope.
    driver: WakerCell,
    state: Lock<State>,
}

struct State {
    deadline: Instant,
    /// Shields that are up, in scopes inside as well.
    shields: usize,
    /// Shields of tasks that count their own: they hold nothing here, but what leaves another shield
    /// may lie in one of them.
    task_shields: usize,
    /// The time of grace is over.
    ending: bool,
}

impl Life {
    pub(super) fn new(deadline: Instant) -> Self {
        let state = State { deadline, shields: 0, task_shields: 0, ending: false };
        Self { driver: WakerCell::new(), state: Lock::new(state) }
    }

    pub(super) const fn driver(&self) -> &WakerCell {
        &self.driver
    }

    pub(super) fn deadline(&self) -> Instant {
        self.state.with(|state| state.deadline)
    }

    pub(super) fn set_deadline(&self, deadline: Instant) {
        self.state.with(|state| state.deadline = deadline);
        self.driver.wake();
    }

    pub(super) fn raise_shield(&self) {
        self.state.with(|state| state.shields += 1);
    }

    /// True if it was the last.
    pub(super) fn lower_shield(&self) -> bool {
        let last = self.state.with(|state| {
            state.shields -= 1;
            state.shields == 0
        });
        if last {
            self.driver.wake();
        }
        last
    }

    pub(super) fn raise_task_shield(&self) {
        self.state.with(|state| state.task_shields += 1);
    }

    pub(super) fn lower_task_shield(&self) {
        self.state.with(|state| state.task_shields -= 1);
    }

    pub(super) fn is_shielded(&self) -> bool {
        self.state.with(|state| state.shields > 0)
    }

    /// Whether what is in the scope, and certainly in no shield, is to be dropped: the time of grace is
    /// over.
    pub(super) fn is_ending(&self) -> bool {
        self.state.with(|state| state.ending && state.shields == 0 && state.task_shields == 0)
    }

    pub(super) fn set_ending(&self) {
        self.state.with(|state| state.ending = true);
    }
}

impl fmt::Debug for Life {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Life").field("deadline", &self.deadline()).finish_non_exhaustive()
    }
}
