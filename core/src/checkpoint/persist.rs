//! Types whose values outlive the code that wrote them.

use super::persist_error::PersistError;

/// A type with a format that has versions.
///
/// The format is the type's own. Whenever it changes, [`VERSION`](Self::VERSION) goes up by one, and
/// [`decode`](Self::decode) goes on to read what older versions wrote: each version keeps its type,
/// hands what is older to the one before it, and knows how to make itself from that one. A chain of
/// such steps reads every version that there ever was.
///
/// # Examples
///
/// ```
/// use klaw::checkpoint::{Persist, PersistError, SEAL_LEN, Writer, key_hash, open, seal};
///
/// // What the first release kept. It stays as long as there may be values of it.
/// struct CounterV1 { n: u32 }
///
/// impl Persist for CounterV1 {
///     const TYPE: &'static str = "counter";
///     const VERSION: u32 = 1;
///     const SCHEMA: u64 = key_hash(b"n u32");
///
///     fn encode(&self, out: &mut Writer<'_>) -> Result<(), PersistError> {
///         out.write(&self.n.to_le_bytes());
///         Ok(())
///     }
///
///     fn decode(version: u32, bytes: &[u8]) -> Result<Self, PersistError> {
///         match version {
///             1 => Ok(Self { n: u32::from_le_bytes(bytes.try_into()?) }),
///             found => Err(PersistError::TooOld { found }),
///         }
///     }
/// }
///
/// // What this release keeps.
/// #[derive(Debug, PartialEq)]
/// struct Counter { n: u64 }
///
/// impl From<CounterV1> for Counter {
///     fn from(old: CounterV1) -> Self {
///         Self { n: old.n.into() }
///     }
/// }
///
/// impl Persist for Counter {
///     const TYPE: &'static str = "counter";
///     const VERSION: u32 = 2;
///     const SCHEMA: u64 = key_hash(b"n u64");
///
///     fn encode(&self, out: &mut Writer<'_>) -> Result<(), PersistError> {
///         out.write(&self.n.to_le_bytes());
///         Ok(())
///     }
///
///     fn decode(version: u32, bytes: &[u8]) -> Result<Self, PersistError> {
///         match version {
///             2 => Ok(Self { n: u64::from_le_bytes(bytes.try_into()?) }),
///             older => CounterV1::decode(older, bytes).map(Self::from),
///         }
///     }
///
///     fn schema(version: u32) -> Option<u64> {
///         if version == 2 { Some(Self::SCHEMA) } else { CounterV1::schema(version) }
///     }
/// }
///
/// let mut buf = [0; SEAL_LEN + 8];
/// let old = seal(&CounterV1 { n: 7 }, &mut buf)?;
/// assert_eq!(open::<Counter>(old)?, Counter { n: 7 });
///
/// let new = seal(&Counter { n: 8 }, &mut buf)?;
/// let refused = open::<CounterV1>(new).err().unwrap();
/// assert_eq!(refused, PersistError::TooNew { found: 2, known: 1 });
/// # Ok::<(), PersistError>(())
/// ```
pub trait Persist: Sized {
    /// What the value is, the same in all versions and unlike that of any other type.
    const TYPE: &'static str;

    /// The version that [`encode`](Self::encode) writes, and the newest that is read.
    const VERSION: u32;

    /// A hash of the shape of what `encode` writes.
    ///
    /// A value with this version and another shape is refused: the shape was changed, the version was
    /// not. `postcard::schema_of` derives it from a type; by hand it is the
    /// [`key_hash`](super::key_hash) of the list of fields.
    const SCHEMA: u64;

    /// Writes the value's bytes.
    ///
    /// # Errors
    ///
    /// [`PersistError::Unencodable`] if the value has no encoding. A lack of room is no error here.
    fn encode(&self, out: &mut Writer<'_>) -> Result<(), PersistError>;

    /// Reads what version `version` wrote, which is never newer than [`VERSION`](Self::VERSION).
    ///
    /// # Errors
    ///
    /// [`PersistError::TooOld`] for a version that is no longer read, [`PersistError::Malformed`] for
    /// bytes that are not what that version writes.
    fn decode(version: u32, bytes: &[u8]) -> Result<Self, PersistError>;

    /// The shape of what version `version` wrote; none if it is not checked.
    ///
    /// Unless this is overridden, the current version alone is checked.
    fn schema(version: u32) -> Option<u64> {
        (version == Self::VERSION).then_some(Self::SCHEMA)
    }
}

/// Takes the bytes of a value into a buffer of fixed length.
///
/// What finds no room is counted, so that whoever gave the buffer learns how long it has to be.
#[derive(Debug)]
pub struct Writer<'a> {
    buf: &'a mut [u8],
    len: usize,
}

impl<'a> Writer<'a> {
    pub(super) const fn new(buf: &'a mut [u8]) -> Self {
        Self { buf, len: 0 }
    }

    /// Appends `bytes`.
    pub fn write(&mut self, bytes: &[u8]) {
        let end = self.len.saturating_add(bytes.len());
        if let Some(room) = self.buf.get_mut(self.len..end) {
            room.copy_from_slice(bytes);
        }
        self.len = end;
    }

    /// How many bytes were appended, with those that found no room.
    pub(super) const fn len(&self) -> usize {
        self.len
    }
}
