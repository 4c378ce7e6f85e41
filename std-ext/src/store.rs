//! A checkpoint store in one file.

mod change;

pub use change::Change;

use crate::journal::{Entry, Journal, JournalError, Record, RecordKind, Seq};
use alloc::sync::Arc;
use core::fmt;
use klaw::checkpoint::{Checkpointer, HEADER_LEN};
use serde::{Deserialize, Serialize};
use std::{
    collections::{HashMap, hash_map},
    path::Path,
};

const SAVED: RecordKind = RecordKind::user(1);
const REMOVED: RecordKind = RecordKind::user(2);
/// The shape of [`Envelope`].
const SCHEMA: u32 = 1;

/// The file is rewritten when it is longer than this and than [`SLACK`] times what counts.
const SMALL: u64 = 1024 * 1024;
const SLACK: u64 = 16;

/// What a record of the store holds.
#[derive(Serialize, Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    key: Bytes<'a>,
    #[serde(borrow)]
    value: Bytes<'a>,
}

/// Bytes that are copied at once and not one by one.
#[derive(Clone, Copy, Deserialize)]
struct Bytes<'a>(&'a [u8]);

impl Serialize for Bytes<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

/// Keeps checkpoints in a journal file and, for reading, in memory.
///
/// One save is one append and one sync. The file is rewritten to what still counts when it has
/// grown past 1 MiB and 16 times that; at most one process has it open.
///
/// ```
/// use klaw::checkpoint::Checkpointer;
/// use klaw_std::FileCheckpointer;
///
/// # smol::block_on(async {
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("state.journal");
/// let mut store = FileCheckpointer::open(&path)?;
/// store.save(b"counter", &7_u32.to_le_bytes()).await?; // durable from here on
/// store.close().await?;
///
/// let mut store = FileCheckpointer::open(&path)?;
/// let mut buf = [0; 16];
/// assert_eq!(store.load(b"counter", &mut buf).await?, Some(&[7, 0, 0, 0][..]));
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// # }).unwrap();
/// ```
pub struct FileCheckpointer {
    journal: Journal,
    live: HashMap<Box<[u8]>, Box<[u8]>>,
    /// What `live` takes up in the file.
    live_bytes: u64,
    /// A record that counts already, though it was not durable when its save was cancelled.
    unsettled: Option<Seq>,
    /// The file's length from which on a rewrite is worth it.
    small: u64,
    /// The file's length from which on a rewrite is worth another try.
    rewrite_from: u64,
    /// Holds the record being written.
    scratch: Vec<u8>,
}

