//! The first bytes of a log.

use super::crc32c::Crc32c;
use core::fmt;

/// What a log starts with: `magic [8] | version u32 | crc u32 | first_seq u64`, little endian.
///
/// The checksum covers the other twenty bytes. These 24 bytes keep their layout in every version of
/// the format, so that an older reader can tell a newer log from a damaged one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileHeader {
    /// The sequence number of the first record; more than 1 in a log that replaced another.
    pub first_seq: u64,
}

impl FileHeader {
    /// Bytes before the first frame.
    pub const LEN: usize = 24;
    /// The first eight bytes of every log.
    pub const MAGIC: [u8; 8] = *b"klawlog\n";
    /// The version of the format that this release writes, and the newest it reads.
    pub const VERSION: u32 = 1;

    /// The header's bytes.
    pub fn encode(self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        bytes[0..8].copy_from_slice(&Self::MAGIC);
        bytes[8..12].copy_from_slice(&Self::VERSION.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.first_seq.to_le_bytes());
        let crc = checksum(&bytes);
        bytes[12..16].copy_from_slice(&crc);
        bytes
    }

    /// Reads the header at the front of `bytes`.
    ///
    /// # Errors
    ///
    /// [`FileHeaderError`] says why these bytes do not start a log that this release can read.
    pub fn decode(bytes: &[u8]) -> Result<Self, FileHeaderError> {
        let Some(bytes) = bytes.first_chunk::<{ Self::LEN }>() else {
            return Err(FileHeaderError::NotALog);
        };
        if bytes[0..8] != Self::MAGIC {
            // If all the rest vouches for it, it is a log whose first bytes are damaged.
            let mut mended = *bytes;
            mended[0..8].copy_from_slice(&Self::MAGIC);
            let vouched = bytes[12..16] == checksum(&mended);
            return Err(if vouched { FileHeaderError::Damaged } else { FileHeaderError::NotALog });
        }
        if bytes[12..16] != checksum(bytes) {
            return Err(FileHeaderError::Damaged);
        }
        let [_, _, _, _, _, _, _, _, v0, v1, v2, v3, _, _, _, _, seq @ ..] = *bytes;
        let version = u32::from_le_bytes([v0, v1, v2, v3]);
        if version != Self::VERSION {
            return Err(FileHeaderError::OtherVersion { found: version });
        }
        Ok(Self { first_seq: u64::from_le_bytes(seq) })
    }

    /// Whether `bytes`, the front of a log, can be what a cut-short creation left behind.
    ///
    /// That is any part of the header of a new log, with zeros for what is missing; nothing can
    /// have been recorded in it if zeros also follow up to the log's end.
    pub fn is_unfinished(bytes: &[u8]) -> bool {
        let new = Self { first_seq: 1 }.encode();
        bytes.iter().zip(new).all(|(&found, whole)| found == 0 || found == whole)
            && Self::decode(bytes).is_err()
    }
}

fn checksum(bytes: &[u8; FileHeader::LEN]) -> [u8; 4] {
    Crc32c::new().update(&bytes[..12]).update(&bytes[16..]).finish().to_le_bytes()
}

/// Why bytes do not start a log that this release can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileHeaderError {
    /// They are too few, or neither start with [`FileHeader::MAGIC`] nor fit to it.
    NotALog,
    /// The log was written by a release that knows a newer format.
    OtherVersion {
        /// The version found.
        found: u32,
    },
    /// The checksum does not match.
    Damaged,
}

impl fmt::Display for FileHeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotALog => f.write_str("these bytes do not start a klaw log"),
            Self::OtherVersion { found } => write!(
                f,
                "the log has format version {found}, this release reads {}; use a newer release",
                FileHeader::VERSION
            ),
            Self::Damaged => f.write_str("the log's header is damaged"),
        }
    }
}

impl core::error::Error for FileHeaderError {}

#[cfg(test)]
mod tests {
    use super::*;

    const NEW: FileHeader = FileHeader { first_seq: 1 };

    #[test]
    fn what_is_written_is_read() {
        for first_seq in [0, 1, u64::MAX] {
            let header = FileHeader { first_seq };
            assert_eq!(FileHeader::decode(&header.encode()), Ok(header));
            assert!(!FileHeader::is_unfinished(&header.encode()));
        }
    }

    #[test]
    fn no_single_bit_flip_passes() {
        for bit in 0..FileHeader::LEN * 8 {
            let mut bytes = NEW.encode();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(FileHeader::decode(&bytes), Err(FileHeaderError::Damaged), "bit {bit}");
        }
    }

    #[test]
    fn another_version_is_told_from_damage() {
        let mut bytes = NEW.encode();
        bytes[8] = 9;
        let crc = checksum(&bytes);
        bytes[12..16].copy_from_slice(&crc);
        assert_eq!(FileHeader::decode(&bytes), Err(FileHeaderError::OtherVersion { found: 9 }));
    }

    #[test]
    fn every_part_of_a_new_header_is_unfinished_and_nothing_else_is() {
        let new = NEW.encode();
        for cut in 0..FileHeader::LEN {
            assert!(FileHeader::is_unfinished(&new[..cut]));
            let mut hole = new;
            hole[cut..].fill(0);
            assert!(FileHeader::is_unfinished(&hole) != (hole == new), "cut at {cut}");
        }
        assert!(!FileHeader::is_unfinished(b"#!/bin/sh"));
    }
}
