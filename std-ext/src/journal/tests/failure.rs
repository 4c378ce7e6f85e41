//! What must hold when the disk fails: rule D5.

use super::{
    Disk, Journal, JournalError, Random, contents,
    disk::{EIO, ENOSPC, Trouble},
    entry, open, payloads, save,
};
use smol::future::block_on;

/// Opens, saves three batches and closes.
fn use_journal(disk: &Disk, acknowledged: &mut Vec<Vec<u8>>) -> Result<(), JournalError> {
    let journal = open(disk)?;
    for n in 0..3 {
        let batch = payloads(2 * n..2 * n + 2);
        if let Err(error) = block_on(save(&journal, &batch)) {
            expect_poisoned(&journal, &error);
            return Err(error);
        }
        acknowledged.extend(batch);
    }
    block_on(journal.close())
}

/// Every later call gets the same typed error.
fn expect_poisoned(journal: &Journal, error: &JournalError) {
    let JournalError::Failed { source, .. } = error else { panic!("{error}") };
    let last = journal.durable();
    let next = super::Seq(last.as_u64() + 1);
    let errors = [
        block_on(journal.append(entry(b"late"))).map(drop),
        block_on(journal.append_batch(&[entry(b"late")])).map(drop),
        block_on(journal.flush()),
        block_on(journal.durable_at(next)),
        block_on(journal.rewrite([entry(b"late")])).map(drop),
        block_on(journal.close()),
    ];
    for later in errors {
        let Err(JournalError::Failed { source: same, .. }) = later else { panic!("{later:?}") };
        assert!(alloc::sync::Arc::ptr_eq(source, &same));
    }
    assert!(block_on(journal.durable_at(last)).is_ok(), "what was durable stays so");
}

#[test]
fn d5_a_failed_write_or_sync_at_any_operation_poisons() {
    let whole = Disk::default();
    use_journal(&whole, &mut vec![]).unwrap();
    let ops = whole.ops();
    for (op, name) in ops.iter().enumerate() {
        for errno in [ENOSPC, EIO] {
            let disk = Disk::default().with_trouble(op, Trouble::Fail(errno));
            let mut acknowledged = vec![];
            let error = use_journal(&disk, &mut acknowledged).unwrap_err();
            let (JournalError::Io { source, .. } | JournalError::Failed { source, .. }) = &error
            else {
                panic!("{error}");
            };
            assert_eq!(source.raw_os_error(), Some(errno), "{error}");
            assert_eq!(disk.ops().len(), op + 1, "nothing is tried after a failed {name}");
            for seed in 0..20 {
                let crashed = disk.crash_randomly(&mut Random::new(seed));
                let (found, _) = contents(&crashed).unwrap();
                assert!(found.starts_with(&acknowledged), "{name} {op} failed");
            }
        }
    }
}

/// The kernel forgets dirty pages after a failed sync but goes on showing them.
#[test]
fn d5_what_is_shown_after_a_failed_sync_is_made_durable_first() {
    let disk = Disk::default();
    let journal = open(&disk).unwrap();
    block_on(save(&journal, &payloads(0..1))).unwrap();
    let next_sync = disk.ops().len() + 1;
    let disk = disk.with_trouble(next_sync, Trouble::Fail(EIO));
    block_on(save(&journal, &payloads(1..3))).unwrap_err();

    let (found, _) = contents(&disk).unwrap();
    assert_eq!(found, payloads(0..3), "the failed batch can still be read");
    let (after, _) = contents(&disk.crash(|_| 0, || false)).unwrap();
    assert_eq!(after, found, "and once it was read, it stays");
}

#[test]
fn d5_everyone_who_waits_is_told() {
    let disk = Disk::default();
    let journal = open(&disk).unwrap();
    let next_sync = disk.ops().len() + 1;
    let _disk = disk.with_trouble(next_sync, Trouble::Fail(ENOSPC));
    let waits = (0..8_u64).map(|n| {
        let next = super::Seq(journal.durable().as_u64() + 1 + n);
        journal.durable_at(next)
    });
    let waits = futures_util::future::join_all(waits);
    let (results, appended) =
        block_on(futures_util::future::join(waits, journal.append(entry(b"doomed"))));
    appended.unwrap();
    for result in results {
        let Err(JournalError::Failed { source, .. }) = result else { panic!("{result:?}") };
        assert_eq!(source.raw_os_error(), Some(ENOSPC));
    }
}

#[test]
fn someone_who_writes_in_spite_of_the_lock_is_noticed() {
    let disk = Disk::default();
    let first = open(&disk).unwrap();
    block_on(save(&first, &payloads(0..2))).unwrap();
    let second = open(&disk).unwrap();
    block_on(save(&second, &payloads(2..3))).unwrap();
    let error = block_on(save(&first, &payloads(7..8))).unwrap_err();
    assert!(matches!(error, JournalError::Fenced { .. }), "{error}");
    block_on(second.close()).unwrap();
    assert_eq!(contents(&disk).unwrap().0, payloads(0..3));
}
