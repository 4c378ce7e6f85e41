//! Without a heap, all slots are inline.

use super::slot::Slot;

/// The slots of a heap broadcast: none without a heap.
pub(super) type Boxed<T> = [Slot<T>; 0];

/// What an inline broadcast has instead.
pub(super) const fn nothing<T>() -> Boxed<T> {
    []
}
