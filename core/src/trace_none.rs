//! Without the feature `tracing`, nothing is emitted.

use crate::supervise::Event;

/// Emits nothing.
pub(crate) const fn event(_: &Event<'_>) {}
