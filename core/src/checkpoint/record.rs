//! The record format: the same bytes in a file and on flash.
//!
//! A log is a [file header](crate::checkpoint::FileHeader) and then frames, one behind the other
//! without padding, and zeros (or erased flash) up to its end. All numbers are little endian.
//!
//! | offset | field | type | meaning |
//! |---|---|---|---|
//! | 0 | `len` | u32 | length of the whole frame, 41 and up; 0 is where the log ends |
//! | 4 | `crc` | u32 | CRC-32C over the frame's position in the log (u64) and all other bytes |
//! | 8 | `epoch` | u32 | how many times the log had been opened for writing |
//! | 12 | `seq` | u64 | the record's number, one more than the one before it |
//! | 20 | `synced_upto` | u64 | everything before this position was durable when this was written |
//! | 28 | `kind` | u8 | [`RecordKind`] |
//! | 29 | `schema` | u32 | version or shape of the payload, the writer's own |
//! | 33 | `key` | u64 | [`key_hash`] of what the record is about |
//! | 41 | payload | bytes | |
//!
//! The position is part of the checksum, though not of the bytes, so that a frame counts only
//! where it was written: neither a log kept *inside* a payload nor a block that the disk put in
//! the wrong place can pass for a record of this log.

use super::crc32c::Crc32c;
use core::fmt;

/// Bytes of a frame before its payload.
pub const HEADER_LEN: usize = 41;

/// The longest payload of one record, 16 MiB.
pub const MAX_PAYLOAD: usize = 1 << 24;

/// What a record is: one of the log's own marks or one of the user's kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordKind(u8);

impl RecordKind {
    /// The log was opened for writing; its epoch starts here.
    pub const OPENED: Self = Self(0xff);
    /// The log was closed in order; everything before this mark is durable.
    pub const CLOSED: Self = Self(0xfe);
    /// The first of the sixteen kinds kept for the log itself.
    const FIRST_SYSTEM: u8 = 0xf0;

    /// The user's kind number `n`.
    ///
    /// # Panics
    ///
    /// If `n` is 240 or more: those are the log's own. In a `const` that is a compile error.
    pub const fn user(n: u8) -> Self {
        assert!(n < Self::FIRST_SYSTEM, "record kinds 240 to 255 are the log's own");
        Self(n)
    }

    /// Whether this kind is the log's own; a reader skips those it does not know.
    pub const fn is_system(self) -> bool {
        self.0 >= Self::FIRST_SYSTEM
    }

    /// The kind's byte in a frame.
    pub const fn as_u8(self) -> u8 {
        self.0
    }
}

/// The fields of a frame besides its length, checksum and payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// How many times the log had been opened for writing.
    pub epoch: u32,
    /// The record's number in its log.
    pub seq: u64,
    /// Everything before this position was durable when the record was written.
    pub synced_upto: u64,
    /// What the record is.
    pub kind: RecordKind,
    /// Version or shape of the payload, the writer's own.
    pub schema: u32,
    /// [`key_hash`] of what the record is about.
    pub key: u64,
}

/// One record, its payload borrowed from the bytes it was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// The frame's fields.
    pub header: Header,
    /// The user's bytes.
    pub payload: &'a [u8],
}

/// Hashes the key of a record: FNV-1a, 64 bits, the same on every platform and in every version.
pub const fn key_hash(key: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut i = 0;
    while i < key.len() {
        hash = (hash ^ key[i] as u64).wrapping_mul(0x0000_0100_0000_01b3);
        i += 1;
    }
    hash
}

/// Writes a whole frame for position `at` to the front of `out` and returns its length.
///
/// # Errors
///
/// [`EncodeError`] when the payload or `out` does not fit.
///
/// ```
/// use klaw::checkpoint::{Header, Record, RecordKind, decode, encode, key_hash};
///
/// const STEP: RecordKind = RecordKind::user(1);
/// let header =
///     Header { epoch: 1, seq: 7, synced_upto: 0, kind: STEP, schema: 1, key: key_hash(b"fetch") };
/// let record = Record { header, payload: b"200 OK" };
///
/// let mut bytes = [0; 64];
/// let len = encode(&record, 24, &mut bytes)?;
/// assert_eq!(decode(&bytes[..len], 24), Ok((record, len)));
/// # Ok::<(), klaw::checkpoint::EncodeError>(())
/// ```
pub fn encode(record: &Record<'_>, at: u64, out: &mut [u8]) -> Result<usize, EncodeError> {
    let head = layout(&record.header, record.payload.len())?;
    let len = HEADER_LEN + record.payload.len();
    let Some(frame) = out.get_mut(..len) else {
        return Err(EncodeError::NoRoom { needed: len });
    };
    frame[..HEADER_LEN].copy_from_slice(&head);
    frame[HEADER_LEN..].copy_from_slice(record.payload);
    seal(frame, at, record.header.synced_upto);
    Ok(len)
}

