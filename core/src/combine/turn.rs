//! Who is polled first.

/// Begins at another child each time, so that none is favoured.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Turn(usize);

impl Turn {
    pub(super) const fn new() -> Self {
        Self(0)
    }

    /// All of `count`, from the one whose turn it is on and around; the next turn is its successor's.
    pub(super) fn next(&mut self, count: usize) -> impl Iterator<Item = usize> + use<> {
        let first = if self.0 < count { self.0 } else { 0 };
        self.0 = first + 1;
        (first..count).chain(0..first)
    }
}
