//! Tokens on the heap.

use super::{Cancel, CancelToken};
use crate::sync::Arc;

impl CancelToken {
    /// A token for a request of its own, shared by its clones.
    #[must_use]
    pub fn new() -> Self {
        Self::shared(Arc::new(Cancel::new()))
    }
}

impl Default for CancelToken {
    fn default() -> Self {
        Self::new()
    }
}
