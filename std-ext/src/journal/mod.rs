//! Append-only files that survive crashes.
//!
//! A [`Journal`] takes records, writes them in order, and says when they are durable. After any
//! crash it holds every record that was said to be durable and at most some of those that were
//! being written, in order, nothing half and nothing twice.

mod entry;
mod error;
mod file;
mod group;
mod inspect;
mod log;
mod options;
mod place;
mod queue;
mod retiring;
mod rewrite;
mod scan;
mod spin;
mod writer;

#[cfg(test)]
pub(crate) mod tests;

pub use entry::{Entry, Seq};
pub use error::JournalError;
pub use inspect::{Ending, Found, Inspection, inspect};
pub use klaw::checkpoint::{Record, RecordKind};
pub use log::{Recovery, Torn};
pub use options::Options;
pub(crate) use place::sync_directory;

use alloc::sync::Arc;
use core::{fmt, sync::atomic::Ordering};
use queue::{Shared, until};
use std::path::Path;

/// An append-only file of records, written by a thread of its own.
///
/// Appending hands a record over and does not wait for the disk; [`durable_at`](Self::durable_at)
/// does. Records that were handed over while the disk was busy share the next write and sync; it
/// waits for callers that were just released to come back, for half a sync and 1 ms at most. Once
/// handed over, a record is written even if its caller is cancelled or the journal is dropped.
///
/// Works on any executor. Methods take `&self`; put the journal in an [`Arc`] to share it.
///
/// ```
/// use klaw_std::journal::{Entry, Journal, RecordKind};
///
/// const ORDER: RecordKind = RecordKind::user(1);
///
/// # smol::block_on(async {
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("orders.journal");
/// let journal = Journal::open(&path)?;
/// let seq = journal.append(Entry::new(ORDER, 1, b"alice", b"two coffees")).await?;
/// journal.durable_at(seq).await?; // now no crash can take it back
/// journal.close().await?;
///
/// let mut found = vec![];
/// let journal = Journal::open_with(&path, |record| found.push(record.payload.to_vec()))?;
/// assert_eq!(found, [b"two coffees"]);
/// # drop(journal);
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// # }).unwrap();
/// ```
pub struct Journal {
    shared: Arc<Shared>,
    recovery: Recovery,
}

/// What a journal has done since it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Records written.
    pub records: u64,
    /// Bytes of records written, with their headers.
    pub bytes: u64,
    /// Syncs, each a wait for the disk.
    pub syncs: u64,
    /// The length of the part of the file that is in use.
    pub size: u64,
}

