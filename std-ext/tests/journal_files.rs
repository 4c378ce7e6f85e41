//! Journals in real files.
#![cfg(unix)]

extern crate alloc;

use alloc::sync::Arc;
use core::sync::atomic::{AtomicBool, Ordering};
use klaw_std::journal::{Entry, Journal, JournalError, Record, RecordKind};
use smol::future::block_on;
use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};
use tempfile::TempDir;

const KIND: RecordKind = RecordKind::user(1);
/// The length of the mark of a closed journal.
const MARK: usize = 41;

fn entry(payload: &[u8]) -> Entry<&[u8]> {
    Entry::new(KIND, 1, b"key", payload)
}

fn somewhere() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("new/directories/log");
    (dir, path)
}

fn save(journal: &Journal, payload: &[u8]) {
    let seq = block_on(journal.append(entry(payload))).unwrap();
    block_on(journal.durable_at(seq)).unwrap();
}

fn contents(path: &Path) -> (Vec<Vec<u8>>, Journal) {
    let mut found = vec![];
    let journal = Journal::open_with(path, |record| found.push(record.payload.to_vec())).unwrap();
    (found, journal)
}

#[test]
fn records_come_back_in_order_with_all_their_fields() {
    let (_dir, path) = somewhere();
    let journal = Journal::open(&path).unwrap();
    for n in 0..100_u32 {
        let kind = RecordKind::user((n % 7) as u8);
        let new = Entry::new(kind, n, &n.to_le_bytes(), n.to_string());
        block_on(journal.append(new)).unwrap();
    }
    block_on(journal.close()).unwrap();
    let mut n = 0_u32;
    let check = |Record { header, payload }: Record<'_>| {
        assert_eq!(header.kind, RecordKind::user((n % 7) as u8));
        assert_eq!(header.schema, n);
        assert_eq!(header.key, klaw::checkpoint::key_hash(&n.to_le_bytes()));
        assert_eq!(payload, n.to_string().as_bytes());
        n += 1;
    };
    let journal = Journal::open_with(&path, check).unwrap();
    assert_eq!((n, journal.recovery().records), (100, 100));
    assert_eq!((journal.recovery().epoch, journal.recovery().torn), (2, None));
}

#[test]
fn d4_a_second_writer_is_told_busy() {
    let (_dir, path) = somewhere();
    let first = Journal::open(&path).unwrap();
    let error = Journal::open(&path).unwrap_err();
    assert!(matches!(&error, JournalError::Busy { path: busy } if **busy == *first.path()));
    assert!(error.to_string().contains("new/directories/log"), "{error}");
    block_on(first.close()).unwrap();
    Journal::open(&path).unwrap();
}

#[test]
fn d4_the_lock_holds_across_a_rewrite() {
    let (_dir, path) = somewhere();
    let journal = Journal::open(&path).unwrap();
    save(&journal, b"old");
    block_on(journal.rewrite([entry(b"live")])).unwrap();
    assert!(matches!(Journal::open(&path), Err(JournalError::Busy { .. })));
    save(&journal, b"new");
    block_on(journal.close()).unwrap();
    let (found, _journal) = contents(&path);
    assert_eq!(found, [&b"live"[..], b"new"]);
    let files = fs::read_dir(path.parent().unwrap()).unwrap();
    assert_eq!(files.count(), 1, "nothing is left beside the journal");
}

#[test]
fn d4_one_of_many_who_open_wins() {
    let (_dir, path) = somewhere();
    for round in 0..20_usize {
        let opened: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| Journal::open(&path))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let mut winners = opened.into_iter().filter_map(|result| match result {
            Ok(journal) => Some(journal),
            Err(JournalError::Busy { .. }) => None,
            Err(error) => panic!("{error}"),
        });
        let winner = winners.next().expect("someone must win");
        assert!(winners.next().is_none(), "two writers");
        save(&winner, &round.to_le_bytes());
        block_on(winner.close()).unwrap();
    }
    assert_eq!(contents(&path).0.len(), 20);
}

#[test]
fn a_journal_that_was_dropped_can_be_opened_at_once() {
    let (_dir, path) = somewhere();
    for n in 0..50_usize {
        let (found, journal) = contents(&path);
        assert_eq!(found.len(), n);
        block_on(journal.append(entry(&n.to_le_bytes()))).unwrap();
        drop(journal);
    }
}

/// Between fork and exec a child has a copy of every open file, and of its lock.
#[test]
fn d4_a_child_process_being_started_does_not_keep_the_lock() {
    let (_dir, path) = somewhere();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                Command::new("true").status().unwrap();
            }
        });
        let opened: Result<Vec<()>, _> =
            (0..200).map(|_| block_on(Journal::open(&path)?.close())).collect();
        done.store(true, Ordering::Relaxed);
        opened.unwrap();
    });
}

