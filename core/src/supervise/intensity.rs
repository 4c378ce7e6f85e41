//! How many restarts within how long are too many.

use crate::{sync, time::Instant};
use core::{fmt, time::Duration};

/// A span of time in nanoseconds: half the size of a [`Duration`], and a moment is added in one step.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window(u64);

impl Window {
    pub(crate) const fn new(span: Duration) -> Self {
        Self(Instant::EPOCH.saturating_add(span).as_nanos())
    }

    /// Whether it began at `start` and is over at `now`; its end is part of it.
    pub(super) const fn is_over(self, start: Instant, now: Instant) -> bool {
        start.as_nanos().saturating_add(self.0) < now.as_nanos()
    }
}

impl From<Duration> for Window {
    fn from(span: Duration) -> Self {
        Self::new(span)
    }
}

impl fmt::Debug for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Duration::from_nanos(self.0).fmt(f)
    }
}

/// A sliding window over restarts: `max_restarts` within `window` may happen, one more may not.
///
/// As in OTP, a restart on the far edge of the window still counts.
pub(crate) struct Intensity {
    pub(crate) max_restarts: usize,
    pub(crate) window: Window,
    pub(super) restarts: sync::Queue<Instant>,
}

impl Intensity {
    /// OTP's default: one restart within five seconds.
    pub(crate) const fn new() -> Self {
        Self {
            max_restarts: 1,
            window: Window::new(Duration::from_secs(5)),
            restarts: sync::Queue::new(),
        }
    }

    /// Counts a restart at `now`; false if it is one too many.
    pub(crate) fn restart(&mut self, now: Instant) -> bool {
        if self.max_restarts == usize::MAX {
            return true; // nothing to count, and nothing to remember
        }
        while self.restarts.front().is_some_and(|&earlier| self.window.is_over(earlier, now)) {
            self.restarts.pop_front();
        }
        if self.restarts.len() >= self.max_restarts {
            return false;
        }
        sync::push_back(&mut self.restarts, now).is_ok()
    }

    /// How many restarts are within the window, as far as is known.
    pub(crate) fn count(&self) -> usize {
        self.restarts.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Instant {
        Instant::from_nanos(ms * 1_000_000)
    }

    fn intensity(max_restarts: usize, window_ms: u64) -> Intensity {
        Intensity {
            max_restarts,
            window: Duration::from_millis(window_ms).into(),
            ..Intensity::new()
        }
    }

    #[test]
    fn otp_s14_as_many_restarts_as_allowed_then_no_more() {
        let mut three = intensity(3, 1000);
        assert!([0, 1, 2].into_iter().all(|at| three.restart(ms(at))));
        assert!(!three.restart(ms(3)));
    }

    #[test]
    fn otp_s16_none_allowed_means_the_first_failure_is_too_many() {
        assert!(!intensity(0, 1000).restart(ms(0)));
    }

    #[test]
    fn any_number_of_restarts_needs_no_memory() {
        let mut any = intensity(usize::MAX, 1000);
        assert!((0..10_000).all(|at| any.restart(ms(at))));
        assert_eq!(any.count(), 0);
    }

    #[test]
    fn otp_s18_the_window_slides_and_its_far_edge_counts() {
        let mut two = intensity(2, 100);
        assert!(two.restart(ms(0)));
        assert!(two.restart(ms(50)));
        assert!(!two.restart(ms(100)), "0 is exactly 100 ms old and still counts");

        let mut two = intensity(2, 100);
        assert!(two.restart(ms(0)));
        assert!(two.restart(ms(50)));
        assert!(two.restart(ms(101)), "0 has left the window");
        assert!(!two.restart(ms(150)), "50 and 101 are in it");
    }

    proptest::proptest! {
        /// Against the definition: a restart is refused exactly if the window already holds
        /// `max` granted ones.
        #[test]
        fn agrees_with_its_definition(
            max in 0usize..6,
            window in 0u64..50,
            steps in proptest::collection::vec(0u64..30, 0..60),
        ) {
            let mut intensity = intensity(max, window);
            let (mut now, mut granted) = (0, alloc::vec::Vec::new());
            for step in steps {
                now += step;
                let within = granted.iter().filter(|&&at| now - at <= window).count();
                let allowed = intensity.restart(ms(now));
                proptest::prop_assert_eq!(allowed, within < max);
                if allowed {
                    granted.push(now);
                }
            }
        }
    }
}
