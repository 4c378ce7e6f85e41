//! Whether messages that are there may be taken.

use super::{Ring, Slot};
use crate::sync::{ACQUIRE, AtomicByte, Ordering, RELEASE, Sharing, const_fn};

/// Requests to whoever takes messages; while there is one, none is taken.
///
/// It is looked at when a message is known to be there, before that is taken: so what was
/// requested before a message was put is heard before that message is taken. To who takes, the
/// channel is closed then.
pub(crate) struct Gate(AtomicByte);

impl Gate {
    const_fn! {
        pub(super) const fn new() -> Self {
            Self(AtomicByte::new(0))
        }
    }

    #[inline(always)]
    pub(crate) fn is_shut(&self) -> bool {
        // What was stored before a message was put is seen by who saw the flag of its slot (R2).
        self.0.load(Ordering::Relaxed) != 0
    }

    /// What is requested.
    #[inline]
    pub(crate) fn requests(&self) -> u8 {
        self.0.load(ACQUIRE)
    }

    pub(crate) fn request(&self, request: u8) {
        self.0.set(request, RELEASE);
    }

    pub(crate) fn forget(&self, request: u8) {
        if self.0.load(Ordering::Relaxed) & request != 0 {
            self.clear(request);
        }
    }

    #[cold]
    #[inline(never)]
    fn clear(&self, request: u8) {
        self.0.clear(request, Ordering::Relaxed);
    }
}

impl<T, M: Sharing> Ring<T, [Slot<T>], M> {
    #[inline(always)]
    pub(crate) fn gate(&self) -> &Gate {
        &self.consumers().gate
    }
}
