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
        let nanos = duration.as_nanos();
        if nanos >= u64::MAX as u128 {
            return Self::FAR_FUTURE;
        }
        Self(self.0.saturating_add(nanos as u64))
    }

    /// The time since `earlier`, zero if that is later.
    #[must_use]
    pub const fn saturating_since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
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
    fn no_duration_overflows() {
        let t = Instant::from_nanos(5);
        assert_eq!(t.saturating_add(Duration::MAX), Instant::FAR_FUTURE);
        assert_eq!(Instant::FAR_FUTURE.saturating_add(Duration::MAX), Instant::FAR_FUTURE);
        assert_eq!(t.saturating_since(Instant::FAR_FUTURE), Duration::ZERO);
        assert_eq!(Instant::FAR_FUTURE.saturating_since(t), Duration::from_nanos(u64::MAX - 5));
    }
}
