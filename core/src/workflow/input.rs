//! Whether a step was asked for with the input it had when it was recorded.

use super::seal::sealed;
use crate::checkpoint::{Persist, PersistError, SEAL_LEN, key_hash};

/// What is recorded of an input: its type, its version and shape, and a hash of its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct InputMark {
    pub(super) type_hash: u64,
    pub(super) schema: u64,
    pub(super) version: u32,
    pub(super) hash: u64,
}

/// Why a recorded input is not the one of now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InputDiffers {
    Changed,
    Unreadable(PersistError),
}

impl InputMark {
    pub(super) const LEN: usize = 28;

    pub(super) fn of<T: Persist>(input: &T) -> Result<Self, PersistError> {
        let hash = sealed(input, |bytes| key_hash(&bytes[SEAL_LEN..]))?;
        let type_hash = const { key_hash(T::TYPE.as_bytes()) };
        Ok(Self { type_hash, schema: T::SCHEMA, version: T::VERSION, hash })
    }

    pub(super) fn to_bytes(self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        bytes[0..8].copy_from_slice(&self.type_hash.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.schema.to_le_bytes());
        bytes[16..20].copy_from_slice(&self.version.to_le_bytes());
        bytes[20..28].copy_from_slice(&self.hash.to_le_bytes());
        bytes
    }

    pub(super) fn from_bytes(bytes: &[u8; Self::LEN]) -> Self {
        let [t0, t1, t2, t3, t4, t5, t6, t7, rest @ ..] = *bytes;
        let [s0, s1, s2, s3, s4, s5, s6, s7, rest @ ..] = rest;
        let [v0, v1, v2, v3, hash @ ..] = rest;
        Self {
            type_hash: u64::from_le_bytes([t0, t1, t2, t3, t4, t5, t6, t7]),
            schema: u64::from_le_bytes([s0, s1, s2, s3, s4, s5, s6, s7]),
            version: u32::from_le_bytes([v0, v1, v2, v3]),
            hash: u64::from_le_bytes(hash),
        }
    }

    /// Compares the recorded mark with that of `now`.
    ///
    /// An input of an older version was written in another form: of it the type alone can be compared.
    pub(super) fn compare(&self, now: &Self) -> Result<(), InputDiffers> {
        if self.type_hash != now.type_hash {
            return Err(InputDiffers::Changed);
        }
        if self.version > now.version {
            let (found, known) = (self.version, now.version);
            return Err(InputDiffers::Unreadable(PersistError::TooNew { found, known }));
        }
        if self.version < now.version {
            return Ok(());
        }
        if self.schema != now.schema {
            let version = now.version;
            return Err(InputDiffers::Unreadable(PersistError::SchemaChanged { version }));
        }
        if self.hash == now.hash { Ok(()) } else { Err(InputDiffers::Changed) }
    }
}