impl Journal {
    /// Opens the journal at `path`, and creates it if it is not there.
    ///
    /// Blocks for as long as reading and syncing the file takes.
    ///
    /// # Errors
    ///
    /// As [`Options::open_with`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self, JournalError> {
        Options::default().open(path)
    }

    /// Opens the journal at `path` and calls `visit` with the records it holds, in order.
    ///
    /// Blocks for as long as reading and syncing the file takes.
    ///
    /// # Errors
    ///
    /// As [`Options::open_with`].
    pub fn open_with(
        path: impl AsRef<Path>,
        visit: impl FnMut(Record<'_>),
    ) -> Result<Self, JournalError> {
        Options::default().open_with(path, visit)
    }

    /// How a journal is to be opened.
    pub fn options() -> Options {
        Options::default()
    }

    /// Hands a record over to be written, and waits only while the queue is full.
    ///
    /// # Errors
    ///
    /// [`TooLong`](JournalError::TooLong) for a payload of more than 16 MiB;
    /// [`Failed`](JournalError::Failed) or [`Fenced`](JournalError::Fenced) once a write failed;
    /// [`Closed`](JournalError::Closed) after [`close`](Self::close).
    ///
    /// # Cancel safety
    ///
    /// The record is handed over when this returns, not before: a dropped future has written
    /// nothing, and a record that was handed over is written whatever becomes of the caller.
    pub async fn append<P: AsRef<[u8]>>(&self, entry: Entry<P>) -> Result<Seq, JournalError> {
        let Entry { kind, schema, key, payload } = entry;
        let entry = [Entry { kind, schema, key, payload: payload.as_ref() }];
        until(&self.shared.room, || match self.shared.push(&entry, None) {
            Ok((0, _)) => None,
            pushed => Some(pushed.map(|(_, seq)| seq)),
        })
        .await
    }

    /// Hands many records over under one lock, and waits only while the queue is full.
    ///
    /// Returns the number of the last one. The records are written in order, but a crash may keep
    /// only the first of them: what must hold together belongs in one record.
    ///
    /// # Errors
    ///
    /// As [`append`](Self::append); the records before the refused one are handed over.
    ///
    /// # Cancel safety
    ///
    /// A dropped future may have handed over the first few records.
    pub async fn append_batch(&self, entries: &[Entry<&[u8]>]) -> Result<Seq, JournalError> {
        let mut rest = entries;
        until(&self.shared.room, || match self.shared.push(rest, None) {
            Ok((taken, seq)) => {
                rest = &rest[taken..];
                rest.is_empty().then_some(Ok(seq))
            }
            Err(error) => Some(Err(error)),
        })
        .await
    }

    /// The number of the last record that no crash can take back.
    pub fn durable(&self) -> Seq {
        Seq(self.shared.durable())
    }

    /// Waits until the record `seq`, and with it every one before, is durable.
    ///
    /// # Errors
    ///
    /// [`Failed`](JournalError::Failed) or [`Fenced`](JournalError::Fenced) if that is not to be
    /// had any more; [`Closed`](JournalError::Closed) if the journal was closed before it took the
    /// record.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing; the record is written all the same.
    pub async fn durable_at(&self, seq: Seq) -> Result<(), JournalError> {
        let shared = &*self.shared;
        if shared.durable() < seq.0 {
            shared.hurry();
        }
        until(&shared.progress, || {
            // The outcome first: what became durable before the end counts.
            let outcome = shared.outcome();
            if shared.durable() >= seq.0 {
                return Some(Ok(()));
            }
            outcome.map(|ended| ended.and(Err(shared.closed())))
        })
        .await
    }

    /// Waits until every record handed over so far is durable.
    ///
    /// # Errors
    ///
    /// As [`append`](Self::append).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing; the records are written all the same.
    pub async fn flush(&self) -> Result<(), JournalError> {
        let last = self.shared.last()?;
        self.durable_at(Seq(last)).await
    }

    /// Takes no more records, writes those it has, marks the file as closed and lets go of it.
    ///
    /// The mark lets the next [`open`](Self::open) find damage even in the last records. May be
    /// called many times and from many tasks.
    ///
    /// # Errors
    ///
    /// [`Failed`](JournalError::Failed) or [`Fenced`](JournalError::Fenced) if not all could be
    /// written.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future does not take the closing back.
    pub async fn close(&self) -> Result<(), JournalError> {
        self.shared.start_closing();
        until(&self.shared.progress, || self.shared.outcome()).await
    }

    /// What was found in the file when it was opened.
    pub const fn recovery(&self) -> Recovery {
        self.recovery
    }

    /// The journal's file, with links resolved.
    pub fn path(&self) -> &Path {
        &self.shared.path
    }

    /// What the journal has done since it was opened.
    pub fn stats(&self) -> Stats {
        let counters = &self.shared.counters;
        Stats {
            records: counters.records.load(Ordering::Relaxed),
            bytes: counters.bytes.load(Ordering::Relaxed),
            syncs: counters.syncs.load(Ordering::Relaxed),
            size: counters.size.load(Ordering::Relaxed),
        }
    }
}

/// Lets the writer finish what the journal has taken, and does not wait for it.
impl Drop for Journal {
    fn drop(&mut self) {
        self.shared.retire();
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Journal")
            .field("path", &self.shared.path)
            .field("durable", &self.durable())
            .finish_non_exhaustive()
    }
}
