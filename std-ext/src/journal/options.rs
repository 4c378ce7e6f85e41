//! Opening a journal.

use super::{
    Journal,
    error::JournalError,
    file::LogFile,
    log::{Log, Recovery},
    place::{Place, claim, resolve},
    queue::Shared,
    writer::Writer,
};
use alloc::sync::Arc;
use core::{num::NonZeroUsize, time::Duration};
use klaw::checkpoint::Record;
use std::{path::Path, thread};

/// How to open a journal.
///
/// ```
/// use core::num::NonZeroUsize;
/// use klaw_std::journal::Journal;
///
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("orders.journal");
/// let batch = NonZeroUsize::new(64 * 1024).unwrap();
/// let journal = Journal::options().batch(batch).open(path)?;
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Options {
    batch: NonZeroUsize,
    linger: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { batch: const { NonZeroUsize::new(1024 * 1024).unwrap() }, linger: Duration::ZERO }
    }
}

impl Options {
    /// How many bytes of records may wait to be written together, 1 MiB unless set.
    ///
    /// A journal takes up to twice as much memory: one batch is filled while another is written. A
    /// single record that is longer goes alone.
    #[must_use]
    pub const fn batch(mut self, bytes: NonZeroUsize) -> Self {
        self.batch = bytes;
        self
    }

    /// How long records that nobody waits for may wait for others to be synced with, not at all
    /// unless set.
    ///
    /// It ends early when somebody waits for a record to be durable, or when half a batch has
    /// gathered. Fewer syncs, for work that reports progress but need not wait for it.
    #[must_use]
    pub const fn linger(mut self, linger: Duration) -> Self {
        self.linger = linger;
        self
    }

    /// Opens the journal at `path` and creates it, with its directories, if it is not there.
    ///
    /// Blocks for as long as reading and syncing the file takes.
    ///
    /// # Errors
    ///
    /// As [`open_with`](Self::open_with).
    pub fn open(&self, path: impl AsRef<Path>) -> Result<Journal, JournalError> {
        self.open_with(path, |_| {})
    }

    /// Opens the journal at `path` and calls `visit` with the records it holds, in order.
    ///
    /// Records that `visit` sees are durable. A torn tail is cut first and reported in
    /// [`Journal::recovery`].
    ///
    /// # Errors
    ///
    /// [`Busy`](JournalError::Busy) if the journal is open elsewhere;
    /// [`Corrupt`](JournalError::Corrupt), [`NotAJournal`](JournalError::NotAJournal) and
    /// [`OtherVersion`](JournalError::OtherVersion), all with the file left as it is;
    /// [`Io`](JournalError::Io) if the operating system refuses.
    pub fn open_with(
        &self,
        path: impl AsRef<Path>,
        visit: impl FnMut(Record<'_>),
    ) -> Result<Journal, JournalError> {
        let path = resolve(path.as_ref())?;
        let (file, place) = claim(&path)?;
        self.start(path, Box::new(file), Box::new(place), visit)
    }

    /// Opens the journal in a file that is locked already.
    pub(super) fn start(
        &self,
        path: Arc<Path>,
        file: Box<dyn LogFile>,
        place: Box<dyn Place>,
        visit: impl FnMut(Record<'_>),
    ) -> Result<Journal, JournalError> {
        let (shared, writer, recovery) = self.prepare(Arc::clone(&path), file, place, visit)?;
        thread::Builder::new()
            .name("klaw-journal".into())
            .stack_size(256 * 1024)
            .spawn(move || writer.run())
            .map_err(JournalError::io(&path, "start the writer thread"))?;
        Ok(Journal { shared, recovery })
    }

    /// Opens the log, with a writer that somebody has yet to run.
    pub(super) fn prepare(
        &self,
        path: Arc<Path>,
        file: Box<dyn LogFile>,
        mut place: Box<dyn Place>,
        visit: impl FnMut(Record<'_>),
    ) -> Result<(Arc<Shared>, Writer, Recovery), JournalError> {
        place.tidy().map_err(JournalError::io(&path, "remove an unfinished rewrite"))?;
        // Even a file that was there may not be durable under its name: its creator, or a rewrite,
        // may have been killed just before this.
        place.sync().map_err(JournalError::io(&path, "sync the directory"))?;
        let (log, last, recovery) = Log::open(file, &path, visit)?;
        if let Some(torn) = recovery.torn {
            tracing::warn!(
                path = %path.display(), offset = torn.offset, bytes = torn.bytes,
                "journal had a torn tail, which was cut off"
            );
        }
        let (epoch, limit) = (log.epoch(), self.batch.get());
        let shared = Arc::new(Shared::new(path, epoch, last, limit, self.linger));
        let writer = Writer::new(Arc::clone(&shared), log, place);
        Ok((shared, writer, recovery))
    }
}
