//! What goes into a journal and what comes back for it.

use klaw::checkpoint::{RecordKind, key_hash};

/// A record to be written.
///
/// ```
/// use klaw_std::journal::{Entry, RecordKind};
///
/// const STEP: RecordKind = RecordKind::user(1);
/// let entry = Entry::new(STEP, 1, b"fetch", b"200 OK");
/// assert_eq!(entry.payload, b"200 OK");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<P> {
    /// What the record is.
    pub kind: RecordKind,
    /// Version or shape of the payload.
    pub schema: u32,
    /// [`key_hash`] of what the record is about.
    pub key: u64,
    /// The record's own bytes, at most 16 MiB.
    pub payload: P,
}

impl<P> Entry<P> {
    /// An entry about `key`, of which only the hash is kept.
    pub const fn new(kind: RecordKind, schema: u32, key: &[u8], payload: P) -> Self {
        Self { kind, schema, key: key_hash(key), payload }
    }
}

/// The number of a record in its journal, one more than that of the record before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seq(pub(super) u64);

impl Seq {
    /// The number as it stands in the record's header.
    pub const fn as_u64(self) -> u64 {
        self.0
    }
}
