//! Loom has no weak references: these count. A model has to break its circles by itself, and leaves
//! out the end of the last counted reference.

use super::Arc;

pub(crate) struct Weak<T>(Arc<T>);

pub(crate) fn downgrade<T>(counted: &Arc<T>) -> Weak<T> {
    Weak(counted.clone())
}

impl<T> Clone for Weak<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Weak<T> {
    pub(crate) fn upgrade(&self) -> Option<Arc<T>> {
        Some(self.0.clone())
    }
}
