//! Who goes first.

/// How a task stands beside others that are ready.
///
/// It is kept by the task itself, not the executor, so it is the same on every executor that has
/// one queue of ready tasks: a task of low priority goes to its end once more at each wake.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Priority {
    /// Lets all that are ready go first, once for each wake: twice as many polls.
    Low,
    /// Runs when the executor comes to it.
    #[default]
    Normal,
}

/// Whether it is a task's turn now.
pub(super) struct Turn {
    priority: Priority,
    gave_way: bool,
}

impl Turn {
    pub(super) const fn new(priority: Priority) -> Self {
        Self { priority, gave_way: false }
    }

    /// Whether the task is to let others go first in this poll.
    pub(super) fn gives_way(&mut self) -> bool {
        match self.priority {
            Priority::Low => {
                self.gave_way = !self.gave_way;
                self.gave_way
            }
            Priority::Normal => false,
        }
    }
}
