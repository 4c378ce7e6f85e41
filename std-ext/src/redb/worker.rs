//! The thread that owns the database.

use super::error::RedbError;
use alloc::sync::Arc;
use klaw::channel::{Receiver, oneshot};
use redb::{Database, ReadableDatabase, TableDefinition, TableError};
use std::path::Path;

const TABLE: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("klaw.checkpoints");

/// What the thread is asked to do, and where the answer goes.
pub(super) enum Job {
    Load(Box<[u8]>, oneshot::Sender<Result<Option<Vec<u8>>, RedbError>>),
    Save(Box<[u8]>, Box<[u8]>, oneshot::Sender<Result<(), RedbError>>),
    Remove(Box<[u8]>, oneshot::Sender<Result<(), RedbError>>),
}

pub(super) struct Worker {
    pub(super) database: Database,
    pub(super) path: Arc<Path>,
}

impl Worker {
    /// Does jobs until no more can come, lets go of the file, and then drops `ended`.
    pub(super) fn run(self, jobs: &Receiver<Job>, ended: oneshot::Sender<()>) {
        while let Ok(job) = jobs.recv_blocking() {
            // Whoever gave up waiting does not want the answer.
            match job {
                Job::Load(key, answer) => drop(answer.send(self.load(&key))),
                Job::Save(key, value, answer) => drop(answer.send(self.save(&key, &value))),
                Job::Remove(key, answer) => drop(answer.send(self.remove(&key))),
            }
        }
        drop(self);
        drop(ended);
    }

    fn load(&self, key: &[u8]) -> Result<Option<Vec<u8>>, RedbError> {
        let read =
            self.database.begin_read().map_err(RedbError::of(&self.path, "begin to read"))?;
        let table = match read.open_table(TABLE) {
            Err(TableError::TableDoesNotExist(_)) => return Ok(None),
            table => table.map_err(RedbError::of(&self.path, "open the table"))?,
        };
        let value = table.get(key).map_err(RedbError::of(&self.path, "read"))?;
        Ok(value.map(|value| value.value().to_vec()))
    }

    fn save(&self, key: &[u8], value: &[u8]) -> Result<(), RedbError> {
        let write =
            self.database.begin_write().map_err(RedbError::of(&self.path, "begin to write"))?;
        let mut table =
            write.open_table(TABLE).map_err(RedbError::of(&self.path, "open the table"))?;
        table.insert(key, value).map_err(RedbError::of(&self.path, "write"))?;
        drop(table);
        write.commit().map_err(RedbError::of(&self.path, "commit"))
    }

    fn remove(&self, key: &[u8]) -> Result<(), RedbError> {
        if self.load(key)?.is_none() {
            return Ok(());
        }
        let write =
            self.database.begin_write().map_err(RedbError::of(&self.path, "begin to write"))?;
        let mut table =
            write.open_table(TABLE).map_err(RedbError::of(&self.path, "open the table"))?;
        table.remove(key).map_err(RedbError::of(&self.path, "remove"))?;
        drop(table);
        write.commit().map_err(RedbError::of(&self.path, "commit"))
    }
}
