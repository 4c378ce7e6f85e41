//! Without the feature `tracing`, nothing is emitted.

use core::{fmt::Debug, time::Duration};

/// Emits nothing.
pub(super) const fn waiting(_: u32, _: Duration, _: &dyn Debug) {}
