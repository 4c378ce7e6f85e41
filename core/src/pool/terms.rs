//! How the members of a pool are treated.

use crate::supervise::{Intensity, Restart};
use core::time::Duration;

/// How many failures within how long are too many.
#[derive(Clone, Copy)]
pub(super) struct Budget {
    pub(super) max: usize,
    pub(super) window: Duration,
}

impl Budget {
    /// The same, to be spent.
    pub(super) fn intensity(self) -> Intensity {
        let mut intensity = Intensity::new();
        intensity.max_restarts = self.max;
        intensity.window = self.window.into();
        intensity
    }
}

/// How the members are treated.
#[derive(Clone, Copy)]
pub(super) struct Terms {
    pub(super) capacity: usize,
    pub(super) restart: Restart,
    pub(super) restarts: Budget,
    pub(super) replacements: Budget,
}
