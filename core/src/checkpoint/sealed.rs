//! The envelope that says what a kept value is.
//!
//! All numbers are little endian.
//!
//! | offset | field | type | meaning |
//! |---|---|---|---|
//! | 0 | magic | 4 bytes | `klwv` |
//! | 4 | `crc` | u32 | CRC-32C over all other bytes |
//! | 8 | type | u64 | [`key_hash`] of [`Persist::TYPE`] |
//! | 16 | schema | u64 | [`Persist::SCHEMA`] |
//! | 24 | version | u32 | [`Persist::VERSION`] |
//! | 28 | `len` | u32 | length of the value, which ends with the bytes |

use super::{
    crc32c::Crc32c,
    persist::{Persist, Writer},
    persist_error::PersistError,
    record::key_hash,
};

/// Bytes of a sealed value before the value's own.
pub const SEAL_LEN: usize = 32;

const MAGIC: [u8; 4] = *b"klwv";

/// Writes `value` with an envelope to the front of `buf`, and gives the bytes.
///
/// # Errors
///
/// [`PersistError::NoRoom`] if `buf` is too short, with the length it takes; what
/// [`Persist::encode`] fails with.
pub fn seal<'b, T: Persist>(value: &T, buf: &'b mut [u8]) -> Result<&'b [u8], PersistError> {
    let room = buf.len().saturating_sub(SEAL_LEN);
    let (head, body) = buf.split_at_mut(buf.len() - room);
    let mut out = Writer::new(body);
    value.encode(&mut out)?;
    let len = out.len();
    let needed = SEAL_LEN.saturating_add(len);
    let no_room = PersistError::NoRoom { needed };
    let (Some(head), Some(body)) = (head.first_chunk_mut::<SEAL_LEN>(), body.get(..len)) else {
        return Err(no_room);
    };
    let len = u32::try_from(len).map_err(|_| no_room)?;
    head[0..4].copy_from_slice(&MAGIC);
    head[8..16].copy_from_slice(&key_hash(T::TYPE.as_bytes()).to_le_bytes());
    head[16..24].copy_from_slice(&T::SCHEMA.to_le_bytes());
    head[24..28].copy_from_slice(&T::VERSION.to_le_bytes());
    head[28..32].copy_from_slice(&len.to_le_bytes());
    let crc = checksum(head, body);
    head[4..8].copy_from_slice(&crc);
    Ok(&buf[..needed])
}

/// Takes the value out of `bytes`, which [`seal`] gave, now or in an earlier release.
///
/// No bytes make this panic. What it allocates is up to [`Persist::decode`], which sees only bytes
/// whose checksum is right.
///
/// # Errors
///
/// [`PersistError`] says why these bytes are not a value that this release can read.
pub fn open<T: Persist>(bytes: &[u8]) -> Result<T, PersistError> {
    let (head, body) = bytes.split_first_chunk::<SEAL_LEN>().ok_or(PersistError::NotSealed)?;
    let [m0, m1, m2, m3, c0, c1, c2, c3, rest @ ..] = *head;
    let [t0, t1, t2, t3, t4, t5, t6, t7, rest @ ..] = rest;
    let [s0, s1, s2, s3, s4, s5, s6, s7, rest @ ..] = rest;
    let [v0, v1, v2, v3, len @ ..] = rest;
    if [m0, m1, m2, m3] != MAGIC {
        return Err(PersistError::NotSealed);
    }
    if usize::try_from(u32::from_le_bytes(len)) != Ok(body.len()) {
        return Err(PersistError::NotSealed);
    }
    if [c0, c1, c2, c3] != checksum(head, body) {
        return Err(PersistError::Damaged);
    }
    if u64::from_le_bytes([t0, t1, t2, t3, t4, t5, t6, t7]) != key_hash(T::TYPE.as_bytes()) {
        return Err(PersistError::OtherType);
    }
    let version = u32::from_le_bytes([v0, v1, v2, v3]);
    if version > T::VERSION {
        return Err(PersistError::TooNew { found: version, known: T::VERSION });
    }
    let schema = u64::from_le_bytes([s0, s1, s2, s3, s4, s5, s6, s7]);
    if T::schema(version).is_some_and(|known| known != schema) {
        return Err(PersistError::SchemaChanged { version });
    }
    T::decode(version, body)
}

fn checksum(head: &[u8; SEAL_LEN], body: &[u8]) -> [u8; 4] {
    Crc32c::new().update(&head[..4]).update(&head[8..]).update(body).finish().to_le_bytes()
}
