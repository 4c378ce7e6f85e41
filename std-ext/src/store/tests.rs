mod history;

use super::*;
use core::task::{Context, Waker};
use smol::future::block_on;
use std::path::PathBuf;
use tempfile::TempDir;

fn somewhere() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store");
    (dir, path)
}

fn load(store: &mut FileCheckpointer, key: &[u8]) -> Option<Vec<u8>> {
    let mut buf = vec![0; 4096];
    block_on(store.load(key, &mut buf)).unwrap().map(<[u8]>::to_vec)
}

#[test]
fn what_was_saved_last_is_loaded_also_after_a_restart() {
    let (_dir, path) = somewhere();
    let mut store = FileCheckpointer::open(&path).unwrap();
    assert!(store.is_empty());
    for round in 0..3_u8 {
        for key in 0..10_u8 {
            block_on(store.save(&[key], &vec![round; usize::from(key) + usize::from(round)]))
                .unwrap();
        }
    }
    block_on(store.remove(&[4])).unwrap();
    block_on(store.remove(b"never there")).unwrap();
    let check = |store: &mut FileCheckpointer| {
        assert_eq!(store.len(), 9);
        for key in 0..10_u8 {
            let expected = (key != 4).then(|| vec![2; usize::from(key) + 2]);
            assert_eq!(load(store, &[key]), expected);
        }
        let counted: usize = store.live.iter().map(|(k, v)| HEADER_LEN + k.len() + v.len()).sum();
        assert_eq!(store.live_bytes, counted as u64);
    };
    check(&mut store);
    drop(store);
    check(&mut FileCheckpointer::open(&path).unwrap());
}

#[test]
fn a_buffer_that_is_too_small_is_told_what_is_needed() {
    let (_dir, path) = somewhere();
    let mut store = FileCheckpointer::open(path).unwrap();
    block_on(store.save(b"key", b"value")).unwrap();
    let error = block_on(store.load(b"key", &mut [0; 4])).unwrap_err();
    assert!(matches!(error, StoreError::BufferTooSmall { needed: 5 }), "{error}");
}

#[test]
fn the_file_is_rewritten_when_most_of_it_no_longer_counts() {
    let (_dir, path) = somewhere();
    let mut store = FileCheckpointer::open(&path).unwrap();
    block_on(store.save(b"constant", b"state")).unwrap();
    let (mut rewrites, mut before) = (0, 0);
    for n in 0..700_u32 {
        let value = [&n.to_le_bytes()[..], &[9; 4000]].concat();
        block_on(store.save(b"changing", &value)).unwrap();
        let size = store.journal().stats().size;
        assert!(size < SMALL + 8192, "{size} bytes");
        rewrites += u32::from(size < before);
        before = size;
    }
    assert_eq!(rewrites, 2);
    for _ in 0..2 {
        let changing = load(&mut store, b"changing").unwrap();
        assert_eq!(changing[..4], 699_u32.to_le_bytes());
        assert_eq!(load(&mut store, b"constant").unwrap(), b"state");
        block_on(store.close()).unwrap();
        store = FileCheckpointer::open(&path).unwrap();
    }
}

#[test]
fn a_save_that_is_dropped_has_happened_or_has_not() {
    let (_dir, path) = somewhere();
    let mut store = FileCheckpointer::open(&path).unwrap();
    block_on(store.save(b"key", b"old")).unwrap();
    {
        let mut save = core::pin::pin!(store.save(b"key", b"new"));
        let _ = save.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    }
    // The first poll hands the record over, so the new value counts; to be seen it is durable.
    assert_eq!(load(&mut store, b"key").unwrap(), b"new");
    assert_eq!(store.unsettled, None);
    drop(store);
    assert_eq!(load(&mut FileCheckpointer::open(&path).unwrap(), b"key").unwrap(), b"new");
}

#[test]
fn a_journal_of_something_else_is_refused() {
    let (_dir, path) = somewhere();
    let journal = Journal::open(&path).unwrap();
    let other = Entry::new(RecordKind::user(9), SCHEMA, b"key", b"value");
    block_on(journal.append(other)).unwrap();
    block_on(journal.close()).unwrap();
    let error = FileCheckpointer::open(&path).unwrap_err();
    assert!(matches!(error, StoreError::Unreadable { seq: 2, .. }), "{error}");
}
