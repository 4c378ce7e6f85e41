//! What is in the directory, and what may go.

use super::{WorkflowStore, io_error, name};
use crate::journal::{Journal, JournalError};
use alloc::sync::Arc;
use core::time::Duration;
use klaw::{WallClock, workflow::History};
use std::{
    fs::{self, File},
    io,
    path::Path,
};

/// A workflow in a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its id.
    pub id: String,
    /// When it ended, in milliseconds since the Unix epoch; none while it has not.
    pub finished_at: Option<u64>,
}

impl WorkflowStore {
    /// The workflows in the store, sorted by id, read without opening them.
    ///
    /// Those that are not finished can be [resumed](klaw::Workflow::resume). Blocks for as long as reading all
    /// files takes.
    ///
    /// # Errors
    ///
    /// As [`history`](Self::history), for the first file that cannot be read.
    pub fn list(&self) -> Result<Vec<Stored>, JournalError> {
        let failed = || io_error(&self.directory, "read the directory");
        let entries = match fs::read_dir(&self.directory) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed()(error)),
        };
        let mut found = Vec::new();
        for entry in entries {
            let file = entry.map_err(failed())?.file_name();
            let Some(id) = file.to_str().and_then(name::decode) else { continue };
            let history = self.history(&id)?;
            // What has not begun is no workflow yet, and what went in the meantime is none any more.
            if history.is_started() {
                found.push(Stored { id, finished_at: history.finished_at() });
            }
        }
        found.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(found)
    }

    /// Removes the workflows that finished more than `older_than` ago, and gives their number.
    ///
    /// One that is open just now stays. An id whose workflow was removed is as good as new. Blocks for as long as
    /// reading all files takes.
    ///
    /// # Errors
    ///
    /// As [`list`](Self::list), and [`Io`](JournalError::Io) if a file cannot be removed; those before it are.
    pub fn remove_finished(
        &self,
        older_than: Duration,
        clock: &impl WallClock,
    ) -> Result<usize, JournalError> {
        let age = u64::try_from(older_than.as_millis()).unwrap_or(u64::MAX);
        let Some(until) = clock.unix_millis().checked_sub(age) else { return Ok(0) };
        let over = |finished_at: Option<u64>| finished_at.is_some_and(|at| at < until);
        let mut removed = 0;
        for stored in self.list()?.iter().filter(|stored| over(stored.finished_at)) {
            let path = self.path(&stored.id);
            // Looked at again under its lock: another process may have removed it and begun anew.
            let mut history = History::new();
            let journal = match Journal::open_with(&path, |record| history.push(record)) {
                Ok(journal) => journal,
                Err(JournalError::Busy { .. }) => continue,
                Err(error) => return Err(error),
            };
            if over(history.finished_at()) || !history.is_started() {
                let path: Arc<Path> = path.into();
                fs::remove_file(&path).map_err(io_error(&path, "remove the journal"))?;
                removed += usize::from(history.is_started());
            }
            drop(journal);
        }
        if removed > 0 {
            let synced = File::open(&self.directory).and_then(|directory| directory.sync_all());
            synced.map_err(io_error(&self.directory, "sync the directory"))?;
        }
        Ok(removed)
    }
}
