//! Checkpoints on NOR flash, without a heap.
//!
//! The log of records that files use ([`klaw::checkpoint::record`]) lies on a ring of pages; a page
//! is what the device erases at once. Each begins with a [`PageHeader`](klaw::checkpoint::PageHeader).
//! When the ring has only one free page left, the next one begins with copies of what still counts
//! in the oldest, and then a mark which says that the oldest is free. So there is always a free page,
//! every page is erased equally often, and a power cut at any moment leaves either the old or the
//! new state.
//!
//! Where a power cut tore a frame, its page is written to no more: bytes that were programmed are
//! never programmed again without an erase. The header of the next page says how far it counts.

mod append;
mod error;
mod frame;
mod gather;
mod log;
mod ring;
mod scan;

pub use error::FlashError;

use append::Pen;
use core::{fmt, ops::Range};
use embedded_storage_async::nor_flash::NorFlash;
use frame::{KEY_LEN, Key, REMOVED, SAVED};
use klaw::checkpoint::{Checkpointer, HEADER_LEN, RecordKind, parts::Checksum};
use log::{Log, room};
use ring::Ring;

/// Keeps checkpoints in a range of a flash device.
///
/// A save writes one record; every so often it first erases a page and copies what counts in
/// another one. Loading reads the heads of records from the newest page on. In memory there are a
/// few words, whatever the flash holds.
///
/// A value of `n` bytes is always taken as long as the records of all values fit into all pages but
/// one with room for it left in each. A record takes 45 bytes, the key and the value.
///
/// ```no_run
/// use klaw_embassy::{Checkpointer, flash::{FlashCheckpointer, FlashError}};
/// # use embedded_storage_async::nor_flash::NorFlash;
///
/// # async fn example<F: NorFlash>(mut flash: F) -> Result<(), FlashError<F::Error>> {
/// let mut store = FlashCheckpointer::open(&mut flash, 0x10000..0x14000).await?;
/// store.save(b"counter", &7_u32.to_le_bytes()).await?; // durable from here on
///
/// let mut buf = [0; 16];
/// assert_eq!(store.load(b"counter", &mut buf).await?, Some(&[7, 0, 0, 0][..]));
/// # Ok(())
/// # }
/// ```
pub struct FlashCheckpointer<F> {
    ring: Ring<F>,
    /// Not known while something is being written, nor after that failed or was dropped.
    log: Option<Log>,
}

impl<F: NorFlash> FlashCheckpointer<F> {
    /// The longest key and value, taken together.
    pub const MAX_LEN: usize = room::<F>() as usize - HEADER_LEN - KEY_LEN;

    /// Opens the store in the pages of `flash` at the addresses `range`.
    ///
    /// Reads all that is there and writes nothing. Pass `&mut flash` to keep the device if it fails.
    ///
    /// # Errors
    ///
    /// [`BadRange`](FlashError::BadRange) if the range is not two or more whole pages;
    /// [`NotFormatted`](FlashError::NotFormatted), [`OtherVersion`](FlashError::OtherVersion) or
    /// [`Corrupt`](FlashError::Corrupt) if what is there cannot be used; the device's own.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future changes nothing.
    pub async fn open(flash: F, range: Range<u32>) -> Result<Self, FlashError<F::Error>> {
        let mut ring = Ring::new(flash, range)?;
        let log = ring.scan().await?;
        Ok(Self { ring, log: Some(log) })
    }

    /// Gives the device back.
    pub fn into_flash(self) -> F {
        self.ring.into_flash()
    }

    /// Where the log stands; looks again if that is not known.
    async fn log(&mut self) -> Result<Log, FlashError<F::Error>> {
        if let Some(log) = self.log {
            return Ok(log);
        }
        let log = self.ring.scan().await?;
        self.log = Some(log);
        Ok(log)
    }

    /// Begins pages until there is room for `len` bytes; `None` if there never will be.
    async fn make_room(&mut self, len: u64) -> Result<Option<(Log, u64)>, FlashError<F::Error>> {
        let mut log = self.log().await?;
        if log.place::<F>(len).is_none() && !self.ring.will_have_room(&log, len).await? {
            return Ok(None);
        }
        loop {
            if let Some(at) = log.place::<F>(len) {
                return Ok(Some((log, at)));
            }
            log = self.begin_page(&log, None).await?;
        }
    }