#[test]
fn a_torn_tail_is_cut_and_reported() {
    let (_dir, path) = somewhere();
    let journal = Journal::open(&path).unwrap();
    save(&journal, b"kept");
    let end = journal.stats().size as usize + MARK;
    block_on(journal.close()).unwrap();
    let mut bytes = fs::read(&path).unwrap();
    bytes[end..end + 30].copy_from_slice(&[0xee; 30]);
    fs::write(&path, bytes).unwrap();

    let (found, journal) = contents(&path);
    assert_eq!(found, [b"kept"]);
    let torn = journal.recovery().torn.unwrap();
    assert_eq!((torn.offset, torn.bytes), (end as u64, 30));
    save(&journal, b"more");
    block_on(journal.close()).unwrap();
    let (found, journal) = contents(&path);
    assert_eq!(found, [b"kept", b"more"]);
    assert_eq!(journal.recovery().torn, None);
}

#[test]
fn a_corrupt_journal_is_refused_and_left_as_it_is() {
    let (_dir, path) = somewhere();
    let journal = Journal::open(&path).unwrap();
    save(&journal, b"first");
    let offset = journal.stats().size as usize;
    save(&journal, b"second");
    save(&journal, b"third");
    block_on(journal.close()).unwrap();
    let mut bytes = fs::read(&path).unwrap();
    bytes[offset + 43] ^= 0x10;
    fs::write(&path, &bytes).unwrap();

    for _ in 0..2 {
        let error = Journal::open(&path).unwrap_err();
        assert!(
            matches!(error, JournalError::Corrupt { offset: at, .. } if at == offset as u64),
            "{error}"
        );
        assert!(error.to_string().contains(&offset.to_string()));
        assert_eq!(fs::read(&path).unwrap(), bytes);
    }
    // The advice in the message works.
    fs::File::options().write(true).open(&path).unwrap().set_len(offset as u64).unwrap();
    assert_eq!(contents(&path).0, [b"first"]);
}

#[test]
fn other_files_are_refused_and_left_as_they_are() {
    let (_dir, path) = somewhere();
    block_on(Journal::open(&path).unwrap().close()).unwrap();
    let journal = fs::read(&path).unwrap();

    let mut newer = klaw::checkpoint::FileHeader { first_seq: 1 }.encode();
    newer[8] = 2;
    let crc = klaw::checkpoint::Crc32c::new().update(&newer[..12]).update(&newer[16..]);
    newer[12..16].copy_from_slice(&crc.finish().to_le_bytes());
    let mut damaged = journal.clone();
    damaged[20] ^= 1;

    type Expected = fn(&JournalError) -> bool;
    let cases: [(&[u8], Expected); 5] = [
        (b"#!/bin/sh\necho this is no journal\n", |e| {
            matches!(e, JournalError::NotAJournal { .. })
        }),
        (b"short", |e| matches!(e, JournalError::NotAJournal { .. })),
        (&[&[0; 24][..], b"zeros, then something"].concat(), |e| {
            matches!(e, JournalError::NotAJournal { .. })
        }),
        (&newer, |e| matches!(e, JournalError::OtherVersion { found: 2, .. })),
        (&damaged, |e| matches!(e, JournalError::Corrupt { offset: 0, .. })),
    ];
    for (bytes, expected) in cases {
        fs::write(&path, bytes).unwrap();
        let error = Journal::open(&path).unwrap_err();
        assert!(expected(&error), "{error}");
        assert_eq!(fs::read(&path).unwrap(), bytes);
    }
    // What an interrupted creation leaves is taken as new.
    for unfinished in [&[][..], &journal[..11], &[0; 4096]] {
        fs::write(&path, unfinished).unwrap();
        let journal = Journal::open(&path).unwrap();
        assert_eq!(journal.recovery().epoch, 1);
        block_on(journal.close()).unwrap();
    }
}

#[test]
fn a_link_is_followed_and_kept() {
    let (dir, path) = somewhere();
    let journal = Journal::open(&path).unwrap();
    save(&journal, b"old");
    block_on(journal.close()).unwrap();
    let link = dir.path().join("link");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let journal = Journal::open(&link).unwrap();
    block_on(journal.rewrite([entry(b"live")])).unwrap();
    block_on(journal.close()).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(contents(&path).0, [b"live"]);
}

