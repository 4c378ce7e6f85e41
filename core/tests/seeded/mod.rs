//! A source of randomness that always gives the same numbers.

use klaw::Entropy;

/// Counts up from a number.
pub(crate) struct Seeded(pub(crate) u64);

impl Entropy for Seeded {
    fn next_u64(&mut self) -> u64 {
        self.0 += 1;
        self.0
    }
}
