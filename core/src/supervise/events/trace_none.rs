//! Without the feature `tracing`, nothing is emitted.

use super::event::Event;

/// Emits nothing.
pub(crate) const fn event(_: &Event<'_>) {}
