//! [`Persist`] for numbers, in little endian.
//!
//! Their formats never change.

use super::{
    persist::{Persist, Writer},
    persist_error::PersistError,
    record::key_hash,
};

/// The parts of [`Persist`] that all of them have in common.
macro_rules! plain {
    ($name:literal) => {
        const TYPE: &'static str = $name;
        const VERSION: u32 = 1;
        const SCHEMA: u64 = key_hash($name.as_bytes());
    };
}

impl Persist for () {
    plain!("unit");

    fn encode(&self, _: &mut Writer<'_>) -> Result<(), PersistError> {
        Ok(())
    }

    fn decode(_: u32, bytes: &[u8]) -> Result<Self, PersistError> {
        if bytes.is_empty() { Ok(()) } else { Err(PersistError::Malformed) }
    }
}

impl Persist for bool {
    plain!("bool");

    fn encode(&self, out: &mut Writer<'_>) -> Result<(), PersistError> {
        out.write(&[u8::from(*self)]);
        Ok(())
    }

    fn decode(_: u32, bytes: &[u8]) -> Result<Self, PersistError> {
        match bytes {
            [0] => Ok(false),
            [1] => Ok(true),
            _ => Err(PersistError::Malformed),
        }
    }
}

macro_rules! numbers {
    ($($type:ident $name:literal),*) => {$(
        impl Persist for $type {
            plain!($name);

            fn encode(&self, out: &mut Writer<'_>) -> Result<(), PersistError> {
                out.write(&self.to_le_bytes());
                Ok(())
            }

            fn decode(_: u32, bytes: &[u8]) -> Result<Self, PersistError> {
                Ok(Self::from_le_bytes(bytes.try_into()?))
            }
        }
    )*};
}

numbers!(
    u8 "u8", u16 "u16", u32 "u32", u64 "u64", u128 "u128",
    i8 "i8", i16 "i16", i32 "i32", i64 "i64", i128 "i128"
);
