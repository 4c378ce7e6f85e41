//! Where all chance comes from.

use crate::{sync::Lock, time::Entropy};
use alloc::sync::Arc;
use core::fmt;

/// The generator of Steele, Lea and Flood: one addition and a mixing function.
pub(super) struct SplitMix64(u64);

impl SplitMix64 {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A stream of its own, so that draws from one do not shift the other.
    pub(super) const fn split(&mut self) -> Self {
        Self(self.next())
    }

    /// A number below `limit`, which is not zero.
    pub(super) const fn below(&mut self, limit: u64) -> u64 {
        // The high half of the product: no division, and a bias of at most `limit` in 2^64.
        ((self.next() as u128 * limit as u128) >> 64) as u64
    }

    /// An index into `length` things, of which there is at least one.
    pub(super) const fn index(&mut self, length: usize) -> usize {
        self.below(length as u64) as usize
    }

    /// True with this probability.
    pub(super) fn chance(&mut self, probability: f64) -> bool {
        // 53 bits are what an `f64` holds exactly.
        ((self.next() >> 11) as f64) < probability * (1_u64 << 53) as f64
    }
}

/// Random bits that follow from the seed; made by [`Sim::random`](super::Sim::random).
///
/// Clones draw from one stream. Draws do not change which task is polled next.
#[derive(Clone)]
pub struct Random(Arc<Lock<SplitMix64>>);

impl Random {
    pub(super) fn new(stream: SplitMix64) -> Self {
        Self(Arc::new(Lock::new(stream)))
    }
}

impl Entropy for Random {
    fn next_u64(&mut self) -> u64 {
        self.0.with(SplitMix64::next)
    }
}

impl fmt::Debug for Random {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Random").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first numbers of the reference implementation by Vigna for the seed 1234567.
    #[test]
    fn it_is_splitmix64() {
        let mut random = SplitMix64::new(1_234_567);
        assert_eq!(
            [random.next(), random.next(), random.next()],
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
        );
    }

    #[test]
    fn certainty_and_impossibility_are_exact() {
        let mut random = SplitMix64::new(1);
        assert!((0..10_000).all(|_| random.chance(1.0)));
        assert!(!(0..10_000).any(|_| random.chance(0.0)));
        let hits = (0..10_000).filter(|_| random.chance(0.25)).count();
        assert!((2_300..2_700).contains(&hits), "{hits}");
    }

    #[test]
    fn every_index_is_drawn_and_none_beyond() {
        let mut random = SplitMix64::new(1);
        let mut seen = [0; 7];
        (0..7_000).for_each(|_| seen[random.index(7)] += 1);
        assert!(seen.iter().all(|count| (800..1_200).contains(count)), "{seen:?}");
    }
}
