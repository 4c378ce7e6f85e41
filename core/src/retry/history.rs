//! Errors between the first and the last one, as many as were asked for.

use alloc::collections::VecDeque;

/// The latest errors, at most a given number.
#[derive(Clone, Debug)]
pub(super) struct History<E> {
    errors: VecDeque<E>,
    most: usize,
}

impl<E> History<E> {
    pub(super) const fn new(most: usize) -> Self {
        Self { errors: VecDeque::new(), most }
    }

    pub(super) fn push(&mut self, error: E) {
        if self.most == 0 {
            return;
        }
        if self.errors.len() == self.most {
            self.errors.pop_front();
        }
        self.errors.push_back(error);
    }

    /// From the earliest to the latest.
    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = &E> {
        self.errors.iter()
    }
}
