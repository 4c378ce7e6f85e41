//! The first bytes of a page of a log on flash.

use super::{crc32c::Crc32c, file_header::FileHeaderError};

/// What a page starts with, where a log lies on a ring of pages that are erased one by one.
///
/// | offset | field | type | meaning |
/// |---|---|---|---|
/// | 0 | magic | 8 bytes | `klawpage` |
/// | 8 | version | u32 | [`VERSION`](Self::VERSION) |
/// | 12 | `crc` | u32 | CRC-32C over all other bytes |
/// | 16 | `first_seq` | u64 | number of the page's first record |
/// | 24 | `number` | u64 | one more than that of the page before it |
/// | 32 | `epoch` | u32 | how many times the log had been opened for writing |
///
/// All numbers are little endian. A page's first byte stands at `number` times the page's length in
/// the log. `first_seq` says how far the page before counts: flash cannot be cut, so a torn frame
/// stays where it is, and the log goes on in the next page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageHeader {
    /// The sequence number of the page's first record.
    pub first_seq: u64,
    /// The page's number in the log.
    pub number: u64,
    /// How many times the log had been opened for writing.
    pub epoch: u32,
}

impl PageHeader {
    /// Bytes before the first frame, without padding.
    pub const LEN: usize = 36;
    /// The first eight bytes of every page.
    pub const MAGIC: [u8; 8] = *b"klawpage";
    /// The version of the format that this release writes, and the newest it reads.
    pub const VERSION: u32 = 1;

    /// The header's bytes.
    pub fn encode(self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        bytes[0..8].copy_from_slice(&Self::MAGIC);
        bytes[8..12].copy_from_slice(&Self::VERSION.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.first_seq.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.number.to_le_bytes());
        bytes[32..36].copy_from_slice(&self.epoch.to_le_bytes());
        let crc = checksum(&bytes);
        bytes[12..16].copy_from_slice(&crc);
        bytes
    }

    /// Reads a header.
    ///
    /// # Errors
    ///
    /// [`FileHeaderError`] says why these bytes do not start a page that this release can read.
    pub fn decode(bytes: &[u8; Self::LEN]) -> Result<Self, FileHeaderError> {
        let [m0, m1, m2, m3, m4, m5, m6, m7, v0, v1, v2, v3, rest @ ..] = *bytes;
        let [c0, c1, c2, c3, s0, s1, s2, s3, s4, s5, s6, s7, rest @ ..] = rest;
        let [n0, n1, n2, n3, n4, n5, n6, n7, epoch @ ..] = rest;
        if [m0, m1, m2, m3, m4, m5, m6, m7] != Self::MAGIC {
            return Err(FileHeaderError::NotALog);
        }
        if [c0, c1, c2, c3] != checksum(bytes) {
            return Err(FileHeaderError::Damaged);
        }
        let version = u32::from_le_bytes([v0, v1, v2, v3]);
        if version != Self::VERSION {
            return Err(FileHeaderError::OtherVersion { found: version });
        }
        Ok(Self {
            first_seq: u64::from_le_bytes([s0, s1, s2, s3, s4, s5, s6, s7]),
            number: u64::from_le_bytes([n0, n1, n2, n3, n4, n5, n6, n7]),
            epoch: u32::from_le_bytes(epoch),
        })
    }
}

fn checksum(bytes: &[u8; PageHeader::LEN]) -> [u8; 4] {
    Crc32c::new().update(&bytes[..12]).update(&bytes[16..]).finish().to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: PageHeader = PageHeader { first_seq: 77, number: u64::MAX - 1, epoch: 3 };

    #[test]
    fn what_is_written_is_read() {
        assert_eq!(PageHeader::decode(&PAGE.encode()), Ok(PAGE));
    }

    #[test]
    fn no_single_bit_flip_passes() {
        for bit in 0..PageHeader::LEN * 8 {
            let mut bytes = PAGE.encode();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let expected =
                if bit < 64 { FileHeaderError::NotALog } else { FileHeaderError::Damaged };
            assert_eq!(PageHeader::decode(&bytes), Err(expected), "bit {bit}");
        }
    }

    #[test]
    fn no_unfinished_header_passes_and_another_version_is_told_from_damage() {
        let whole = PAGE.encode();
        for cut in 0..PageHeader::LEN {
            let mut bytes = whole;
            bytes[cut..].fill(0xff);
            assert!(PageHeader::decode(&bytes).is_err() || bytes == whole, "cut at {cut}");
        }
        let mut bytes = whole;
        bytes[8] = 9;
        let crc = checksum(&bytes);
        bytes[12..16].copy_from_slice(&crc);
        assert_eq!(PageHeader::decode(&bytes), Err(FileHeaderError::OtherVersion { found: 9 }));
    }
}
