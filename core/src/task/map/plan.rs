//! What maps have in common before they start.

use crate::context::Context;
use core::num::NonZeroUsize;

/// How many items are worked on at once unless something else is asked for: enough to hide the
/// waiting of most work, few enough for a server on the other side.
const WIDTH: NonZeroUsize = NonZeroUsize::new(64).unwrap();

/// A map that has not started.
pub(super) struct Plan<S, I, F> {
    pub(super) spawner: S,
    pub(super) items: I,
    pub(super) f: F,
    pub(super) width: NonZeroUsize,
    /// Captured at the call, for every worker.
    pub(super) context: Context,
}

impl<S, I, F> Plan<S, I, F> {
    pub(super) fn new(spawner: S, items: I, f: F) -> Self {
        Self { spawner, items, f, width: WIDTH, context: Context::current() }
    }
}
