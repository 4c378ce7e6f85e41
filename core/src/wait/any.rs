//! Several operations of one kind at once.

use super::{Attempt, Until};
use core::{pin::Pin, task::Poll};

/// Operations side by side.
pub(crate) struct Any<C>(C);

/// What operations lie in: an array, or a box. They do not move while it is pinned, and it gives out
/// the same ones each time.
pub(crate) trait Row<A: Attempt> {
    fn operations(&mut self) -> &mut [Until<A>];
}

impl<C> Any<C> {
    pub(crate) const fn new(operations: C) -> Self {
        Self(operations)
    }

    /// Runs `f` on one operation after the other, from the one at `first` on and around, until it is
    /// ready.
    pub(crate) fn each<A: Attempt, R>(
        self: Pin<&mut Self>,
        first: usize,
        mut f: impl FnMut(usize, Pin<&mut Until<A>>) -> Poll<R>,
    ) -> Poll<R>
    where
        C: Row<A>,
    {
        // SAFETY: nothing is moved out, and the operations stay where they are (`Row`).
        let operations = unsafe { self.get_unchecked_mut() }.0.operations();
        let count = operations.len();
        for at in (first..count).chain(0..first) {
            // SAFETY: a part of `self`, which is pinned.
            let polled = f(at, unsafe { Pin::new_unchecked(&mut operations[at]) });
            if polled.is_ready() {
                return polled;
            }
        }
        Poll::Pending
    }
}
