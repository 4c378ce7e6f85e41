//! What one record of a store says.

use super::{Envelope, REMOVED, SAVED, SCHEMA};
use crate::journal::Record;
use klaw::checkpoint::key_hash;

/// What one record of a store's journal says, for those who read the journal themselves.
///
/// ```
/// use core::{convert::Infallible, ops::ControlFlow};
/// use klaw::checkpoint::Checkpointer;
/// use klaw_std::{Change, FileCheckpointer, journal};
///
/// # smol::block_on(async {
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("state.journal");
/// let mut store = FileCheckpointer::open(&path)?;
/// store.save(b"counter", &[7]).await?;
///
/// let mut changes = 0;
/// journal::inspect(&path, |found| {
///     if let Some(change) = Change::of(&found.record) {
///         assert_eq!(change, Change::Saved { key: b"counter", value: &[7] });
///         changes += 1;
///     }
///     ControlFlow::<Infallible>::Continue(())
/// })?;
/// assert_eq!(changes, 1);
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change<'a> {
    /// A value was saved.
    Saved {
        /// Under what.
        key: &'a [u8],
        /// The value.
        value: &'a [u8],
    },
    /// A value was removed.
    Removed {
        /// Where it was.
        key: &'a [u8],
    },
}

impl<'a> Change<'a> {
    /// Reads a record; `None` if it is not one of a store that this release can read.
    pub fn of(record: &Record<'a>) -> Option<Self> {
        if record.header.schema != SCHEMA {
            return None;
        }
        let envelope = postcard::from_bytes::<Envelope<'a>>(record.payload);
        let Envelope { key, value } = envelope.ok()?;
        if key_hash(key.0) != record.header.key {
            return None;
        }
        match record.header.kind {
            SAVED => Some(Self::Saved { key: key.0, value: value.0 }),
            REMOVED => Some(Self::Removed { key: key.0 }),
            _ => None,
        }
    }
}
