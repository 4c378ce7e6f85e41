//! Where there may be one processor only, or one thread at a time, a task parks at once.

/// Nothing, since nobody asks for it.
pub(crate) struct Mark;

impl Mark {
    pub(crate) const fn new() -> Self {
        Self
    }

    #[inline]
    pub(crate) fn set(&self, _: impl FnOnce() -> usize) {}

    pub(crate) const fn thread(&self) -> u32 {
        0
    }

    pub(crate) const fn count(&self) -> u32 {
        0
    }
}

pub(crate) struct Spin;

impl Spin {
    pub(crate) const fn new() -> Self {
        Self
    }

    pub(crate) fn until(&self, _: impl FnOnce() -> u32, _: bool, _: impl Fn(bool) -> bool) -> bool {
        false
    }
}
