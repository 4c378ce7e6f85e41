//! A store in a file does what every store does.
#![cfg(unix)]

#[path = "../../core/tests/block_on/mod.rs"]
mod block_on;
#[path = "../../tests/scenarios/checkpointer.rs"]
mod checkpointer;

use block_on::block_on;
use checkpointer::Medium;
use klaw::checkpoint::MAX_PAYLOAD;
use klaw_std::{FileCheckpointer, JournalError, StoreError};
use tempfile::TempDir;

struct File(TempDir);

impl Default for File {
    fn default() -> Self {
        Self(tempfile::tempdir().unwrap())
    }
}

impl Medium for File {
    type Store = FileCheckpointer;

    /// The lengths of key and value take a byte and four, the key another one.
    const LARGEST: usize = MAX_PAYLOAD - 6;

    fn open(&mut self) -> FileCheckpointer {
        FileCheckpointer::open(self.0.path().join("store")).unwrap()
    }

    fn close(&mut self, store: FileCheckpointer) {
        block_on(store.close()).unwrap();
    }

    fn needed(error: &StoreError) -> Option<usize> {
        match error {
            StoreError::BufferTooSmall { needed } => Some(*needed),
            _ => None,
        }
    }

    fn is_too_long(error: &StoreError) -> bool {
        matches!(error, StoreError::Journal(JournalError::TooLong { .. }))
    }
}

checkpointer::on_medium!(File);
