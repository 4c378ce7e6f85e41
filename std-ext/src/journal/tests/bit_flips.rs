//! Every single flipped bit of a log, rule by rule of who knows it.

use super::{Disk, JournalError, Options, contents, driven, entry, payloads};
use klaw::checkpoint::{FileHeader, HEADER_LEN};

/// A log of 64 records, written by two processes in batches of four, and where its frames start.
///
/// The last start is that of the mark of a closed log, or the end of one that is not closed.
fn log(close: bool) -> (Disk, Vec<usize>) {
    let disk = Disk::default();
    let mut starts = vec![];
    let mut at = FileHeader::LEN;
    let mut frame = |payload: usize| {
        starts.push(at);
        at += HEADER_LEN + payload;
    };
    for half in [0..32, 32..64] {
        let (mut driver, journal) = driven::open(&disk, &Options::default(), |_| {}).unwrap();
        frame(0);
        let records: Vec<Vec<u8>> =
            half.clone().map(|n: usize| vec![n as u8 | 0x40; 1 + n % 12]).collect();
        for batch in records.chunks(4) {
            let entries: Vec<_> = batch.iter().map(|record| entry(record)).collect();
            driver.run(async {
                let last = journal.append_batch(&entries).await.unwrap();
                journal.durable_at(last).await.unwrap();
            });
            batch.iter().for_each(|record| frame(record.len()));
        }
        if close {
            driver.run(journal.close()).unwrap();
            frame(0);
        }
    }
    let end = at;
    if !close {
        starts.push(end);
    }
    (disk.crash(|_| 0, || false).cut_to(end), starts)
}

/// Flips every bit from `from` to `to`, and expects the error that names the frame it is in.
fn expect_every_flip_to_be_found(disk: &Disk, starts: &[usize], from: usize, to: usize) {
    for bit in 8 * from..8 * to {
        let damaged = disk.restart();
        damaged.flip_bit(bit);
        let before = damaged.bytes();
        let frame = starts.iter().rfind(|&&start| start <= bit / 8).copied().unwrap_or(0);
        match contents(&damaged) {
            Err(error @ JournalError::Corrupt { offset, .. }) => {
                assert_eq!(offset as usize, frame, "bit {bit}");
                assert!(error.to_string().contains(&offset.to_string()), "{error}");
            }
            other => panic!("bit {bit}: {other:?}"),
        }
        assert_eq!(damaged.bytes(), before, "the file must be left as it is");
    }
}

#[test]
fn d2_every_flipped_bit_of_64_records_is_found() {
    let (disk, starts) = log(true);
    assert_eq!(starts.len(), 64 + 4);
    expect_every_flip_to_be_found(&disk, &starts, 0, *starts.last().unwrap());
}

/// Nothing in a log says that its last batch was durable. What its end costs is only that batch.
#[test]
fn d2_every_flipped_bit_but_in_the_last_batch_is_found_though_the_log_was_not_closed() {
    let (disk, starts) = log(false);
    let last_batch = starts[starts.len() - 5];
    expect_every_flip_to_be_found(&disk, &starts, 0, last_batch);
    let sound = contents(&disk.restart()).unwrap().0;
    for bit in 8 * last_batch..8 * starts.last().unwrap() {
        let damaged = disk.restart();
        damaged.flip_bit(bit);
        let (found, recovery) = contents(&damaged).unwrap();
        let frame = starts.iter().rfind(|&&start| start <= bit / 8).unwrap();
        assert_eq!(recovery.torn.unwrap().offset, *frame as u64, "bit {bit}");
        assert!((60..64).contains(&found.len()) && sound.starts_with(&found), "bit {bit}");
    }
}

/// A mark says only that the log was closed: without it everything else is still there.
#[test]
fn a_flipped_bit_in_the_mark_of_a_closed_log_costs_nothing() {
    let (disk, starts) = log(true);
    let mark = *starts.last().unwrap();
    let sound = contents(&disk.restart()).unwrap().0;
    assert_eq!(sound.len(), 64);
    for bit in 8 * mark..8 * (mark + HEADER_LEN) {
        let damaged = disk.restart();
        damaged.flip_bit(bit);
        let (found, recovery) = contents(&damaged).unwrap();
        assert_eq!((found.len(), recovery.torn.unwrap().offset), (64, mark as u64), "bit {bit}");
    }
}

/// Behind the log's end there are zeros. A bit there is reported, wiped, and costs nothing.
#[test]
fn a_flipped_bit_behind_the_log_is_wiped() {
    let disk = Disk::default();
    let (mut driver, journal) = driven::open(&disk, &Options::default(), |_| {}).unwrap();
    let records = payloads(0..3);
    for record in &records {
        driver.run(journal.append(entry(record))).unwrap();
    }
    driver.run(journal.close()).unwrap();
    let end = journal.stats().size as usize + HEADER_LEN;
    for byte in (end..disk.bytes().len()).step_by(997) {
        let damaged = disk.crash(|_| 0, || false);
        damaged.flip_bit(8 * byte + byte % 8);
        let (found, recovery) = contents(&damaged).unwrap();
        assert_eq!(found, records);
        let torn = recovery.torn.unwrap();
        assert_eq!((torn.offset, torn.offset + torn.bytes), (end as u64, byte as u64 + 1));
        assert_eq!(contents(&damaged.crash(|_| 0, || false)).unwrap().1.torn, None);
    }
}
