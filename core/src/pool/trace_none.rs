//! Without the feature `tracing`, nothing is emitted.

use super::PoolEvent;

/// Emits nothing.
pub(super) const fn event(_: &PoolEvent<'_>) {}
