//! What a workflow asks of the place where it is kept.

use crate::checkpoint::{Record, RecordKind};
use alloc::vec::Vec;
use core::error::Error;

/// A record to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What the record is.
    pub kind: RecordKind,
    /// The version of the payload's layout.
    pub schema: u32,
    /// The hash of what the record is about.
    pub key: u64,
    /// The record's own bytes.
    pub payload: Vec<u8>,
}

/// A place where each workflow has a log of its own.
#[allow(async_fn_in_trait, reason = "`Send` is decided where a future meets an executor")]
pub trait Store {
    /// What can go wrong; clones are given to all who ask once it has.
    type Error: Error + Clone + 'static;

    /// One workflow's log, open for writing; it is let go of when it is dropped.
    type Log: Log<Error = Self::Error>;

    /// Opens the log of the workflow `id`, and creates it if it is not there.
    ///
    /// Every record in it is shown to `visit`, in order; what is shown is durable. Kinds that are the log's
    /// own may be shown or left out.
    ///
    /// # Errors
    ///
    /// The store's own; it must fail while the same log is open, in this process or another (D4).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the log with what it held, open nowhere.
    async fn open(&self, id: &str, visit: impl FnMut(Record<'_>))
    -> Result<Self::Log, Self::Error>;
}

/// The log of one workflow, open for writing.
pub trait Log {
    /// What can go wrong.
    type Error: Error + Clone + 'static;

    /// Hands a record over and waits until it is durable.
    ///
    /// A named type, so that callers can ask whether it is `Send`. From its first poll on, dropping it does not
    /// take back a record that was handed over (D7): who writes it is the log, not the caller.
    type Append: Future<Output = Result<(), Self::Error>>;

    /// Appends a record; it is durable when the future has completed.
    ///
    /// Records are kept in the order in which they were handed over. Once one could not be kept, none after it
    /// is: whoever opens the log again sees what was (D5).
    ///
    /// # Cancel safety
    ///
    /// A dropped future has handed its record over, or has not; the log is sound either way.
    fn append(&self, entry: Entry) -> Self::Append;
}
