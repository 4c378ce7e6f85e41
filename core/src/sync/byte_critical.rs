//! A byte that changes in one step, where only a critical section makes it one.

use core::sync::atomic::{AtomicU8, Ordering};

/// An atomic byte with read-modify-write operations, on every platform.
///
/// A critical section is a stronger fence than any ordering asks for.
pub(crate) struct AtomicByte(AtomicU8);

impl AtomicByte {
    pub(crate) const fn new(value: u8) -> Self {
        Self(AtomicU8::new(value))
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
    pub(crate) fn swap(&self, value: u8, _: Ordering) -> u8 {
        critical_section::with(|_| {
            let before = self.0.load(Ordering::Acquire);
            self.0.store(value, Ordering::Release);
            before
        })
    }

    /// Sets `bits`.
    pub(crate) fn set(&self, bits: u8, _: Ordering) {
        critical_section::with(|_| {
            self.0.store(self.0.load(Ordering::Acquire) | bits, Ordering::Release);
        });
    }

    /// Clears `bits`.
    pub(crate) fn clear(&self, bits: u8, _: Ordering) {
        critical_section::with(|_| {
            self.0.store(self.0.load(Ordering::Acquire) & !bits, Ordering::Release);
        });
    }

    /// Sets the byte to `new` if it is `current`; gives the value before as `Ok` or `Err`.
    #[inline]
    pub(crate) fn compare_exchange(
        &self,
        current: u8,
        new: u8,
        _: Ordering,
        _: Ordering,
    ) -> Result<u8, u8> {
        critical_section::with(|_| {
            let before = self.0.load(Ordering::Acquire);
            if before != current {
                return Err(before);
            }
            self.0.store(new, Ordering::Release);
            Ok(before)
        })
    }
}
