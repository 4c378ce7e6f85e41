//! What disks, crashes and people do to files.

use libfuzzer_sys::arbitrary::{Result, Unstructured};

/// One change.
#[derive(Clone, Copy, Debug)]
pub enum Damage {
    /// Bits of one byte are flipped.
    Flip { at: usize, mask: u8 },
    /// A stretch was never written.
    Zero { at: usize, len: usize },
    /// The end is missing.
    Cut { at: usize },
    /// A stretch landed elsewhere too.
    Copy { from: usize, to: usize, len: usize },
    /// Something follows.
    Append { byte: u8, len: usize },
}

impl Damage {
    /// A change to `len` bytes, of which nothing before `from` is touched.
    pub fn arbitrary(u: &mut Unstructured<'_>, from: usize, len: usize) -> Result<Self> {
        let place = |u: &mut Unstructured<'_>| u.int_in_range(from..=len.max(from));
        Ok(match u.int_in_range(0..=7_u8)? {
            0 => Self::Zero { at: place(u)?, len: u.int_in_range(0..=600)? },
            1 => Self::Cut { at: place(u)? },
            2 => Self::Copy {
                from: u.int_in_range(0..=len)?,
                to: place(u)?,
                len: u.int_in_range(0..=600)?,
            },
            3 => Self::Append { byte: u.arbitrary()?, len: u.int_in_range(0..=300)? },
            _ => Self::Flip { at: place(u)?, mask: u.arbitrary()? },
        })
    }

    /// Does it to `bytes`.
    pub fn apply(self, bytes: &mut Vec<u8>) {
        match self {
            Self::Flip { at, mask } => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= mask;
                }
            }
            Self::Zero { at, len } => {
                let end = (at + len).min(bytes.len());
                bytes[at.min(end)..end].fill(0);
            }
            Self::Cut { at } => bytes.truncate(at),
            Self::Copy { from, to, len } => {
                let len = len.min(bytes.len().saturating_sub(from.max(to)));
                if len > 0 {
                    bytes.copy_within(from..from + len, to);
                }
            }
            Self::Append { byte, len } => bytes.resize(bytes.len() + len, byte),
        }
    }
}