impl FileCheckpointer {
    /// Opens the store at `path`, and creates it if it is not there.
    ///
    /// Blocks for as long as reading and syncing the file takes.
    ///
    /// # Errors
    ///
    /// As [`Options::open_with`](crate::journal::Options::open_with), and
    /// [`StoreError::Unreadable`] if the journal is not that of a store this release can read.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::recover(SMALL, |visit| Journal::open_with(path, visit))
    }

    /// The store in the journal that `open` opens, rewritten when that is longer than `small`.
    fn recover(
        small: u64,
        open: impl FnOnce(&mut dyn FnMut(Record<'_>)) -> Result<Journal, JournalError>,
    ) -> Result<Self, StoreError> {
        let (mut live, mut live_bytes, mut unreadable) = (HashMap::new(), 0, None);
        let journal = open(&mut |record| {
            if apply(&record, &mut live, &mut live_bytes).is_none() {
                unreadable.get_or_insert(record.header.seq);
            }
        })?;
        if let Some(seq) = unreadable {
            return Err(StoreError::Unreadable { path: journal.path().into(), seq });
        }
        Ok(Self {
            journal,
            live,
            live_bytes,
            unsettled: None,
            small,
            rewrite_from: small,
            scratch: Vec::new(),
        })
    }

    /// How many keys have a value.
    pub fn len(&self) -> usize {
        self.live.len()
    }

    /// Whether no key has a value.
    pub fn is_empty(&self) -> bool {
        self.live.is_empty()
    }

    /// The journal below, for its path, statistics and what was recovered.
    pub const fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Marks the file as closed and lets go of it.
    ///
    /// # Errors
    ///
    /// As [`Journal::close`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future does not take the closing back.
    pub async fn close(self) -> Result<(), StoreError> {
        Ok(self.journal.close().await?)
    }

    async fn write(
        &mut self,
        kind: RecordKind,
        key: &[u8],
        value: &[u8],
    ) -> Result<(), StoreError> {
        self.scratch.clear();
        self.scratch = envelope(core::mem::take(&mut self.scratch), key, value);
        let entry = Entry::new(kind, SCHEMA, key, &self.scratch);
        let seq = self.journal.append(entry).await?;
        // From here on the record will be in the file, whatever becomes of this future.
        self.unsettled = Some(seq);
        put(kind, key, value, &mut self.live, &mut self.live_bytes);
        self.settle().await?;
        self.rewrite_if_due().await
    }

    /// Waits until what `live` holds is durable.
    async fn settle(&mut self) -> Result<(), StoreError> {
        if let Some(seq) = self.unsettled {
            self.journal.durable_at(seq).await?;
            self.unsettled = None;
        }
        Ok(())
    }

    async fn rewrite_if_due(&mut self) -> Result<(), StoreError> {
        let size = self.journal.stats().size;
        if size <= self.rewrite_from || size <= SLACK * self.live_bytes {
            return Ok(());
        }
        // If it fails or is cancelled, the next try is not due before the file has doubled.
        self.rewrite_from = 2 * size;
        match self.journal.rewrite(Live(self.live.iter())).await {
            Ok(_) => self.rewrite_from = self.small,
            // The value is saved, which is all that was asked for.
            Err(error @ JournalError::Io { .. }) => {
                tracing::warn!(path = %self.journal.path().display(), %error, "store not rewritten");
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }
}

/// The records of what still counts.
// A type of its own: with a closure in it, the compiler could not see that a save is `Send`.
struct Live<'a>(hash_map::Iter<'a, Box<[u8]>, Box<[u8]>>);

impl Iterator for Live<'_> {
    type Item = Entry<Vec<u8>>;

    fn next(&mut self) -> Option<Entry<Vec<u8>>> {
        let (key, value) = self.0.next()?;
        Some(Entry::new(SAVED, SCHEMA, key, envelope(Vec::new(), key, value)))
    }
}

/// The bytes of a record, in `buffer`.
fn envelope(buffer: Vec<u8>, key: &[u8], value: &[u8]) -> Vec<u8> {
    postcard::to_extend(&Envelope { key: Bytes(key), value: Bytes(value) }, buffer)
        .expect("bytes into memory can always be encoded")
}

/// Takes a record into account; `None` if it is not one of ours.
fn apply(
    record: &Record<'_>,
    live: &mut HashMap<Box<[u8]>, Box<[u8]>>,
    live_bytes: &mut u64,
) -> Option<()> {
    match Change::of(record)? {
        Change::Saved { key, value } => put(SAVED, key, value, live, live_bytes),
        Change::Removed { key } => put(REMOVED, key, &[], live, live_bytes),
    }
    Some(())
}

fn put(
    kind: RecordKind,
    key: &[u8],
    value: &[u8],
    live: &mut HashMap<Box<[u8]>, Box<[u8]>>,
    live_bytes: &mut u64,
) {
    let size = |value: &[u8]| (HEADER_LEN + key.len() + value.len()) as u64;
    let old = if kind == SAVED {
        *live_bytes += size(value);
        match live.get_mut(key) {
            // A state of constant length is the rule: keep its allocation.
            Some(old) if old.len() == value.len() => {
                old.copy_from_slice(value);
                *live_bytes -= size(value);
                return;
            }
            _ => live.insert(key.into(), value.into()),
        }
    } else {
        live.remove(key)
    };
    *live_bytes -= old.map_or(0, |old| size(&old));
}

impl Checkpointer for FileCheckpointer {
    type Error = StoreError;

    async fn load<'b>(
        &mut self,
        key: &[u8],
        buf: &'b mut [u8],
    ) -> Result<Option<&'b [u8]>, StoreError> {
        self.settle().await?;
        let Some(value) = self.live.get(key) else { return Ok(None) };
        let Some(buf) = buf.get_mut(..value.len()) else {
            return Err(StoreError::BufferTooSmall { needed: value.len() });
        };
        buf.copy_from_slice(value);
        Ok(Some(buf))
    }

    async fn save(&mut self, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        self.write(SAVED, key, value).await
    }

    async fn remove(&mut self, key: &[u8]) -> Result<(), StoreError> {
        if self.live.contains_key(key) {
            self.write(REMOVED, key, &[]).await
        } else {
            self.settle().await
        }
    }
}

impl fmt::Debug for FileCheckpointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileCheckpointer")
            .field("journal", &self.journal)
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

/// Why a store could not be opened, read or written.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum StoreError {
    /// The store's journal.
    Journal(JournalError),
    /// The buffer cannot hold the value.
    BufferTooSmall {
        /// The value's length.
        needed: usize,
    },
    /// The journal holds a record that is not of a store this release can read.
    Unreadable {
        /// The store's file.
        path: Arc<Path>,
        /// The first such record's number.
        seq: u64,
    },
}

impl From<JournalError> for StoreError {
    fn from(error: JournalError) -> Self {
        Self::Journal(error)
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Journal(error) => error.fmt(f),
            Self::BufferTooSmall { needed } => {
                write!(f, "the value has {needed} bytes; load it into a buffer of that length")
            }
            Self::Unreadable { path, seq } => write!(
                f,
                "record {seq} of {} is not one of a store that this release can read; open it \
                 with the release that wrote it",
                path.display()
            ),
        }
    }
}

impl core::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Journal(error) => error.source(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
