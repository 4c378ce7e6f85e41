//! What dropping a future or a journal costs: rule D7.

use super::{Disk, JournalError, Options, contents, entry, open, path, payloads};
use crate::journal::{queue::until, rewrite::Stage};
use core::{
    num::NonZeroUsize,
    pin::pin,
    task::{Context, Waker},
};
use smol::future::block_on;

#[test]
fn d7_a_record_handed_over_is_written_though_the_journal_is_dropped() {
    let disk = Disk::default();
    let journal = open(&disk).unwrap();
    let records = payloads(0..100);
    for record in &records {
        block_on(journal.append(entry(record))).unwrap();
    }
    let shared = alloc::sync::Arc::clone(&journal.shared);
    drop(journal);
    block_on(until(&shared.progress, || shared.outcome())).unwrap();
    assert_eq!(contents(&disk.crash(|_| 0, || false)).unwrap().0, records);
}

#[test]
fn d7_an_append_dropped_while_it_waits_has_written_nothing() {
    let disk = Disk::default();
    let journal = open(&disk).unwrap();
    // During a rewrite appends wait.
    let rewrite = journal.shared.begin_rewrite().unwrap().unwrap();
    {
        let mut append = pin!(journal.append(entry(b"dropped")));
        let mut context = Context::from_waker(Waker::noop());
        assert!(append.as_mut().poll(&mut context).is_pending());
    }
    journal.shared.advance_rewrite(&rewrite, Stage::Abandoned);
    block_on(journal.append(entry(b"kept"))).unwrap();
    block_on(journal.close()).unwrap();
    assert_eq!(contents(&disk).unwrap().0, [b"kept"]);
}

#[test]
fn a_full_queue_lets_everything_through_in_turn() {
    let disk = Disk::default();
    let (file, place) = disk.open();
    let small = Options::default().batch(NonZeroUsize::new(100).unwrap());
    let journal = small.start(path(), file, place, |_| {}).unwrap();
    let records = payloads(0..200);
    let entries: Vec<_> = records.iter().map(|record| entry(record)).collect();
    let last = block_on(journal.append_batch(&entries)).unwrap();
    block_on(journal.durable_at(last)).unwrap();
    assert!(journal.stats().syncs > 10, "{:?}", journal.stats());
    block_on(journal.close()).unwrap();
    assert_eq!(contents(&disk).unwrap().0, records);
}

#[test]
fn a_closed_journal_says_so() {
    let journal = open(&Disk::default()).unwrap();
    let last = block_on(journal.append(entry(b"last"))).unwrap();
    block_on(journal.close()).unwrap();
    block_on(journal.close()).unwrap();
    block_on(journal.durable_at(last)).unwrap();
    for result in [
        block_on(journal.append(entry(b"late"))).map(drop),
        block_on(journal.flush()),
        block_on(journal.rewrite([entry(b"late")])).map(drop),
        block_on(journal.durable_at(super::Seq(last.as_u64() + 9))),
    ] {
        assert!(matches!(result, Err(JournalError::Closed { .. })), "{result:?}");
    }
}

#[test]
fn a_payload_that_is_too_long_is_refused_and_harms_nothing() {
    let disk = Disk::default();
    let journal = open(&disk).unwrap();
    let long = vec![0; klaw::checkpoint::MAX_PAYLOAD + 1];
    let error = block_on(journal.append(entry(&long))).unwrap_err();
    assert!(matches!(error, JournalError::TooLong { len } if len == long.len()));
    block_on(journal.append(entry(b"short"))).unwrap();
    block_on(journal.close()).unwrap();
    assert_eq!(contents(&disk).unwrap().0, [b"short"]);
}