#[test]
fn many_threads_append_each_in_its_order() {
    const THREADS: u8 = 8;
    const EACH: u32 = 200;
    let (_dir, path) = somewhere();
    let journal = Arc::new(Journal::open(&path).unwrap());
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let journal = Arc::clone(&journal);
            scope.spawn(move || {
                for n in 0..EACH {
                    let mut payload = vec![thread];
                    payload.extend(n.to_le_bytes());
                    let seq = block_on(journal.append(entry(&payload))).unwrap();
                    if n % 20 == 0 {
                        block_on(journal.durable_at(seq)).unwrap();
                        assert!(journal.durable() >= seq);
                    }
                }
            });
        }
    });
    block_on(journal.flush()).unwrap();
    let stats = journal.stats();
    assert_eq!(stats.records, u64::from(THREADS) * u64::from(EACH));
    assert!(stats.syncs < stats.records, "syncs are shared: {stats:?}");
    block_on(journal.close()).unwrap();

    let (found, _journal) = contents(&path);
    assert_eq!(found.len() as u64, stats.records);
    for thread in 0..THREADS {
        let of_thread = found.iter().filter(|payload| payload[0] == thread);
        let numbers = of_thread.map(|p| u32::from_le_bytes(p[1..].try_into().unwrap()));
        assert!(numbers.eq(0..EACH), "the records of thread {thread}");
    }
}

#[test]
fn the_file_grows_ahead_of_the_records() {
    let (_dir, path) = somewhere();
    let journal = Journal::open(&path).unwrap();
    let len = || fs::metadata(&path).unwrap().len();
    let first = len();
    assert!(first >= 64 * 1024);
    save(&journal, b"small");
    assert_eq!(len(), first, "a small record must not change the length");
    save(&journal, &vec![1; 300 * 1024]);
    assert!(len() > journal.stats().size);
    block_on(journal.close()).unwrap();
}

/// Names the journal that a child process of this test is to write to.
const CHILD: &str = "KLAW_TEST_JOURNAL";

/// The child: appends for ever and prints what is durable.
#[test]
fn write_until_killed() {
    let Some(path) = std::env::var_os(CHILD) else { return };
    let (found, journal) = contents(Path::new(&path));
    let mut out = std::io::stdout();
    for n in found.len() as u64.. {
        save(&journal, &n.to_le_bytes());
        writeln!(out, "durable {n}").unwrap();
        out.flush().unwrap();
    }
}

#[test]
fn d3_kill_loses_nothing_that_was_acknowledged() {
    let (_dir, path) = somewhere();
    let mut least = 0;
    for round in 1..=10 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "write_until_killed", "--nocapture", "--test-threads=1"])
            .env(CHILD, &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let durable = lines.filter_map(|line| line.unwrap().strip_prefix("durable ")?.parse().ok());
        let last: usize = durable.take(round * 5).last().expect("the child must get started");
        child.kill().unwrap();
        child.wait().unwrap();
        least = last + 1;

        let (found, journal) = contents(&path);
        assert!(found.len() >= least, "{} of {least} records are left", found.len());
        let numbers = found.iter().map(|p| u64::from_le_bytes(p[..].try_into().unwrap()));
        assert!(numbers.eq(0..found.len() as u64));
        block_on(journal.close()).unwrap();
    }
    assert!(least > 250);
}

/// With an hour to linger, every sync below is one that something asked for.
#[test]
fn records_nobody_waits_for_share_a_sync_until_somebody_does() {
    let (_dir, path) = somewhere();
    let batch = core::num::NonZeroUsize::new(64 * 1024).unwrap();
    let hour = core::time::Duration::from_secs(3600);
    let journal = Journal::options().batch(batch).linger(hour).open(&path).unwrap();
    let (begun, syncs) = (journal.durable(), journal.stats().syncs);

    for n in 0..100_u8 {
        block_on(journal.append(entry(&[n]))).unwrap();
    }
    assert_eq!(journal.durable(), begun);
    block_on(journal.flush()).unwrap();
    assert_eq!(journal.stats().syncs, syncs + 1, "a hundred records, one sync");

    let last = block_on(journal.append(entry(b"awaited"))).unwrap();
    block_on(journal.durable_at(last)).unwrap();
    assert_eq!(journal.stats().syncs, syncs + 2);

    // Half a batch is enough to be worth a sync.
    let last = block_on(journal.append(entry(&[0; 40 * 1024]))).unwrap();
    while journal.durable() < last {
        thread::yield_now();
    }
    block_on(journal.append(entry(b"last"))).unwrap();
    block_on(journal.close()).unwrap();
    assert_eq!(contents(&path).0.len(), 103);
}
