//! Civil time by the operating system.

use klaw::{Clock, Instant, WallClock};
use std::time::{SystemTime, UNIX_EPOCH};

/// A clock, and the operating system's civil time beside it.
///
/// # Examples
///
/// ```
/// use klaw::WallClock;
/// use klaw_std::WithSystemTime;
///
/// assert!(WithSystemTime(()).unix_millis() > 1_700_000_000_000);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct WithSystemTime<C>(pub C);

impl<C: Clock> Clock for WithSystemTime<C> {
    type Sleep = C::Sleep;

    fn now(&self) -> Instant {
        self.0.now()
    }

    /// # Cancel safety
    ///
    /// As that of the clock.
    fn sleep_until(&self, deadline: Instant) -> C::Sleep {
        self.0.sleep_until(deadline)
    }
}

impl<C> WallClock for WithSystemTime<C> {
    fn unix_millis(&self) -> u64 {
        // A system whose time is before 1970 has no idea of it.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }
}
