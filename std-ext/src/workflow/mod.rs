//! Workflows in a directory, each in a journal of its own.

mod name;
mod sweep;
#[cfg(test)]
mod tests;

use crate::journal::{Entry, Journal, JournalError, Record};
use alloc::sync::Arc;
use core::pin::Pin;
use klaw::{
    checkpoint::{Corrupt, FileHeader, FileHeaderError, recover},
    workflow::{self, History, Log, Store},
};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

pub use sweep::Stored;

/// Keeps each workflow in a journal file of its own, all in one directory.
///
/// A step costs one append and one sync. A file's name is made of the workflow's id, so ids may hold anything, but
/// are bounded by what the file system takes. Clones are the same directory.
///
/// # Examples
///
/// ```
/// use klaw::{Workflow, context::ThreadEntropy};
/// use klaw_std::{WithSystemTime, WorkflowStore};
/// # use klaw::{Clock, Instant, Sleep};
/// # use core::{future::{Ready, ready}, pin::Pin, task};
/// # #[derive(Clone)] struct NoTimers;
/// # struct Never;
/// # impl Future for Never { type Output = (); fn poll(self: Pin<&mut Self>, _: &mut task::Context<'_>) -> task::Poll<()> { task::Poll::Pending } }
/// # impl Sleep for Never { fn reset(self: Pin<&mut Self>, _: Instant) {} }
/// # impl Clock for NoTimers { type Sleep = Never; fn now(&self) -> Instant { Instant::EPOCH } fn sleep_until(&self, _: Instant) -> Never { Never } }
/// # let clock = NoTimers;
/// # smol::block_on(async {
/// # let dir = tempfile::tempdir()?;
/// # let dir = dir.path();
/// let (store, clock) = (WorkflowStore::new(dir), WithSystemTime(clock));
/// let mut runs = 0;
/// for _ in 0..2 {
///     let sum: u64 = Workflow::open(&store, "sum/1", &100_u64)
///         .run(clock.clone(), &mut ThreadEntropy, async |wf| {
///             runs += 1; // after a crash it would run again, but not what is recorded
///             let n: u64 = wf.input()?;
///             let sum = wf.step("sum", &n, async |_| Ok::<_, std::io::Error>((1..=n).sum::<u64>()));
///             Ok::<_, Box<dyn core::error::Error>>(sum.await?)
///         })
///         .await?;
///     assert_eq!(sum, 5050);
/// }
/// assert_eq!(runs, 1);
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct WorkflowStore {
    directory: Arc<Path>,
}

impl WorkflowStore {
    /// The store in `directory`, which is created when the first workflow is.
    pub fn new(directory: impl AsRef<Path>) -> Self {
        Self { directory: directory.as_ref().into() }
    }

    /// The file of the workflow `id`, whether it is there or not.
    pub fn path(&self, id: &str) -> PathBuf {
        self.directory.join(name::encode(id))
    }

    /// What is recorded of the workflow `id`, read without opening it; nothing if it is not there.
    ///
    /// Of a workflow that is open this is what was written so far, and the last of it may not be durable. Blocks
    /// for as long as reading the file takes.
    ///
    /// # Errors
    ///
    /// [`Corrupt`](JournalError::Corrupt), [`NotAJournal`](JournalError::NotAJournal),
    /// [`OtherVersion`](JournalError::OtherVersion); [`Io`](JournalError::Io) if the file cannot be read.
    pub fn history(&self, id: &str) -> Result<History, JournalError> {
        match self.read(&self.path(id)) {
            Err(JournalError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                Ok(History::new())
            }
            read => read,
        }
    }

    fn read(&self, path: &Path) -> Result<History, JournalError> {
        let path: Arc<Path> = path.into();
        let bytes = fs::read(&path).map_err(io_error(&path, "read the journal"))?;
        let mut history = History::new();
        if FileHeader::is_unfinished(&bytes) {
            return Ok(history);
        }
        let header = match FileHeader::decode(&bytes) {
            Ok(header) => header,
            Err(FileHeaderError::OtherVersion { found }) => {
                return Err(JournalError::OtherVersion { path, found });
            }
            Err(FileHeaderError::Damaged) => return Err(JournalError::Corrupt { path, offset: 0 }),
            Err(_) => return Err(JournalError::NotAJournal { path }),
        };
        let frames = &bytes[FileHeader::LEN..];
        let visit = |record: Record<'_>| history.push(record);
        match recover(frames, FileHeader::LEN as u64, header.first_seq, visit) {
            Ok(_) => Ok(history),
            Err(Corrupt { offset, .. }) => Err(JournalError::Corrupt { path, offset }),
        }
    }
}

fn io_error(path: &Arc<Path>, action: &'static str) -> impl FnOnce(io::Error) -> JournalError {
    let path = Arc::clone(path);
    move |source| JournalError::Io { path, action, source: Arc::new(source) }
}

impl Store for WorkflowStore {
    type Error = JournalError;
    type Log = WorkflowLog;

    /// Blocks for as long as reading and syncing the file takes.
    ///
    /// # Errors
    ///
    /// As [`Options::open_with`](crate::journal::Options::open_with).
    ///
    /// # Cancel safety
    ///
    /// It is done with its first poll.
    async fn open(
        &self,
        id: &str,
        visit: impl FnMut(Record<'_>),
    ) -> Result<WorkflowLog, JournalError> {
        let journal = Journal::open_with(self.path(id), visit)?;
        Ok(WorkflowLog { journal: Arc::new(journal) })
    }
}

/// The journal of one workflow; its writer thread owns what was handed over.
#[derive(Clone, Debug)]
pub struct WorkflowLog {
    journal: Arc<Journal>,
}

impl Log for WorkflowLog {
    type Error = JournalError;
    type Append = Pin<Box<dyn Future<Output = Result<(), JournalError>> + Send>>;

    /// Writes a record.
    ///
    /// # Cancel safety
    ///
    /// As [`Journal::append`], and [`Journal::durable_at`] after that.
    fn append(&self, entry: workflow::Entry) -> Self::Append {
        let journal = Arc::clone(&self.journal);
        Box::pin(async move {
            let workflow::Entry { kind, schema, key, payload } = entry;
            let seq = journal.append(Entry { kind, schema, key, payload }).await?;
            journal.durable_at(seq).await
        })
    }
}
