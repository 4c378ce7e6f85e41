//! Several wakers taken from a list at once, to be called without its lock.

use core::task::Waker;

const ROOM: usize = 8;

/// Up to eight wakers; those that are not called are called when it is dropped.
pub(crate) struct Batch(heapless::Deque<Waker, ROOM>);

impl Batch {
    pub(crate) const fn new() -> Self {
        Self(heapless::Deque::new())
    }

    pub(crate) fn has_room(&self) -> bool {
        !self.0.is_full()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a waker; calls it at once if there is no room.
    pub(crate) fn push(&mut self, waker: Waker) {
        if let Err(waker) = self.0.push_back(waker) {
            waker.wake();
        }
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        // A waker that panics does not keep those behind it from being called.
        struct Rest<'a>(&'a mut heapless::Deque<Waker, ROOM>);
        impl Rest<'_> {
            fn wake(&mut self) {
                while let Some(waker) = self.0.pop_front() {
                    waker.wake();
                }
            }
        }
        impl Drop for Rest<'_> {
            fn drop(&mut self) {
                self.wake();
            }
        }
        Rest(&mut self.0).wake();
    }
}
