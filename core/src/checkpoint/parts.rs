//! Frames that pass through in parts, for stores without room for a whole one.

use super::{
    crc32c::Crc32c,
    record::{DecodeError, HEADER_LEN, Header, frame_len, header_of},
};

/// Reads the fields of a frame, and how long it is, from the bytes before its payload.
///
/// Whether the frame is sound shows when its [`Checksum`] has taken in the payload.
///
/// # Errors
///
/// [`DecodeError`] when no frame can start like this.
pub fn read_head(head: &[u8; HEADER_LEN]) -> Result<(Header, usize), DecodeError> {
    Ok((header_of(head), frame_len(head)?))
}

/// The checksum of a frame whose payload comes in parts.
///
/// ```
/// use klaw::checkpoint::{
///     HEADER_LEN, Header, Record, RecordKind, decode, key_hash, parts::Checksum, record::layout,
/// };
///
/// const STEP: RecordKind = RecordKind::user(1);
/// let header =
///     Header { epoch: 1, seq: 7, synced_upto: 24, kind: STEP, schema: 1, key: key_hash(b"fetch") };
/// let mut head = layout(&header, 6)?;
/// Checksum::new(&head, 24).update(b"200").update(b" OK").seal(&mut head);
///
/// let frame = [&head[..], b"200 OK"].concat();
/// assert_eq!(decode(&frame, 24), Ok((Record { header, payload: b"200 OK" }, frame.len())));
/// # Ok::<(), klaw::checkpoint::EncodeError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Checksum(Crc32c);

impl Checksum {
    /// The checksum of a frame at position `at` that begins with `head`, without its payload.
    pub fn new(head: &[u8; HEADER_LEN], at: u64) -> Self {
        Self(Crc32c::new().update(&at.to_le_bytes()).update(&head[..4]).update(&head[8..]))
    }

    /// Takes in a part of the payload.
    #[must_use]
    pub fn update(self, part: &[u8]) -> Self {
        Self(self.0.update(part))
    }

    /// Whether this is the checksum that `head` names, so that the frame is sound.
    pub fn matches(self, head: &[u8; HEADER_LEN]) -> bool {
        head[4..8] == self.0.finish().to_le_bytes()
    }

    /// Puts the checksum into `head`.
    pub fn seal(self, head: &mut [u8; HEADER_LEN]) {
        head[4..8].copy_from_slice(&self.0.finish().to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    extern crate alloc;

    use super::*;
    use crate::checkpoint::{Record, RecordKind, decode, encode};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parts_make_the_frame(
            payload in proptest::collection::vec(any::<u8>(), 0..200),
            cut: prop::sample::Index,
            at: u64,
            seq: u64,
        ) {
            let kind = RecordKind::user(1);
            let header = Header { epoch: 3, seq, synced_upto: at, kind, schema: 9, key: 5 };
            let mut whole = [0; 300];
            let len = encode(&Record { header, payload: &payload }, at, &mut whole).unwrap();
            let head = whole.first_chunk::<HEADER_LEN>().unwrap();
            prop_assert_eq!(read_head(head), Ok((header, len)));

            let (front, back) = payload.split_at(cut.index(payload.len() + 1));
            let checksum = Checksum::new(head, at).update(front).update(back);
            prop_assert!(checksum.matches(head));
            prop_assert!(!Checksum::new(head, at ^ 1).update(&payload).matches(head));

            let mut sealed = *head;
            sealed[4..8].fill(0);
            checksum.seal(&mut sealed);
            prop_assert_eq!(&sealed, head);
            prop_assert!(decode(&whole[..len], at).is_ok());
        }
    }
}