/// Lays out the bytes before a payload of `payload_len` bytes, still without checksum.
///
/// For writers that gather frames first and [`seal`] them when they know where they go.
///
/// # Errors
///
/// [`EncodeError::TooLong`] when the payload is longer than [`MAX_PAYLOAD`].
pub fn layout(header: &Header, payload_len: usize) -> Result<[u8; HEADER_LEN], EncodeError> {
    if payload_len > MAX_PAYLOAD {
        return Err(EncodeError::TooLong { len: payload_len });
    }
    let mut head = [0; HEADER_LEN];
    head[0..4].copy_from_slice(&((HEADER_LEN + payload_len) as u32).to_le_bytes());
    head[8..12].copy_from_slice(&header.epoch.to_le_bytes());
    head[12..20].copy_from_slice(&header.seq.to_le_bytes());
    head[20..28].copy_from_slice(&header.synced_upto.to_le_bytes());
    head[28] = header.kind.0;
    head[29..33].copy_from_slice(&header.schema.to_le_bytes());
    head[33..41].copy_from_slice(&header.key.to_le_bytes());
    Ok(head)
}

/// Completes a frame that was [laid out](layout): where it stands, and what is durable before it.
///
/// # Panics
///
/// If `frame` is shorter than [`HEADER_LEN`].
pub fn seal(frame: &mut [u8], at: u64, synced_upto: u64) {
    frame[20..28].copy_from_slice(&synced_upto.to_le_bytes());
    let crc = checksum(frame, at);
    frame[4..8].copy_from_slice(&crc.to_le_bytes());
}

/// Reads the frame at the front of `bytes`, which stands at position `at`, and its length.
///
/// # Errors
///
/// [`DecodeError`] says why there is no whole and sound frame.
pub fn decode(bytes: &[u8], at: u64) -> Result<(Record<'_>, usize), DecodeError> {
    let len = frame_len(bytes)?;
    let Some(frame) = bytes.get(..len) else {
        return Err(DecodeError::Incomplete { needed: len });
    };
    if u32_at(frame, 4) != checksum(frame, at) {
        return Err(DecodeError::BadChecksum);
    }
    Ok((Record { header: header_of(frame), payload: &frame[HEADER_LEN..] }, len))
}

/// Reads how long the frame at the front of `bytes` says it is.
///
/// # Errors
///
/// [`DecodeError`], anything but a bad checksum.
pub fn frame_len(bytes: &[u8]) -> Result<usize, DecodeError> {
    if bytes.len() < 4 {
        return Err(DecodeError::Incomplete { needed: HEADER_LEN });
    }
    match u32_at(bytes, 0) {
        0 => Err(DecodeError::Empty),
        len if (len as usize) < HEADER_LEN => Err(DecodeError::TooShort { len }),
        len if len as usize > HEADER_LEN + MAX_PAYLOAD => Err(DecodeError::TooLong { len }),
        len => Ok(len as usize),
    }
}

/// The fields of the frame at the front of `bytes`, at least [`HEADER_LEN`] long, unchecked.
pub(super) fn header_of(bytes: &[u8]) -> Header {
    Header {
        epoch: u32_at(bytes, 8),
        seq: u64_at(bytes, 12),
        synced_upto: u64_at(bytes, 20),
        kind: RecordKind(bytes[28]),
        schema: u32_at(bytes, 29),
        key: u64_at(bytes, 33),
    }
}

fn checksum(frame: &[u8], at: u64) -> u32 {
    Crc32c::new().update(&at.to_le_bytes()).update(&frame[..4]).update(&frame[8..]).finish()
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    let mut le = [0; 4];
    le.copy_from_slice(&bytes[at..at + 4]);
    u32::from_le_bytes(le)
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    let mut le = [0; 8];
    le.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(le)
}

/// Why a record could not be written as a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EncodeError {
    /// The payload is longer than [`MAX_PAYLOAD`].
    TooLong {
        /// The payload's length.
        len: usize,
    },
    /// The buffer is too small.
    NoRoom {
        /// The length of the whole frame.
        needed: usize,
    },
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { len } => write!(
                f,
                "a payload of {len} bytes is too long for one record; split it into parts of at \
                 most {MAX_PAYLOAD} bytes"
            ),
            Self::NoRoom { needed } => write!(f, "the buffer must hold {needed} bytes"),
        }
    }
}

