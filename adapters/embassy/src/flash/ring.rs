//! A range of a flash device as an endless row of bytes.

use super::error::FlashError;
use core::ops::Range;
use embedded_storage_async::nor_flash::NorFlash;
use klaw::checkpoint::{FileHeaderError, HEADER_LEN, PageHeader};

/// Bytes that are read or written at once where a frame is taken in parts.
pub(super) const CHUNK: usize = 256;

/// Memory that a device may read or write by DMA.
#[repr(align(4))]
pub(super) struct Chunk(pub(super) [u8; CHUNK]);

impl Chunk {
    pub(super) const fn new() -> Self {
        Self([0xff; CHUNK])
    }
}

/// Pages of a device, used one after the other and round again.
///
/// The byte at `position` of the log lies in page `position / PAGE`, which is erased and used again
/// for the page whose number is greater by the count of pages.
pub(super) struct Ring<F> {
    flash: F,
    start: u32,
    pages: u32,
}

impl<F: NorFlash> Ring<F> {
    /// Bytes of a page.
    pub(super) const PAGE: u64 = F::ERASE_SIZE as u64;
    /// What headers and frames start at multiples of.
    const ALIGN: u64 = {
        let mut align = 4;
        if F::WRITE_SIZE > align {
            align = F::WRITE_SIZE;
        }
        assert!(align.is_multiple_of(F::WRITE_SIZE), "write sizes are powers of two");
        assert!(CHUNK.is_multiple_of(align), "no more than a chunk is written at once");
        assert!(CHUNK.is_multiple_of(F::READ_SIZE), "no more than a chunk is read at once");
        assert!(F::ERASE_SIZE.is_multiple_of(align), "pages hold whole words");
        assert!(F::ERASE_SIZE.is_multiple_of(F::READ_SIZE), "pages hold whole words");
        assert!(F::ERASE_SIZE <= 1 << 24, "a page is no longer than a frame may be");
        align as u64
    };

    /// The part of `flash` at the addresses `range`.
    pub(super) fn new(flash: F, range: Range<u32>) -> Result<Self, FlashError<F::Error>> {
        let page = F::ERASE_SIZE as u32;
        let whole = range.start.is_multiple_of(page) && range.end.is_multiple_of(page);
        let pages = range.end.saturating_sub(range.start) / page;
        if !whole || pages < 2 || range.end as usize > flash.capacity() {
            return Err(FlashError::BadRange);
        }
        Ok(Self { flash, start: range.start, pages })
    }

    pub(super) fn into_flash(self) -> F {
        self.flash
    }

    /// How many pages there are.
    pub(super) fn pages(&self) -> u64 {
        self.pages.into()
    }

    /// The length of `len` bytes with padding.
    pub(super) const fn padded(len: u64) -> u64 {
        len.next_multiple_of(Self::ALIGN)
    }

    /// Where the first frame of a page is.
    pub(super) const fn frames(number: u64) -> u64 {
        number * Self::PAGE + Self::padded(PageHeader::LEN as u64)
    }

    /// Where the page with `position` ends.
    pub(super) const fn page_end(position: u64) -> u64 {
        (position / Self::PAGE + 1) * Self::PAGE
    }

    /// Where the frame that may stand behind `position` can be.
    pub(super) const fn next_place(position: u64) -> u64 {
        position + Self::ALIGN
    }

    /// Whether the bytes of a frame's head from `position` on are in one page.
    pub(super) const fn has_head(position: u64) -> bool {
        position + HEADER_LEN as u64 <= Self::page_end(position)
    }

    /// The device's address of the byte at `position`.
    pub(super) fn address(&self, position: u64) -> u32 {
        // Less than the range's length, which has 32 bits.
        let page = (position / Self::PAGE % self.pages()) * Self::PAGE;
        self.start + (page + position % Self::PAGE) as u32
    }

    pub(super) fn corrupt(&self, position: u64) -> FlashError<F::Error> {
        FlashError::Corrupt { address: self.address(position) }
    }

    /// Reads bytes of one page; they need not be the device's words.
    pub(super) async fn read(
        &mut self,
        position: u64,
        out: &mut [u8],
    ) -> Result<(), FlashError<F::Error>> {
        let mut address = self.address(position);
        let word = F::READ_SIZE;
        let mut rest = out;
        while !rest.is_empty() {
            let skip = address as usize % word;
            if skip == 0 && rest.len() >= word {
                let whole = rest.len() - rest.len() % word;
                let (now, later) = rest.split_at_mut(whole);
                self.flash.read(address, now).await?;
                (address, rest) = (address + whole as u32, later);
            } else {
                let mut chunk = Chunk::new();
                let bytes = &mut chunk.0[..word];
                self.flash.read(address - skip as u32, bytes).await?;
                let len = rest.len().min(word - skip);
                let (now, later) = rest.split_at_mut(len);
                now.copy_from_slice(&bytes[skip..skip + len]);
                (address, rest) = (address + len as u32, later);
            }
        }
        Ok(())
    }

    /// Programs whole words of one page.
    pub(super) async fn write(
        &mut self,
        position: u64,
        bytes: &[u8],
    ) -> Result<(), FlashError<F::Error>> {
        Ok(self.flash.write(self.address(position), bytes).await?)
    }

    /// Erases a page.
    pub(super) async fn erase(&mut self, number: u64) -> Result<(), FlashError<F::Error>> {
        let from = self.address(number * Self::PAGE);
        Ok(self.flash.erase(from, from + F::ERASE_SIZE as u32).await?)
    }

    /// Whether nothing was programmed from `position` to the end of its page.
    pub(super) async fn is_blank(&mut self, position: u64) -> Result<bool, FlashError<F::Error>> {
        let end = Self::page_end(position);
        let mut at = position;
        let mut chunk = Chunk::new();
        while at < end {
            let len = (end - at).min(CHUNK as u64) as usize;
            self.read(at, &mut chunk.0[..len]).await?;
            if chunk.0[..len].iter().any(|&byte| byte != 0xff) {
                return Ok(false);
            }
            at += len as u64;
        }
        Ok(true)
    }

    /// The header in the place of page `number`, whichever page was begun there last.
    pub(super) async fn header(
        &mut self,
        number: u64,
    ) -> Result<Option<PageHeader>, FlashError<F::Error>> {
        let mut bytes = [0; PageHeader::LEN];
        self.read(number * Self::PAGE, &mut bytes).await?;
        match PageHeader::decode(&bytes) {
            Ok(header) => Ok(Some(header)),
            Err(FileHeaderError::OtherVersion { found }) => Err(FlashError::OtherVersion { found }),
            Err(_) => Ok(None),
        }
    }

    /// The header of page `number`, which is part of the log.
    pub(super) async fn header_of(
        &mut self,
        number: u64,
    ) -> Result<PageHeader, FlashError<F::Error>> {
        match self.header(number).await? {
            Some(header) if header.number == number => Ok(header),
            _ => Err(self.corrupt(number * Self::PAGE)),
        }
    }
}
