//! How long a child is waited for, as it is kept with each.

use super::spec::Shutdown;
use crate::time::Instant;
use core::fmt;

/// A [`Shutdown`] in one word of 64 bits, half its size; more than 584 years are for ever.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Patience(u64);

impl Patience {
    const KILL: Self = Self(u64::MAX - 1);
    const INFINITE: Self = Self(u64::MAX);

    pub(super) const fn new(shutdown: Shutdown) -> Self {
        match shutdown {
            Shutdown::Kill => Self::KILL,
            Shutdown::Infinite => Self::INFINITE,
            Shutdown::Drain(time) => {
                let nanos = Instant::EPOCH.saturating_add(time).as_nanos();
                if nanos < Self::KILL.0 { Self(nanos) } else { Self::INFINITE }
            }
        }
    }

    /// Whether there is none.
    pub(super) const fn is_none(self) -> bool {
        self.0 == Self::KILL.0
    }

    /// Until when it lasts, if it begins at `now`; that is asked only if it matters.
    pub(super) fn lasts_until(self, now: impl FnOnce() -> Instant) -> Instant {
        if self == Self::INFINITE {
            return Instant::FAR_FUTURE;
        }
        Instant::from_nanos(now().as_nanos().saturating_add(self.0))
    }
}

impl fmt::Debug for Patience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Patience").field(&self.0).finish()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use core::time::Duration;

    fn ends(shutdown: Shutdown, now: u64) -> u64 {
        Patience::new(shutdown).lasts_until(|| Instant::from_nanos(now)).as_nanos()
    }

    #[test]
    fn a_time_is_exact_and_ends_where_time_does() {
        assert_eq!(ends(Shutdown::Drain(Duration::ZERO), 7), 7);
        assert_eq!(ends(Shutdown::Drain(Duration::new(2, 3)), 7), 2_000_000_010);
        assert_eq!(ends(Shutdown::Drain(Duration::MAX), 7), u64::MAX);
        assert_eq!(ends(Shutdown::Drain(Duration::from_nanos(u64::MAX - 2)), 7), u64::MAX);
        assert_eq!(ends(Shutdown::Infinite, 7), u64::MAX);
    }

    #[test]
    fn only_a_kill_has_none() {
        let long = [u64::MAX - 2, u64::MAX - 1, u64::MAX].map(Duration::from_nanos);
        for time in [Duration::ZERO, long[0], long[1], long[2], Duration::MAX] {
            assert!(!Patience::new(Shutdown::Drain(time)).is_none(), "{time:?}");
        }
        assert!(!Patience::new(Shutdown::Infinite).is_none());
        assert!(Patience::new(Shutdown::Kill).is_none());
    }
}
