//! References that do not count.

use super::{Arc, shared::Weak};

pub(crate) fn downgrade<T>(counted: &Arc<T>) -> Weak<T> {
    Arc::downgrade(counted)
}
