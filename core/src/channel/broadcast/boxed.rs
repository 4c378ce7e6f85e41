//! The slots of a heap broadcast.

use super::slot::Slot;
use alloc::vec::Vec;

/// The slots of a heap broadcast; empty for an inline one.
pub(super) type Boxed<T> = Vec<Slot<T>>;

/// What an inline broadcast has instead.
pub(super) const fn nothing<T>() -> Boxed<T> {
    Vec::new()
}
