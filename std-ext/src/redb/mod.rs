//! A checkpoint store in a redb database.

mod error;
mod worker;

pub use error::RedbError;

use alloc::sync::Arc;
use core::fmt;
use klaw::{
    Sender, bounded,
    channel::oneshot,
    checkpoint::{Checkpointer, MAX_PAYLOAD},
};
use redb::Database;
use std::{path::Path, thread};
use worker::{Job, Worker};

/// Keeps checkpoints in one table of a [redb](https://docs.rs/redb) database.
///
/// Choose it for very many keys or for more than memory should hold: it reads from the file what is
/// loaded, opens without reading all, and never rewrites the whole. For few keys that are
/// saved often, [`FileCheckpointer`](crate::FileCheckpointer) takes about half the time for each save. Both wait for the
/// disk once a save.
///
/// The database is used on a thread of its own, so that no executor is blocked.
///
/// ```
/// use klaw::checkpoint::Checkpointer;
/// use klaw_std::RedbCheckpointer;
///
/// # smol::block_on(async {
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("state.redb");
/// let mut store = RedbCheckpointer::open(&path)?;
/// store.save(b"counter", &7_u32.to_le_bytes()).await?; // durable from here on
/// store.close().await;
///
/// let mut store = RedbCheckpointer::open(&path)?;
/// let mut buf = [0; 16];
/// assert_eq!(store.load(b"counter", &mut buf).await?, Some(&[7, 0, 0, 0][..]));
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// # }).unwrap();
/// ```
pub struct RedbCheckpointer {
    path: Arc<Path>,
    jobs: Sender<Job>,
    ended: oneshot::Receiver<()>,
}

impl RedbCheckpointer {
    /// The longest key and value, taken together: 16 MiB, as in a [`FileCheckpointer`](crate::FileCheckpointer).
    pub const MAX_LEN: usize = MAX_PAYLOAD;

    /// Opens the database at `path`, and creates it if it is not there.
    ///
    /// Blocks for as long as that takes; after a crash the database repairs itself here.
    ///
    /// # Errors
    ///
    /// [`Busy`](RedbError::Busy) if it is open already, also for a moment after a store was dropped
    /// and not [closed](Self::close); [`Database`](RedbError::Database) if it is none, or damaged.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, RedbError> {
        let path: Arc<Path> = path.as_ref().into();
        let database =
            Database::create(&path).map_err(RedbError::of(&path, "open the database"))?;
        let (jobs, queue) = bounded(1);
        let (end, ended) = oneshot::channel();
        let worker = Worker { database, path: Arc::clone(&path) };
        thread::Builder::new()
            .name("klaw-redb".into())
            .spawn(move || worker.run(&queue, end))
            .map_err(|source| RedbError::Thread(Arc::new(source)))?;
        Ok(Self { path, jobs, ended })
    }

    /// The database's file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Lets go of the file, when all that was begun is done.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future does not take the closing back.
    pub async fn close(self) {
        let Self { jobs, ended, .. } = self;
        drop(jobs);
        // The other end is dropped when the file was let go of; nothing is ever sent.
        let _: Result<(), _> = ended.await;
    }

    /// Has a job done and waits for the answer.
    async fn ask<T>(
        &self,
        job: impl FnOnce(oneshot::Sender<Result<T, RedbError>>) -> Job,
    ) -> Result<T, RedbError> {
        let ended = || RedbError::Ended { path: Arc::clone(&self.path) };
        let (answer, answered) = oneshot::channel();
        self.jobs.send(job(answer)).await.map_err(|_| ended())?;
        answered.await.map_err(|_| ended())?
    }
}

impl Checkpointer for RedbCheckpointer {
    type Error = RedbError;

    async fn load<'b>(
        &mut self,
        key: &[u8],
        buf: &'b mut [u8],
    ) -> Result<Option<&'b [u8]>, RedbError> {
        let value = self.ask(|answer| Job::Load(key.into(), answer)).await?;
        let Some(value) = value else { return Ok(None) };
        let Some(buf) = buf.get_mut(..value.len()) else {
            return Err(RedbError::BufferTooSmall { needed: value.len() });
        };
        buf.copy_from_slice(&value);
        Ok(Some(buf))
    }

    async fn save(&mut self, key: &[u8], value: &[u8]) -> Result<(), RedbError> {
        let len = key.len().saturating_add(value.len());
        if len > Self::MAX_LEN {
            return Err(RedbError::TooLong { len, max: Self::MAX_LEN });
        }
        self.ask(|answer| Job::Save(key.into(), value.into(), answer)).await
    }

    async fn remove(&mut self, key: &[u8]) -> Result<(), RedbError> {
        self.ask(|answer| Job::Remove(key.into(), answer)).await
    }
}

impl fmt::Debug for RedbCheckpointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedbCheckpointer").field("path", &self.path).finish_non_exhaustive()
    }
}
