//! Time, clocks and randomness: capabilities passed in as values.

use core::{pin::Pin, time::Duration};

/// A moment on one clock, in nanoseconds since that clock's own epoch.
///
/// Arithmetic saturates; no operation panics. Instants of different clocks are not comparable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(u64);

impl Instant {
    /// The clock's epoch.
    pub const EPOCH: Self = Self(0);
    /// A moment that never comes; sleeping until it arms no timer.
    pub const FAR_FUTURE: Self = Self(u64::MAX);

    /// The moment `nanos` nanoseconds after the epoch.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since the epoch.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// The moment `duration` later, [`FAR_FUTURE`](Self::FAR_FUTURE) if that is out of range.
    #[must_use]
    pub const fn saturating_add(self, duration: Duration) -> Self {
        const NANOS: u64 = 1_000_000_000;
        if duration.as_secs() > u64::MAX / NANOS {
            return Self::FAR_FUTURE;
        }
        let seconds = duration.as_secs() * NANOS;
        let nanos = seconds.saturating_add(duration.subsec_nanos() as u64);
        Self(self.0.saturating_add(nanos))
    }

    /// The time since `earlier`, zero if that is later.
    #[must_use]
    pub const fn saturating_since(self, earlier: Self) -> Duration {
        duration(self.0.saturating_sub(earlier.0))
    }
}

/// So many nanoseconds.
///
/// A chip of 32 bits divides 64 by a routine of a kilobyte. This is long division there, by digits of
/// eleven bits, each by an instruction: a second is 2^9 times 1,953,125 ns, which has 21 bits.
const fn duration(nanos: u64) -> Duration {
    if usize::BITS >= 64 { Duration::from_nanos(nanos) } else { by_digits(nanos) }
}

const fn by_digits(nanos: u64) -> Duration {
    const DIGIT: u32 = 11;
    const TWOS: u32 = 9;
    const DIVISOR: u32 = 1_000_000_000 >> TWOS;
    let (mut secs, mut rest, mut left) = (0_u64, 0_u32, u64::BITS - TWOS);
    while left > 0 {
        left -= DIGIT;
        let digit = (nanos >> (left + TWOS)) as u32 & ((1 << DIGIT) - 1);
        let part = rest << DIGIT | digit;
        secs = secs << DIGIT | (part / DIVISOR) as u64;
        rest = part % DIVISOR;
    }
    Duration::new(secs, rest << TWOS | nanos as u32 & ((1 << TWOS) - 1))
}

/// A future that completes at a deadline that may still be moved.
pub trait Sleep: Future<Output = ()> {
    /// Moves the deadline, before or after completion; the sleep is pending until the new one.
    fn reset(self: Pin<&mut Self>, deadline: Instant);
}

/// A monotonic clock and its timers.
///
/// Every implementation keeps these rules: a sleep never ends early (C1); one whose deadline has
/// passed is ready at its first poll (C2); [`Instant::FAR_FUTURE`] arms no timer and no duration
/// panics (C3); `reset` works before and after completion (C4); dropping a sleep leaves no timer
/// entry behind (C5); `now` never goes back (C6).
pub trait Clock: Clone {
    /// The clock's timer; a named type, so that callers can ask whether it is `Send`.
    type Sleep: Sleep;

    /// The present moment.
    fn now(&self) -> Instant;

    /// A timer that completes at `deadline`.
    ///
    /// # Cancel safety
    ///
    /// Dropping the timer costs nothing.
    fn sleep_until(&self, deadline: Instant) -> Self::Sleep;

    /// A timer that completes when `duration` has passed.
    ///
    /// # Cancel safety
    ///
    /// Dropping the timer costs nothing.
    fn sleep(&self, duration: Duration) -> Self::Sleep {
        self.sleep_until(self.now().saturating_add(duration))
    }
}

/// Civil time, for what must outlive the process; it may step in either direction.
pub trait WallClock {
    /// Milliseconds since the Unix epoch.
    fn unix_millis(&self) -> u64;
}

/// A source of random bits, for jitter and identifiers; seeded in tests.
pub trait Entropy {
    /// The next 64 random bits.
    fn next_u64(&mut self) -> u64;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn division_by_digits_is_division() {
        let mut nanos = 1_u64;
        for step in 0..100_000_u64 {
            nanos = nanos.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(step);
            for nanos in [nanos >> (step % 64), step * 1_000_000_000, u64::MAX - step] {
                assert_eq!(by_digits(nanos), Duration::from_nanos(nanos));
            }
        }
    }

    #[test]
    fn no_duration_overflows() {
        let t = Instant::from_nanos(5);
        assert_eq!(t.saturating_add(Duration::MAX), Instant::FAR_FUTURE);
        let last = Duration::from_nanos(u64::MAX);
        for (before, after) in [(Duration::ZERO, u64::MAX), (Duration::from_nanos(1), u64::MAX - 1)]
        {
            assert_eq!(Instant::EPOCH.saturating_add(last - before).as_nanos(), after);
            assert_eq!(Instant::EPOCH.saturating_add(last + before), Instant::FAR_FUTURE);
        }
        assert_eq!(Instant::FAR_FUTURE.saturating_add(Duration::MAX), Instant::FAR_FUTURE);
        assert_eq!(t.saturating_since(Instant::FAR_FUTURE), Duration::ZERO);
        assert_eq!(Instant::FAR_FUTURE.saturating_since(t), Duration::from_nanos(u64::MAX - 5));
    }
}
