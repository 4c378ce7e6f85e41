//! Schedules: how long to wait before each further call.

use core::{iter::FusedIterator, num::NonZeroU32, time::Duration};

/// How long to wait before each further call.
///
/// Exact to the nanosecond; what would overflow stays at [`Duration::MAX`], or at
/// [`max`](Self::max). It has no end unless [`attempts`](Self::attempts) gives it one.
///
/// # Examples
///
/// ```
/// use core::{num::NonZeroU32, time::Duration};
/// use klaw::retry::Backoff;
///
/// let (first, most) = (Duration::from_millis(100), Duration::from_millis(300));
/// let schedule = Backoff::exponential(first).max(most).attempts(NonZeroU32::new(4).unwrap());
/// let delays: Vec<u128> = schedule.map(|delay| delay.as_millis()).collect();
/// assert_eq!(delays, [100, 200, 300]);
/// ```
#[derive(Clone, Debug)]
#[must_use = "it is a schedule for `retry`, or an iterator"]
pub struct Backoff {
    current: Duration,
    growth: Growth,
    max: Duration,
    // How many delays are left, if that is bounded.
    left: Option<u32>,
}

#[derive(Clone, Debug)]
enum Growth {
    None,
    Add(Duration),
    Multiply(u32),
    Fibonacci { next: Duration },
}

impl Backoff {
    const fn new(first: Duration, growth: Growth) -> Self {
        Self { current: first, growth, max: Duration::MAX, left: None }
    }

    /// The same delay each time.
    pub const fn constant(delay: Duration) -> Self {
        Self::new(delay, Growth::None)
    }

    /// Delays that grow by the first one: once, twice, three times `first`.
    pub const fn linear(first: Duration) -> Self {
        Self::new(first, Growth::Add(first))
    }

    /// Delays that double: once, twice, four times `first`.
    pub const fn exponential(first: Duration) -> Self {
        Self::new(first, Growth::Multiply(2))
    }

    /// Delays of which each is the sum of the two before: 1, 1, 2, 3, 5 times `first`.
    pub const fn fibonacci(first: Duration) -> Self {
        Self::new(first, Growth::Fibonacci { next: first })
    }

    /// Multiplies by `factor` instead of what it grows by: delay `k` is the first one times
    /// `factor` to the power of `k`.
    pub const fn factor(self, factor: u32) -> Self {
        Self { growth: Growth::Multiply(factor), ..self }
    }

    /// No delay is longer than `max`.
    ///
    /// Not [`Iterator::max`], which this hides.
    pub const fn max(self, max: Duration) -> Self {
        Self { max, ..self }
    }

    /// As many calls in all, the first one included; so it has one delay less.
    pub const fn attempts(self, calls: NonZeroU32) -> Self {
        Self { left: Some(calls.get() - 1), ..self }
    }
}

impl Iterator for Backoff {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        if let Some(left) = &mut self.left {
            *left = left.checked_sub(1)?;
        }
        let delay = self.current;
        match &mut self.growth {
            Growth::None => {}
            Growth::Add(step) => self.current = delay.saturating_add(*step),
            Growth::Multiply(factor) => self.current = delay.saturating_mul(*factor),
            Growth::Fibonacci { next } => {
                self.current = *next;
                *next = next.saturating_add(delay);
            }
        }
        Some(delay.min(self.max))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self.left {
            Some(left) => (left as usize, Some(left as usize)),
            None => (usize::MAX, None),
        }
    }
}

impl FusedIterator for Backoff {}
