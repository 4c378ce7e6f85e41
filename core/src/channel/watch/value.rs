//! A value as it was when it was looked at.

use core::{fmt, ops::Deref};

/// The value of a channel as it was when it was looked at: a clone, not a borrow.
///
/// It holds no lock, so it may be kept for as long as one likes, also over an `.await`.
#[derive(Clone)]
pub struct Ref<T> {
    value: T,
    changed: bool,
}

impl<T> Ref<T> {
    pub(super) const fn new(value: T, changed: bool) -> Self {
        Self { value, changed }
    }

    /// The value itself.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// Whether the receiver had not seen this version before; `false` from a sender.
    pub const fn has_changed(&self) -> bool {
        self.changed
    }
}

impl<T> Deref for Ref<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Ref<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ref").field("value", &self.value).field("changed", &self.changed).finish()
    }
}
