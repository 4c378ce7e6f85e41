//! The limit of a scope's time.

use crate::time::{Clock, Instant};
use core::time::Duration;

#[derive(Clone, Copy, Debug)]
pub(super) enum Limit {
    None,
    At(Instant),
    After(Duration),
}

impl Limit {
    /// When it ends that begins now.
    pub(super) fn deadline(self, clock: &impl Clock) -> Instant {
        match self {
            Self::None => Instant::FAR_FUTURE,
            Self::At(deadline) => deadline,
            Self::After(limit) => clock.now().saturating_add(limit),
        }
    }
}

/// How long all cleanups together may take, unless it is said.
pub(super) const CLEANUP: Duration = Duration::from_secs(30);
