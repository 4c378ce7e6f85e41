//! [`Persist`](super::Persist) for serde types, by postcard.
//!
//! Postcard writes fields one after the other and nothing else: a struct with one field more cannot
//! read what one without it wrote. So each shape is a version, and [`schema_of`] sees to it that none
//! is forgotten: it changes with the names, types and order of the fields and variants.
//!
//! # Examples
//!
//! ```
//! use klaw::checkpoint::{Persist, PersistError, Writer, open, postcard, seal};
//! use postcard_schema::Schema;
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize, Deserialize, Schema, Debug, PartialEq)]
//! struct Progress { files: u64, last: Option<String> }
//!
//! impl Persist for Progress {
//!     const TYPE: &'static str = "progress";
//!     const VERSION: u32 = 1;
//!     const SCHEMA: u64 = postcard::schema_of::<Self>();
//!
//!     fn encode(&self, out: &mut Writer<'_>) -> Result<(), PersistError> {
//!         postcard::encode(self, out)
//!     }
//!
//!     fn decode(version: u32, bytes: &[u8]) -> Result<Self, PersistError> {
//!         match version {
//!             1 => postcard::decode(bytes),
//!             found => Err(PersistError::TooOld { found }),
//!         }
//!     }
//! }
//!
//! let mut buf = [0; 64];
//! let bytes = seal(&Progress { files: 3, last: None }, &mut buf)?;
//! assert_eq!(open::<Progress>(bytes)?, Progress { files: 3, last: None });
//! # Ok::<(), PersistError>(())
//! ```

use super::{persist::Writer, persist_error::PersistError};
use postcard_schema::{Schema, key::hash::fnv1a64::hash_ty_path};
use serde::{Serialize, de::DeserializeOwned};

/// The hash of the shape of `T`, for [`Persist::SCHEMA`](super::Persist::SCHEMA).
pub const fn schema_of<T: Schema + ?Sized>() -> u64 {
    u64::from_le_bytes(hash_ty_path::<T>(""))
}

/// Writes `value`.
///
/// # Errors
///
/// [`PersistError::Unencodable`] if postcard cannot write it, for one a sequence that does not know
/// its length.
pub fn encode<T: Serialize + ?Sized>(value: &T, out: &mut Writer<'_>) -> Result<(), PersistError> {
    ::postcard::serialize_with_flavor(value, Output(out)).map_err(|_| PersistError::Unencodable)
}

/// Reads a value from the whole of `bytes`.
///
/// # Errors
///
/// [`PersistError::Malformed`] if they are not one value of this shape and nothing else.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, PersistError> {
    match ::postcard::take_from_bytes(bytes) {
        Ok((value, [])) => Ok(value),
        _ => Err(PersistError::Malformed),
    }
}

/// A writer as postcard sees it.
struct Output<'a, 'b>(&'a mut Writer<'b>);

impl ::postcard::ser_flavors::Flavor for Output<'_, '_> {
    type Output = ();

    fn try_extend(&mut self, bytes: &[u8]) -> ::postcard::Result<()> {
        self.0.write(bytes);
        Ok(())
    }

    fn try_push(&mut self, byte: u8) -> ::postcard::Result<()> {
        self.try_extend(&[byte])
    }

    fn finalize(self) -> ::postcard::Result<()> {
        Ok(())
    }
}