impl core::error::Error for EncodeError {}

/// Why bytes are no frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeError {
    /// The bytes end before the frame does.
    Incomplete {
        /// How many bytes would tell more.
        needed: usize,
    },
    /// The length is zero: nothing was written here.
    Empty,
    /// The length is less than a frame has without payload.
    TooShort {
        /// The length found.
        len: u32,
    },
    /// The length is more than a frame may have.
    TooLong {
        /// The length found.
        len: u32,
    },
    /// The bytes are not those that were written here.
    BadChecksum,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Incomplete { needed } => write!(f, "the frame needs {needed} bytes"),
            Self::Empty => f.write_str("nothing was written here"),
            Self::TooShort { len } => write!(f, "no frame is as short as {len} bytes"),
            Self::TooLong { len } => write!(f, "no frame is as long as {len} bytes"),
            Self::BadChecksum => f.write_str("the checksum does not match"),
        }
    }
}

impl core::error::Error for DecodeError {}

#[cfg(test)]
mod tests {
    extern crate alloc;

    use super::*;
    use alloc::{vec, vec::Vec};
    use proptest::prelude::*;

    prop_compose! {
        fn header()(epoch: u32, seq: u64, synced_upto: u64, kind: u8, schema: u32, key: u64)
            -> Header { Header { epoch, seq, synced_upto, kind: RecordKind(kind), schema, key } }
    }

    fn encoded(header: Header, payload: &[u8], at: u64) -> Vec<u8> {
        let mut out = vec![0; HEADER_LEN + payload.len()];
        let len = encode(&Record { header, payload }, at, &mut out).unwrap();
        assert_eq!(len, out.len());
        out
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(header in header(), payload: Vec<u8>, at: u64, more: Vec<u8>) {
            let mut bytes = encoded(header, &payload, at);
            let len = bytes.len();
            bytes.extend(more);
            prop_assert_eq!(decode(&bytes, at), Ok((Record { header, payload: &payload }, len)));
        }

        #[test]
        fn no_single_bit_flip_passes(
            header in header(), payload: Vec<u8>, at: u64, flip: prop::sample::Index
        ) {
            let mut bytes = encoded(header, &payload, at);
            let bit = flip.index(bytes.len() * 8);
            bytes[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(decode(&bytes, at).is_err());
        }

        #[test]
        fn every_cut_is_incomplete(header in header(), payload: Vec<u8>, cut: prop::sample::Index) {
            let bytes = encoded(header, &payload, 0);
            let cut = cut.index(bytes.len());
            let found = decode(&bytes[..cut], 0);
            let asks_for_more = matches!(found, Err(DecodeError::Incomplete { needed }) if needed > cut);
            prop_assert!(asks_for_more, "{:?}", found);
        }

        #[test]
        fn a_frame_counts_only_where_it_was_written(header in header(), at: u64, moved: u64) {
            prop_assume!(at != moved);
            let bytes = encoded(header, b"x", at);
            prop_assert_eq!(decode(&bytes, moved), Err(DecodeError::BadChecksum));
        }

        #[test]
        fn no_bytes_panic(bytes: Vec<u8>, at: u64) {
            let _ = decode(&bytes, at);
        }
    }

    #[test]
    fn lengths_out_of_range_are_told_apart() {
        let error = |len: u32| decode(&len.to_le_bytes(), 0).unwrap_err();
        assert_eq!(error(0), DecodeError::Empty);
        assert_eq!(error(40), DecodeError::TooShort { len: 40 });
        assert_eq!(error(41), DecodeError::Incomplete { needed: 41 });
        let longest = (HEADER_LEN + MAX_PAYLOAD) as u32;
        assert_eq!(error(longest), DecodeError::Incomplete { needed: longest as usize });
        assert_eq!(error(longest + 1), DecodeError::TooLong { len: longest + 1 });
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let header = header_of(&[0; HEADER_LEN]);
        let record = Record { header, payload: b"abc" };
        assert_eq!(encode(&record, 0, &mut [0; 43]), Err(EncodeError::NoRoom { needed: 44 }));
        let len = MAX_PAYLOAD + 1;
        assert_eq!(layout(&header, len), Err(EncodeError::TooLong { len }));
    }

    #[test]
    fn the_key_hash_is_fnv_1a() {
        assert_eq!(key_hash(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(key_hash(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(key_hash(b"foobar"), 0x8594_4171_f739_67e8);
    }
}
