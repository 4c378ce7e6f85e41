//! Where there may be one processor only, or one thread at a time, a task parks at once.

pub(crate) const fn this_thread() -> usize {
    0
}

pub(crate) struct Spin;

impl Spin {
    pub(crate) const fn new() -> Self {
        Self
    }

    pub(crate) fn until(
        &self,
        _: impl FnOnce() -> usize,
        _: bool,
        _: impl Fn(bool) -> bool,
    ) -> bool {
        false
    }
}
