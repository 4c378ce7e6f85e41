//! A NOR flash in memory that is kept, with resets in the midst of what it does.
//!
//! QEMU does not emulate the controller of the chip's own flash.

use crate::kept::{FLASH, Note, flash_word};
use core::sync::atomic::Ordering;
use cortex_m::peripheral::SCB;
use embedded_storage_async::nor_flash::{ErrorType, NorFlash, NorFlashErrorKind, ReadNorFlash};

const WORD: usize = 4;
const PAGE: usize = 1024;

/// Resets the chip when so many words were programmed or erased.
pub(crate) struct Nor {
    words_left: u32,
}

impl Nor {
    /// Never resets.
    pub(crate) const fn new() -> Self {
        Self { words_left: u32::MAX }
    }

    pub(crate) const fn resets_after(words: u32) -> Self {
        Self { words_left: words }
    }

    fn step(&mut self, cut: Note) {
        if self.words_left == 0 {
            cut.add_one();
            SCB::sys_reset();
        }
        if self.words_left != u32::MAX {
            self.words_left -= 1;
        }
    }
}

impl ErrorType for Nor {
    type Error = NorFlashErrorKind;
}

impl ReadNorFlash for Nor {
    const READ_SIZE: usize = 1;

    async fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Self::Error> {
        for (at, byte) in (offset as usize..).zip(bytes) {
            *byte = flash_word(at / WORD).load(Ordering::Relaxed).to_le_bytes()[at % WORD];
        }
        Ok(())
    }

    fn capacity(&self) -> usize {
        FLASH
    }
}

impl NorFlash for Nor {
    const WRITE_SIZE: usize = WORD;
    const ERASE_SIZE: usize = PAGE;

    async fn erase(&mut self, from: u32, to: u32) -> Result<(), Self::Error> {
        for n in from as usize / WORD..to as usize / WORD {
            self.step(Note::CutErases);
            flash_word(n).store(u32::MAX, Ordering::Relaxed);
        }
        Ok(())
    }

    async fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Self::Error> {
        assert!(offset.is_multiple_of(4) && bytes.len().is_multiple_of(WORD), "whole words");
        let (words, _) = bytes.as_chunks::<WORD>();
        for (n, bytes) in (offset as usize / WORD..).zip(words) {
            self.step(Note::CutWrites);
            let word = flash_word(n);
            assert_eq!(word.load(Ordering::Relaxed), u32::MAX, "programmed twice");
            word.store(u32::from_le_bytes(*bytes), Ordering::Relaxed);
        }
        Ok(())
    }
}
