//! Why a value could not be kept, or not be had back.

use core::{array::TryFromSliceError, error::Error, fmt};

/// Why a value was not sealed, or sealed bytes were not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PersistError {
    /// The bytes are no sealed value, or a part of one.
    NotSealed,
    /// The checksum does not match.
    Damaged,
    /// The value is of another type.
    OtherType,
    /// A newer release wrote the value.
    TooNew {
        /// The version found.
        found: u32,
        /// The newest version that is read.
        known: u32,
    },
    /// The value is of a version that is no longer read.
    TooOld {
        /// The version found.
        found: u32,
    },
    /// The shape of the type has changed, its version has not.
    SchemaChanged {
        /// The version of both shapes.
        version: u32,
    },
    /// The bytes are not what their version writes.
    Malformed,
    /// The value has no encoding.
    Unencodable,
    /// The buffer is too short.
    NoRoom {
        /// How many bytes it would take.
        needed: usize,
    },
}

/// A field of fixed length was not found at that length.
impl From<TryFromSliceError> for PersistError {
    fn from(_: TryFromSliceError) -> Self {
        Self::Malformed
    }
}

impl fmt::Display for PersistError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSealed => f.write_str("the bytes are no sealed value"),
            Self::Damaged => f.write_str("the value is damaged"),
            Self::OtherType => f.write_str("the value is of another type"),
            Self::TooNew { found, known } => {
                write!(f, "the value has version {found}, this release reads up to {known}")
            }
            Self::TooOld { found } => {
                write!(f, "the value has version {found}, which is no longer read")
            }
            Self::SchemaChanged { version } => {
                write!(f, "the type's shape has changed, its version is still {version}")
            }
            Self::Malformed => f.write_str("the bytes are not what their version writes"),
            Self::Unencodable => f.write_str("the value has no encoding"),
            Self::NoRoom { needed } => write!(f, "the value needs {needed} bytes"),
        }
    }
}

impl Error for PersistError {}
