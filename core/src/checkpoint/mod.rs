//! Durable state: the capability to keep it, and the format it is kept in.
//!
//! [`Checkpointer`] is what the rest of klaw asks for. A store that keeps its own log finds the
//! frames of that log in [`record`] and the decision what to trust after a crash in [`recover`](mod@recover);
//! both are plain functions over bytes, so files and flash share them.
//!
//! [`Persist`] gives a type a format with versions; [`seal`] and [`open`] put such a value into an
//! envelope that says what it is, and take it out again.

mod crc32c;
mod file_header;
mod page_header;
pub mod parts;
mod persist;
mod persist_error;
mod plain;
#[cfg(feature = "alloc")]
mod plain_heap;
#[cfg(feature = "postcard")]
pub mod postcard;
pub mod record;
pub mod recover;
mod sealed;
#[cfg(feature = "alloc")]
mod shared_store;

pub use crc32c::Crc32c;
pub use file_header::{FileHeader, FileHeaderError};
pub use page_header::PageHeader;
pub use persist::{Persist, Writer};
pub use persist_error::PersistError;
pub use record::{
    DecodeError, EncodeError, HEADER_LEN, Header, MAX_PAYLOAD, Record, RecordKind, decode, encode,
    key_hash,
};
pub use recover::{Corrupt, Recovered, recover};
pub use sealed::{SEAL_LEN, open, seal};
#[cfg(feature = "alloc")]
pub use shared_store::SharedStore;

/// Keeps small values under keys so that they outlive the process.
///
/// Nothing here allocates: values are read into the caller's buffer. The methods take `&mut self`
/// because a store on flash has one owner; a shared store implements the trait for its handle.
#[allow(async_fn_in_trait, reason = "`Send` is decided where a future meets an executor")]
pub trait Checkpointer {
    /// What can go wrong in this store.
    type Error;

    /// Reads the value last saved under `key` into `buf`; `None` if there is none.
    ///
    /// What is returned is durable: a crash does not take it back.
    ///
    /// # Errors
    ///
    /// The store's own, for one when `buf` is too small for the value.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing; `buf` may have been written to.
    async fn load<'b>(
        &mut self,
        key: &[u8],
        buf: &'b mut [u8],
    ) -> Result<Option<&'b [u8]>, Self::Error>;

    /// Saves `value` under `key`; on return it is durable.
    ///
    /// # Errors
    ///
    /// The store's own; the value may or may not have been kept.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing that was saved before: `key` has its old or its new value.
    async fn save(&mut self, key: &[u8], value: &[u8]) -> Result<(), Self::Error>;

    /// Forgets the value under `key`, if any; on return that is durable.
    ///
    /// # Errors
    ///
    /// The store's own; the value may or may not have been forgotten.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves `key` with its value or without one.
    async fn remove(&mut self, key: &[u8]) -> Result<(), Self::Error>;
}

impl<C: Checkpointer + ?Sized> Checkpointer for &mut C {
    type Error = C::Error;

    async fn load<'b>(
        &mut self,
        key: &[u8],
        buf: &'b mut [u8],
    ) -> Result<Option<&'b [u8]>, Self::Error> {
        (**self).load(key, buf).await
    }

    async fn save(&mut self, key: &[u8], value: &[u8]) -> Result<(), Self::Error> {
        (**self).save(key, value).await
    }

    async fn remove(&mut self, key: &[u8]) -> Result<(), Self::Error> {
        (**self).remove(key).await
    }
}
