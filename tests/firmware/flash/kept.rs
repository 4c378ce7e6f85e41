//! Memory that a reset does not touch: the place of the flash double, and notes across resets.

use core::{
    ptr,
    sync::atomic::{AtomicU32, Ordering},
};

unsafe extern "C" {
    // Where memory.x puts 8 KiB that belong to nothing else.
    static _kept_start: AtomicU32;
}

/// Words that are kept.
const WORDS: usize = 2048;
/// Those of the notes; the others are the flash double's.
const NOTES: usize = 16;
/// Bytes of the flash double.
pub(crate) const FLASH: usize = 4 * 1024;

/// The word with this number.
fn word(n: usize) -> &'static AtomicU32 {
    assert!(n < WORDS, "beyond the memory that is kept");
    // SAFETY: the linker script sets the region apart, aligned and of this length; all of it is only
    // ever reached as atomic words, for which any bits are valid.
    unsafe { &*ptr::addr_of!(_kept_start).add(n) }
}

/// A word of the flash double.
pub(crate) fn flash_word(n: usize) -> &'static AtomicU32 {
    assert!(n < FLASH / 4, "beyond the flash");
    word(NOTES + n)
}

/// Numbers that outlast a reset.
#[derive(Clone, Copy)]
pub(crate) enum Note {
    /// Another number than after power came.
    Mark,
    Boots,
    /// The last value whose save returned.
    Acknowledged,
    /// Resets in the midst of a write, and of an erase.
    CutWrites,
    CutErases,
}

impl Note {
    pub(crate) fn get(self) -> u32 {
        word(self as usize).load(Ordering::Relaxed)
    }

    pub(crate) fn set(self, value: u32) {
        word(self as usize).store(value, Ordering::Relaxed);
    }

    pub(crate) fn add_one(self) {
        self.set(self.get() + 1);
    }
}
