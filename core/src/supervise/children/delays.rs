//! How long a child waits before each of its restarts.

use super::{drive::Factory, incarnation::Incarnation};
use crate::retry::{Backoff, Jitter, Jittered};
use core::time::Duration;

/// The delays of a child's restarts: none before the first, then those of a schedule.
///
/// A child that ran for longer than the restart window begins anew. A schedule that ends keeps
/// its last delay.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use klaw::{Backoff, Jitter, Restart, Strategy, Supervisor, supervise::RestartDelays, task};
///
/// let schedule = Backoff::exponential(Duration::from_millis(100)).max(Duration::from_secs(10));
/// let supervisor = Supervisor::new(Strategy::OneForOne)
///     .max_restarts(20)
///     .child("pump", Restart::OnFailure, || task(async { Err::<(), _>("no water") }))
///     .backoff(RestartDelays::new(schedule).jitter(Jitter::Equal, 42));
/// ```
#[derive(Clone, Debug)]
#[must_use = "they are the delays of a child, see `Supervisor::backoff`"]
pub struct RestartDelays<S> {
    schedule: S,
    current: S,
    jittered: Jittered,
    // Whether the first restart waits as well.
    first_too: bool,
    // Whether the next restart is the first since it began anew.
    first: bool,
    last: Duration,
}

impl<S: Iterator<Item = Duration> + Clone> RestartDelays<S> {
    /// No delay before the first restart, then those of `schedule`.
    pub fn new(schedule: S) -> Self {
        Self {
            current: schedule.clone(),
            schedule,
            jittered: Jittered::new(Jitter::None, 0),
            first_too: false,
            first: true,
            last: Duration::ZERO,
        }
    }

    /// Changes the delays by chance; equal seeds give equal delays.
    pub fn jitter(mut self, jitter: Jitter, seed: u64) -> Self {
        self.jittered = Jittered::new(jitter, seed);
        self
    }

    /// Delays the first restart as well.
    pub const fn first_too(mut self) -> Self {
        self.first_too = true;
        self
    }

    /// The delay before the next restart; `quiet` if the child has run for long.
    fn next(&mut self, quiet: bool) -> Duration {
        if quiet {
            self.current = self.schedule.clone();
            self.jittered.begin_anew();
            self.first = true;
            self.last = Duration::ZERO;
        }
        if core::mem::take(&mut self.first) && !self.first_too {
            return Duration::ZERO;
        }
        if let Some(delay) = self.current.next() {
            self.last = self.jittered.wait(delay);
        }
        self.last
    }
}

/// Whether a child made by `F` waits before its restarts: `()` for not at all, or [`RestartDelays`].
pub trait Delays<F> {
    /// What makes the child's incarnations then.
    type Factory;

    /// Makes it of what makes them without delays.
    fn apply(self, factory: F) -> Self::Factory;
}

impl<F> Delays<F> for () {
    type Factory = F;

    fn apply(self, factory: F) -> F {
        factory
    }
}

impl<F, S> Delays<F> for RestartDelays<S> {
    type Factory = Delayed<F, S>;

    fn apply(self, factory: F) -> Delayed<F, S> {
        Delayed { factory, delays: self }
    }
}

impl From<Backoff> for RestartDelays<Backoff> {
    fn from(schedule: Backoff) -> Self {
        Self::new(schedule)
    }
}

/// A factory whose child waits before it is restarted.
///
/// Made by [`Supervisor::backoff`](crate::supervise::Supervisor::backoff).
#[derive(Clone, Debug)]
pub struct Delayed<F, S> {
    factory: F,
    delays: RestartDelays<S>,
}

impl<F: Factory, S: Iterator<Item = Duration> + Clone> Factory for Delayed<F, S> {
    type Future = F::Future;

    fn make(&mut self) -> F::Future {
        self.factory.make()
    }

    fn control(&self) -> Option<&<F::Future as Incarnation>::Control> {
        self.factory.control()
    }

    fn delay(&mut self, quiet: bool) -> Duration {
        self.delays.next(quiet)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn the_first_restart_is_at_once_and_again_after_a_quiet_time() {
        let mut delays = RestartDelays::new(Backoff::exponential(SECOND).max(SECOND * 3));
        let seconds = [false, false, false, false, true, false].map(|quiet| delays.next(quiet));
        assert_eq!(seconds.map(|delay| delay.as_secs()), [0, 1, 2, 3, 0, 1]);
    }

    #[test]
    fn the_first_restart_waits_if_told_so() {
        let mut delays = RestartDelays::new(Backoff::exponential(SECOND)).first_too();
        let seconds = [false, false, true].map(|quiet| delays.next(quiet).as_secs());
        assert_eq!(seconds, [1, 2, 1]);
    }

    #[test]
    fn a_schedule_that_ends_keeps_its_last_delay() {
        let mut delays = RestartDelays::new([SECOND, SECOND * 5].into_iter());
        let seconds = [false; 5].map(|quiet| delays.next(quiet).as_secs());
        assert_eq!(seconds, [0, 1, 5, 5, 5]);
    }

    #[test]
    fn chance_goes_on_where_the_schedule_begins_anew() {
        let mut delays =
            RestartDelays::new(Backoff::constant(SECOND)).jitter(Jitter::Full, 7).first_too();
        let waits: alloc::vec::Vec<_> = (0..50).map(|_| delays.next(true)).collect();
        assert!(waits.iter().all(|wait| *wait <= SECOND));
        assert!(waits.windows(2).all(|pair| pair[0] != pair[1]), "{waits:?}");
    }
}
