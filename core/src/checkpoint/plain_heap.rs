//! [`Persist`] for strings and bytes on the heap.

use super::{
    persist::{Persist, Writer},
    persist_error::PersistError,
    record::key_hash,
};
use alloc::{borrow::ToOwned, string::String, vec::Vec};

impl Persist for String {
    const TYPE: &'static str = "string";
    const VERSION: u32 = 1;
    const SCHEMA: u64 = key_hash(b"utf-8");

    fn encode(&self, out: &mut Writer<'_>) -> Result<(), PersistError> {
        out.write(self.as_bytes());
        Ok(())
    }

    fn decode(_: u32, bytes: &[u8]) -> Result<Self, PersistError> {
        core::str::from_utf8(bytes).map(ToOwned::to_owned).map_err(|_| PersistError::Malformed)
    }
}

impl Persist for Vec<u8> {
    const TYPE: &'static str = "bytes";
    const VERSION: u32 = 1;
    const SCHEMA: u64 = key_hash(b"u8 ..");

    fn encode(&self, out: &mut Writer<'_>) -> Result<(), PersistError> {
        out.write(self);
        Ok(())
    }

    fn decode(_: u32, bytes: &[u8]) -> Result<Self, PersistError> {
        Ok(bytes.to_vec())
    }
}
