//! Looks at journals in real files, in use or not.
#![cfg(unix)]

use core::{
    convert::Infallible,
    ops::ControlFlow,
    sync::atomic::{AtomicBool, Ordering},
};
use klaw_std::journal::{
    Ending, Entry, Inspection, Journal, JournalError, RecordKind, Torn, inspect,
};
use smol::future::block_on;
use std::{fs, fs::File, path::Path, thread};

const KIND: RecordKind = RecordKind::user(1);
/// The lengths of a file's header, and of a mark of the journal.
const FRONT: u64 = 24;
const MARK: u64 = 41;

/// Says that it is over, also when a test fails.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn save(journal: &Journal, payload: &[u8]) {
    let seq = block_on(journal.append(Entry::new(KIND, 1, b"key", payload))).unwrap();
    block_on(journal.durable_at(seq)).unwrap();
}

fn look(path: &Path) -> Result<Inspection, JournalError> {
    let ControlFlow::Continue(seen) = inspect(path, |_| ControlFlow::<Infallible>::Continue(()))?;
    Ok(seen)
}

/// A directory with the journal `log` of three records of ten bytes, closed.
fn three() -> (tempfile::TempDir, std::path::PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log");
    let journal = Journal::open(&path).unwrap();
    for _ in 0..3 {
        save(&journal, b"ten bytes.");
    }
    block_on(journal.close()).unwrap();
    (dir, path)
}

#[test]
fn every_record_is_found_where_it_is() {
    let (_dir, path) = three();
    let mut found = vec![];
    let seen = inspect(&path, |one| {
        found.push((one.offset, one.record.header.seq, one.record.header.kind));
        ControlFlow::<Infallible>::Continue(())
    });
    let first = FRONT + MARK;
    let expected = [
        (FRONT, 1, RecordKind::OPENED),
        (first, 2, KIND),
        (first + 51, 3, KIND),
        (first + 102, 4, KIND),
        (first + 153, 5, RecordKind::CLOSED),
    ];
    assert_eq!(found, expected);
    let ControlFlow::Continue(seen) = seen.unwrap();
    assert_eq!((seen.records, seen.last_seq, seen.epoch), (3, Some(5), 1));
    assert_eq!((seen.end, seen.len), (first + 153 + MARK, fs::metadata(&path).unwrap().len()));
    assert_eq!(seen.modified, fs::metadata(&path).unwrap().modified().unwrap());
    assert_eq!((seen.ending, seen.in_use), (Ending::Closed, false));
}

#[test]
fn reading_ends_where_the_visitor_breaks() {
    let (_dir, path) = three();
    let mut visits = 0;
    let seen = inspect(&path, |found| {
        visits += 1;
        if found.record.header.kind == KIND {
            ControlFlow::Break(found.offset)
        } else {
            ControlFlow::Continue(())
        }
    });
    assert!(matches!(seen, Ok(ControlFlow::Break(offset)) if offset == FRONT + MARK));
    assert_eq!(visits, 2);
}

#[test]
fn a_torn_tail_and_damage_are_told_apart_and_left_alone() {
    let (_dir, path) = three();
    let sound = fs::read(&path).unwrap();
    let third = (FRONT + MARK + 102) as usize;

    // Without the mark of closing nothing says that the last record was durable.
    let mut torn = sound.clone();
    torn[third + 45..].fill(0);
    fs::write(&path, &torn).unwrap();
    let seen = look(&path).unwrap();
    let Ending::Torn(Torn { offset, bytes, .. }) = seen.ending else { panic!("{seen:?}") };
    assert_eq!((offset, bytes), (third as u64, 45));
    assert_eq!(seen.records, 2);
    assert!(fs::read(&path).unwrap() == torn);

    let mut corrupt = sound.clone();
    corrupt[third + 45] ^= 1;
    fs::write(&path, &corrupt).unwrap();
    let seen = look(&path).unwrap();
    let expected = Ending::Corrupt { offset: third as u64, witness: third as u64 + 51 };
    assert_eq!((seen.ending, seen.records), (expected, 2));
    assert!(fs::read(&path).unwrap() == corrupt);
}

#[test]
fn a_journal_that_holds_nothing_yet_is_sound() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log");
    for bytes in [&b""[..], b"klawlog", &[0; 5000]] {
        fs::write(&path, bytes).unwrap();
        let seen = look(&path).unwrap();
        assert_eq!((seen.ending, seen.records, seen.len), (Ending::Unbegun, 0, bytes.len() as u64));
    }
}

#[test]
fn what_is_no_journal_is_an_error() {
    let (dir, path) = three();
    let mut bytes = fs::read(&path).unwrap();
    bytes[13] ^= 1;
    fs::write(&path, &bytes).unwrap();
    assert!(matches!(look(&path), Err(JournalError::Corrupt { offset: 0, .. })));
    fs::write(&path, b"a text that is longer than a header").unwrap();
    assert!(matches!(look(&path), Err(JournalError::NotAJournal { .. })));
    assert!(matches!(look(dir.path()), Err(JournalError::NotAJournal { .. })));
    assert!(matches!(look(&dir.path().join("none")), Err(JournalError::Io { .. })));
}

#[test]
fn a_journal_in_use_is_seen_and_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log");
    let journal = Journal::open(&path).unwrap();
    save(&journal, b"before");
    let seen = look(&path).unwrap();
    assert_eq!((seen.records, seen.in_use, seen.ending), (1, true, Ending::Open));
    save(&journal, b"after");
    block_on(journal.close()).unwrap();
    let seen = look(&path).unwrap();
    assert_eq!((seen.records, seen.in_use, seen.ending), (2, false, Ending::Closed));
}

#[test]
fn a_journal_that_is_written_to_never_looks_damaged() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log");
    let journal = Journal::open(&path).unwrap();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                save(&journal, &[7; 300]);
            }
        });
        let _over = Over(&done);
        let mut last = 0;
        for _ in 0..300 {
            let seen = look(&path).unwrap();
            assert!(seen.in_use && !matches!(seen.ending, Ending::Corrupt { .. }), "{seen:?}");
            assert!(seen.records >= last);
            last = seen.records;
        }
    });
}

#[test]
fn who_looks_makes_no_opener_find_it_busy() {
    let (_dir, path) = three();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                // The part of a look that could be noticed.
                let file = File::open(&path).unwrap();
                while !done.load(Ordering::Relaxed) {
                    let _ = file.try_lock_shared();
                    file.unlock().unwrap();
                }
            });
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    look(&path).unwrap();
                }
            });
        }
        let _over = Over(&done);
        for _ in 0..100 {
            block_on(Journal::open(&path).unwrap().close()).unwrap();
        }
    });
}

#[test]
fn who_holds_a_shared_lock_for_long_does() {
    let (_dir, path) = three();
    let file = File::open(&path).unwrap();
    file.lock_shared().unwrap();
    assert!(matches!(Journal::open(&path), Err(JournalError::Busy { .. })));
}
