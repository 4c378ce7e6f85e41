//! Without the feature `defmt`, nothing is emitted there.

use super::event::Event;

/// Emits nothing.
pub(crate) const fn event(_: &Event<'_>) {}
