//! A store in a file: of any bytes, and of a sound one that was damaged.
#![no_main]

use core::{convert::Infallible, ops::ControlFlow};
use klaw::checkpoint::Checkpointer;
use klaw_fuzz::Damage;
use klaw_std::{
    FileCheckpointer, JournalError, StoreError,
    journal::{Ending, Inspection, inspect},
};
use libfuzzer_sys::{
    arbitrary::{Result, Unstructured},
    fuzz_target,
};
use smol::future::block_on;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};
use tempfile::TempDir;

/// Where the files are that all runs use; on a file system in memory it is much faster.
static DIRECTORY: LazyLock<TempDir> = LazyLock::new(|| TempDir::new().unwrap());

type Values = BTreeMap<u8, Vec<u8>>;

fuzz_target!(|input: &[u8]| {
    let path = anew("store");
    if let Some((0xc0.., bytes)) = input.split_first() {
        fs::write(&path, bytes).unwrap();
        drop(looked_at_and_opened(&path));
    } else {
        // Input that is too short for a store is none.
        let _: Result<()> = damaged(Unstructured::new(input), path);
    }
});

/// The path of a file that is not there; a store that was dropped may still write to the one before.
fn anew(name: &str) -> PathBuf {
    let path = DIRECTORY.path().join(name);
    let _ = fs::remove_file(&path);
    path
}

/// Opens the store; what a look at it said before has to be what opening finds.
fn looked_at_and_opened(path: &Path) -> core::result::Result<FileCheckpointer, StoreError> {
    let before = fs::read(path).unwrap();
    let seen = inspect(path, |_| ControlFlow::<Infallible>::Continue(()));
    assert!(fs::read(path).unwrap() == before, "a look changed the file");
    let opened = FileCheckpointer::open(path);
    if let Err(StoreError::Journal(error)) = &opened {
        assert!(fs::read(path).unwrap() == before, "{error}, but the file was changed");
    }
    agree(seen.map(|ControlFlow::Continue(seen)| seen), &opened);
    opened
}

fn agree(
    seen: core::result::Result<Inspection, JournalError>,
    opened: &core::result::Result<FileCheckpointer, StoreError>,
) {
    match (seen, opened) {
        (Ok(Inspection { ending: Ending::Corrupt { offset, .. }, .. }), opened) => assert!(
            matches!(opened, Err(StoreError::Journal(JournalError::Corrupt { offset: found, .. }))
                if *found == offset)
        ),
        (Ok(_), Err(StoreError::Unreadable { .. })) => {}
        (Ok(seen), Ok(store)) => {
            let recovery = store.journal().recovery();
            assert!(!seen.in_use);
            assert_eq!(recovery.records, seen.records);
            assert_eq!(recovery.epoch, seen.epoch.saturating_add(1));
            let torn = match seen.ending {
                Ending::Torn(torn) => Some(torn),
                _ => None,
            };
            assert_eq!(recovery.torn, torn);
        }
        (Err(seen), Err(StoreError::Journal(error))) => {
            assert_eq!(core::mem::discriminant(&seen), core::mem::discriminant(error));
        }
        (seen, opened) => panic!("{seen:?}, but {opened:?}"),
    }
}

fn values(store: &mut FileCheckpointer) -> Values {
    let mut values = Values::new();
    let mut buf = [0; 512];
    for key in 0..4 {
        if let Some(value) = block_on(store.load(&[key], &mut buf)).unwrap() {
            values.insert(key, value.to_vec());
        }
    }
    values
}

/// A store that opens holds what was saved up to some moment, and all of it if only its tail was touched.
fn damaged(mut u: Unstructured<'_>, path: PathBuf) -> Result<()> {
    let mut history = vec![Values::new()];
    let mut store = FileCheckpointer::open(&path).unwrap();
    for _ in 0..u.int_in_range(0..=8)? {
        let key = u.int_in_range(0..=3)?;
        let mut now = history.last().cloned().unwrap_or_default();
        match u.int_in_range(0..=3)? {
            0 => {
                block_on(store.remove(&[key])).unwrap();
                now.remove(&key);
            }
            1 => {
                block_on(store.close()).unwrap();
                store = FileCheckpointer::open(&path).unwrap();
            }
            _ => {
                let value = vec![u.arbitrary()?; u.int_in_range(0..=300)?];
                block_on(store.save(&[key], &value)).unwrap();
                now.insert(key, value);
            }
        }
        history.push(now);
    }
    // What is durable ends here; a mark of closing may follow.
    let end = store.journal().stats().size as usize;
    if u.arbitrary()? {
        block_on(store.close()).unwrap();
    }
    // All that was saved is durable, so this is also what a crash leaves behind.
    let mut bytes = fs::read(&path).unwrap();
    let path = anew("damaged");
    let from = if u.arbitrary()? { end.min(bytes.len()) } else { 0 };
    for _ in 0..u.int_in_range(0..=3)? {
        let len = bytes.len();
        Damage::arbitrary(&mut u, from.min(len), len)?.apply(&mut bytes);
    }
    fs::write(&path, &bytes).unwrap();
    match looked_at_and_opened(&path) {
        Ok(mut store) => {
            let found = values(&mut store);
            if from == end {
                assert_eq!(Some(&found), history.last());
            } else {
                assert!(history.contains(&found), "{found:?} was never there");
            }
            // What was found is what a store goes on from.
            block_on(store.save(&[0], b"on")).unwrap();
            block_on(store.close()).unwrap();
            let mut expected = found;
            expected.insert(0, b"on".to_vec());
            assert_eq!(values(&mut FileCheckpointer::open(&path).unwrap()), expected);
        }
        Err(error) => assert_ne!(from, end, "only the tail was touched: {error}"),
    }
    Ok(())
}