    async fn begin_page(
        &mut self,
        log: &Log,
        without: Option<&[u8]>,
    ) -> Result<Log, FlashError<F::Error>> {
        self.log = None;
        let log = self.ring.begin_page(log, without).await?;
        self.log = Some(log);
        Ok(log)
    }

    /// Writes a record about `key` if there is room for it.
    async fn put(
        &mut self,
        kind: RecordKind,
        key: &[u8],
        value: &[u8],
    ) -> Result<bool, FlashError<F::Error>> {
        let len = Ring::<F>::padded((HEADER_LEN + KEY_LEN + key.len() + value.len()) as u64);
        let Some((log, at)) = self.make_room(len).await? else { return Ok(false) };
        let pen = Pen { at, seq: log.next_seq, epoch: log.epoch };
        self.log = None;
        let Pen { at, seq, .. } = self.ring.put(pen, kind, key, value).await?;
        self.log = Some(Log { end: Some(at), next_seq: seq, ..log });
        Ok(true)
    }
}

impl<F: NorFlash> Checkpointer for FlashCheckpointer<F> {
    type Error = FlashError<F::Error>;

    async fn load<'b>(
        &mut self,
        key: &[u8],
        buf: &'b mut [u8],
    ) -> Result<Option<&'b [u8]>, Self::Error> {
        let log = self.log().await?;
        let frame = match self.ring.find(&log, Key::Bytes(key)).await? {
            Some(frame) if frame.is_value() => frame,
            _ => return Ok(None),
        };
        let value = frame.payload() + (KEY_LEN + key.len()) as u64;
        let len = (frame.position + frame.len - value) as usize;
        let Some(buf) = buf.get_mut(..len) else {
            return Err(FlashError::BufferTooSmall { needed: len });
        };
        self.ring.read(value, buf).await?;
        // The value as it was read: it may have changed since the scan.
        let checksum = Checksum::new(&frame.head, frame.position)
            .update(&(key.len() as u32).to_le_bytes())
            .update(key)
            .update(buf);
        if !checksum.matches(&frame.head) {
            return Err(self.ring.corrupt(frame.position));
        }
        Ok(Some(buf))
    }

    async fn save(&mut self, key: &[u8], value: &[u8]) -> Result<(), Self::Error> {
        let len = key.len().saturating_add(value.len());
        if len > Self::MAX_LEN {
            return Err(FlashError::TooLong { len, max: Self::MAX_LEN });
        }
        if self.put(SAVED, key, value).await? { Ok(()) } else { Err(FlashError::Full) }
    }

    async fn remove(&mut self, key: &[u8]) -> Result<(), Self::Error> {
        let mut log = self.log().await?;
        let frame = match self.ring.find(&log, Key::Bytes(key)).await? {
            Some(frame) if frame.is_value() => frame,
            _ => return Ok(()),
        };
        if self.put(REMOVED, key, &[]).await? {
            return Ok(());
        }
        // No room to say so: go round until the value is left behind.
        while log.tail <= frame.position / Ring::<F>::PAGE {
            log = self.begin_page(&log, Some(key)).await?;
        }
        Ok(())
    }
}

impl<F> fmt::Debug for FlashCheckpointer<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FlashCheckpointer").field("log", &self.log).finish_non_exhaustive()
    }
}

/// Erases the pages of `flash` at the addresses `range`, for a new store.
///
/// # Errors
///
/// [`BadRange`](FlashError::BadRange) if the range is not two or more whole pages; the device's own.
///
/// # Cancel safety
///
/// A dropped future leaves some pages erased and some not; format them again.
pub async fn format<F: NorFlash>(flash: F, range: Range<u32>) -> Result<(), FlashError<F::Error>> {
    let mut ring = Ring::new(flash, range)?;
    for page in 0..ring.pages() {
        ring.erase(page).await?;
    }
    Ok(())
}
