//! A store in a database does what every store does, and blocks nobody.

#[path = "../../core/tests/block_on/mod.rs"]
mod block_on;
#[path = "../../tests/scenarios/checkpointer.rs"]
mod checkpointer;

use block_on::block_on;
use checkpointer::Medium;
use core::{
    pin::pin,
    task::{Context, Waker},
};
use klaw::Checkpointer;
use klaw_std::{RedbCheckpointer, RedbError};
use tempfile::TempDir;

struct Database(TempDir);

impl Default for Database {
    fn default() -> Self {
        Self(tempfile::tempdir().unwrap())
    }
}

impl Medium for Database {
    type Store = RedbCheckpointer;

    const LARGEST: usize = RedbCheckpointer::MAX_LEN - 1;

    fn open(&mut self) -> RedbCheckpointer {
        RedbCheckpointer::open(self.0.path().join("store.redb")).unwrap()
    }

    fn close(&mut self, store: RedbCheckpointer) {
        block_on(store.close());
    }

    fn needed(error: &RedbError) -> Option<usize> {
        match error {
            RedbError::BufferTooSmall { needed } => Some(*needed),
            _ => None,
        }
    }

    fn is_too_long(error: &RedbError) -> bool {
        matches!(error, RedbError::TooLong { .. })
    }
}

checkpointer::on_medium!(Database);

#[test]
fn d4_a_second_store_is_told_that_the_database_is_busy() {
    let mut medium = Database::default();
    let store = medium.open();
    let error = RedbCheckpointer::open(store.path()).unwrap_err();
    assert!(matches!(&error, RedbError::Busy { path } if **path == *store.path()), "{error}");
    medium.close(store);
    medium.open();
}

#[test]
fn d7_a_save_that_was_handed_over_is_done_though_it_is_dropped() {
    let mut medium = Database::default();
    let mut store = medium.open();
    {
        let mut save = pin!(store.save(b"key", b"value"));
        // Whether it is ready already is up to the other thread.
        let _ = save.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    }
    block_on(store.close());
    let mut buf = [0; 9];
    assert_eq!(block_on(medium.open().load(b"key", &mut buf)).unwrap(), Some(&b"value"[..]));
}

#[test]
fn what_is_no_database_is_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("letter");
    std::fs::write(&path, "Dear reader,").unwrap();
    let error = RedbCheckpointer::open(&path).unwrap_err();
    assert!(matches!(error, RedbError::Database { action: "open the database", .. }), "{error}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "Dear reader,");
}
