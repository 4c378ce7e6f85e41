//! Keeping errors on the heap.

use super::Policy;

impl<'b, S, J, L> Policy<'b, S, J, L> {
    /// Keeps the last `count` errors, the very last one among them, besides the first.
    ///
    /// They are found in [`Exhausted::errors`](super::Exhausted::errors).
    pub fn keep_errors(mut self, count: usize) -> Self {
        self.between = count.saturating_sub(1);
        self
    }
}
