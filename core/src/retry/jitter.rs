//! Chance in delays, so that those who failed together do not come back together.

use core::time::Duration;

/// How chance changes the delays of a schedule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Jitter {
    /// Not at all.
    #[default]
    None,
    /// Anything from zero to the delay.
    Full,
    /// Anything from half the delay to the delay.
    Equal,
    /// Anything from the schedule's first delay to three times the wait before, at most `max`.
    ///
    /// The schedule gives the first delay and the number of delays only.
    Decorrelated {
        /// No wait is longer.
        max: Duration,
    },
}

/// The delays of a schedule, changed by chance.
#[derive(Clone, Debug)]
pub(crate) struct Jittered {
    jitter: Jitter,
    random: SplitMix64,
    // The first delay of the schedule and the last wait, for `Decorrelated`.
    first: Option<Duration>,
    last: Duration,
}

impl Jittered {
    pub(crate) const fn new(jitter: Jitter, seed: u64) -> Self {
        Self { jitter, random: SplitMix64(seed), first: None, last: Duration::ZERO }
    }

    /// The schedule begins anew; chance goes on.
    pub(crate) const fn begin_anew(&mut self) {
        self.first = None;
        self.last = Duration::ZERO;
    }

    /// The wait that the schedule's next delay becomes.
    pub(crate) fn wait(&mut self, delay: Duration) -> Duration {
        match self.jitter {
            Jitter::None => delay,
            Jitter::Full => self.between(Duration::ZERO, delay),
            Jitter::Equal => self.between(delay / 2, delay),
            Jitter::Decorrelated { max } => {
                let first = *self.first.get_or_insert(delay);
                let last = self.last.max(first);
                self.last = self.between(first.min(max), last.saturating_mul(3).min(max));
                self.last
            }
        }
    }

    /// Any duration from `low` to `high`, both included; what lies beyond 584 years is cut off.
    fn between(&mut self, low: Duration, high: Duration) -> Duration {
        let span = u64::try_from(high.saturating_sub(low).as_nanos()).unwrap_or(u64::MAX);
        low.saturating_add(Duration::from_nanos(self.random.up_to(span)))
    }
}

/// Steele, Lea and Flood's generator: one word of state, good enough to spread delays.
#[derive(Clone, Debug)]
struct SplitMix64(u64);

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from zero to `most`, both included.
    fn up_to(&mut self, most: u64) -> u64 {
        ((u128::from(self.next()) * (u128::from(most) + 1)) >> 64) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_is_splitmix64() {
        // The first numbers of the reference implementation for the seed 1234567.
        let mut random = SplitMix64(1_234_567);
        let expected = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973];
        assert_eq!(expected.map(|_| random.next()), expected);
    }

    #[test]
    fn both_ends_of_a_range_are_reached() {
        let mut random = SplitMix64(0);
        let mut seen = [0; 3];
        (0..300).for_each(|_| seen[random.up_to(2) as usize] += 1);
        assert!(seen.iter().all(|&times| times > 60), "{seen:?}");
        assert_eq!(random.up_to(0), 0);
        assert!((0..100).any(|_| random.up_to(u64::MAX) > u64::MAX / 2));
    }
}
