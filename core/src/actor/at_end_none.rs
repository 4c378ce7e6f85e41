//! What is done once when an actor has ended for good: nothing, where there is no heap.

pub(crate) struct AtEnd;

impl AtEnd {
    pub(super) const fn new() -> Self {
        Self
    }

    pub(super) const fn run(&self) {}
}
