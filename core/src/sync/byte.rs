//! A byte that changes in one step, in hardware.

use super::atomic::{AtomicU8, Ordering};

/// An atomic byte with read-modify-write operations, on every platform.
pub(crate) struct AtomicByte(AtomicU8);

impl AtomicByte {
    super::const_fn! {
        pub(crate) const fn new(value: u8) -> Self {
            Self(AtomicU8::new(value))
        }
    }

    #[inline]
    pub(crate) fn load(&self, ordering: Ordering) -> u8 {
        self.0.load(ordering)
    }

    #[inline]
    pub(crate) fn store(&self, value: u8, ordering: Ordering) {
        self.0.store(value, ordering);
    }

    #[inline]
    pub(crate) fn swap(&self, value: u8, ordering: Ordering) -> u8 {
        self.0.swap(value, ordering)
    }

    /// Sets `bits`.
    #[inline]
    pub(crate) fn set(&self, bits: u8, ordering: Ordering) {
        self.0.fetch_or(bits, ordering);
    }

    /// Clears `bits`.
    #[inline]
    pub(crate) fn clear(&self, bits: u8, ordering: Ordering) {
        self.0.fetch_and(!bits, ordering);
    }

    /// Sets the byte to `new` if it is `current`; gives the value before as `Ok` or `Err`.
    #[inline]
    pub(crate) fn compare_exchange(
        &self,
        current: u8,
        new: u8,
        success: Ordering,
        failure: Ordering,
    ) -> Result<u8, u8> {
        self.0.compare_exchange(current, new, success, failure)
    }
}
