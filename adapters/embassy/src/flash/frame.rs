//! Frames on flash, read in parts.

use super::{
    error::FlashError,
    ring::{CHUNK, Chunk, Ring},
};
use embedded_storage_async::nor_flash::NorFlash;
use klaw::checkpoint::{
    HEADER_LEN, Header, RecordKind,
    parts::{Checksum, read_head},
};

/// A value was saved: the key's length (u32, little endian), the key, the value.
pub(super) const SAVED: RecordKind = RecordKind::user(1);
/// A value was removed: as above, without value.
pub(super) const REMOVED: RecordKind = RecordKind::user(2);
/// The copies that a page begins with are whole; pages before the named one (u64) do not count.
pub(super) const BEGUN: RecordKind = RecordKind::user(3);
/// A value as it was saved, written once more when its page became free: as [`SAVED`].
///
/// That it differs shows what in a page was written after it was begun.
pub(super) const COPIED: RecordKind = RecordKind::user(4);
/// The shape of these payloads.
pub(super) const SCHEMA: u32 = 1;

/// Bytes of the key's length.
pub(super) const KEY_LEN: usize = 4;
/// Bytes of the payload of [`BEGUN`].
pub(super) const BEGUN_LEN: usize = 8;

/// A frame and where it is.
#[derive(Clone, Copy)]
pub(super) struct Frame {
    pub(super) position: u64,
    /// With the checksum that it names, which was checked or was not.
    pub(super) head: [u8; HEADER_LEN],
    pub(super) header: Header,
    /// All its bytes, without padding.
    pub(super) len: u64,
}

impl Frame {
    pub(super) const fn payload(&self) -> u64 {
        self.position + HEADER_LEN as u64
    }

    pub(super) const fn payload_len(&self) -> u64 {
        self.len - HEADER_LEN as u64
    }

    /// Whether it holds a value.
    pub(super) fn is_value(&self) -> bool {
        [SAVED, COPIED].contains(&self.header.kind)
    }

    pub(super) fn is_begun(&self) -> bool {
        self.header.kind == BEGUN && self.payload_len() == BEGUN_LEN as u64
    }
}

/// A key at hand, or that of a frame.
#[derive(Clone, Copy)]
pub(super) enum Key<'a> {
    Bytes(&'a [u8]),
    Stored { hash: u64, position: u64, len: u64 },
}

impl Key<'_> {
    pub(super) const fn hash(&self) -> u64 {
        match self {
            Self::Bytes(key) => klaw::checkpoint::key_hash(key),
            Self::Stored { hash, .. } => *hash,
        }
    }

    const fn len(&self) -> u64 {
        match self {
            Self::Bytes(key) => key.len() as u64,
            Self::Stored { len, .. } => *len,
        }
    }
}

impl<F: NorFlash> Ring<F> {
    /// What may be a frame at `position`, from its head alone.
    pub(super) async fn frame(
        &mut self,
        position: u64,
    ) -> Result<Option<Frame>, FlashError<F::Error>> {
        if !Self::has_head(position) {
            return Ok(None);
        }
        let mut head = [0; HEADER_LEN];
        self.read(position, &mut head).await?;
        let Ok((header, len)) = read_head(&head) else { return Ok(None) };
        let len = len as u64;
        let inside = position + Self::padded(len) <= Self::page_end(position);
        Ok(inside.then_some(Frame { position, head, header, len }))
    }

    /// The sound frame at `position`, if there is one.
    pub(super) async fn sound_frame(
        &mut self,
        position: u64,
    ) -> Result<Option<Frame>, FlashError<F::Error>> {
        let Some(frame) = self.frame(position).await? else { return Ok(None) };
        let empty = Checksum::new(&frame.head, position);
        let checksum = self.checksum(&frame, empty).await?;
        Ok(checksum.matches(&frame.head).then_some(frame))
    }

    /// Takes the payload of `frame` into `checksum`.
    pub(super) async fn checksum(
        &mut self,
        frame: &Frame,
        mut checksum: Checksum,
    ) -> Result<Checksum, FlashError<F::Error>> {
        let mut chunk = Chunk::new();
        let (mut at, end) = (frame.payload(), frame.position + frame.len);
        while at < end {
            let len = (end - at).min(CHUNK as u64) as usize;
            self.read(at, &mut chunk.0[..len]).await?;
            checksum = checksum.update(&chunk.0[..len]);
            at += len as u64;
        }
        Ok(checksum)
    }

    /// The key of a frame that saves or removes; `None` if it is no such frame.
    pub(super) async fn key_of(
        &mut self,
        frame: &Frame,
    ) -> Result<Option<Key<'static>>, FlashError<F::Error>> {
        let ours =
            (frame.is_value() || frame.header.kind == REMOVED) && frame.header.schema == SCHEMA;
        if !ours || frame.payload_len() < KEY_LEN as u64 {
            return Ok(None);
        }
        let mut len = [0; KEY_LEN];
        self.read(frame.payload(), &mut len).await?;
        let len = u64::from(u32::from_le_bytes(len));
        let position = frame.payload() + KEY_LEN as u64;
        let inside = len <= frame.payload_len() - KEY_LEN as u64;
        Ok(inside.then_some(Key::Stored { hash: frame.header.key, position, len }))
    }

    /// Whether `frame` saves or removes the value under `key`.
    pub(super) async fn is_about(
        &mut self,
        frame: &Frame,
        key: Key<'_>,
    ) -> Result<bool, FlashError<F::Error>> {
        if frame.header.key != key.hash() {
            return Ok(false);
        }
        let Some(Key::Stored { position, len, .. }) = self.key_of(frame).await? else {
            return Ok(false);
        };
        if len != key.len() {
            return Ok(false);
        }
        let (mut ours, mut other) = ([0; 32], [0; 32]);
        let mut at = 0;
        while at < len {
            let part = (len - at).min(32) as usize;
            self.read(position + at, &mut ours[..part]).await?;
            match key {
                Key::Bytes(key) => other[..part].copy_from_slice(&key[at as usize..][..part]),
                Key::Stored { position, .. } => {
                    self.read(position + at, &mut other[..part]).await?;
                }
            }
            if ours[..part] != other[..part] {
                return Ok(false);
            }
            at += part as u64;
        }
        Ok(true)
    }
}
