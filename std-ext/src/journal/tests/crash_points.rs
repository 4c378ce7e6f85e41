//! Crash points one by one, each with every state of the disk that it can leave.
//!
//! What is done between two syncs is so little in these logs that all states can be tried.

use super::{
    Disk, JournalError, Options, Random, contents,
    disk::{EIO, ENOSPC, SECTOR, Trouble},
    driven, entry, payloads,
};
use klaw::checkpoint::{FileHeader, HEADER_LEN};

/// Up to so many loose parts, all states are tried; beyond, a sample.
const FEW: usize = 9;
/// Up to so many, also all orders in which they may arrive.
const VERY_FEW: usize = 4;

/// Calls `test` with every disk that a crash can leave, or with many if they are too many.
pub(super) fn every_crash(disk: &Disk, random: &mut Random, mut test: impl FnMut(Disk)) {
    let parts = disk.loose_parts();
    if parts > FEW {
        (0..200).for_each(|_| test(disk.crash_randomly(random)));
        return;
    }
    for names in 0..disk.name_states() {
        for kept in 0..1_u32 << parts {
            let mut kept: Vec<_> = (0..parts).filter(|part| kept & (1 << part) != 0).collect();
            if parts <= VERY_FEW {
                every_order(&mut kept, 0, &mut |order| {
                    test(disk.crash_keeping(|_| names, |_| order.to_vec()));
                });
            } else {
                test(disk.crash_keeping(|_| names, |_| kept.clone()));
                random.shuffle(&mut kept);
                test(disk.crash_keeping(|_| names, |_| kept));
            }
        }
    }
}

fn every_order(items: &mut Vec<usize>, from: usize, test: &mut impl FnMut(&[usize])) {
    if from == items.len() {
        return test(items);
    }
    for other in from..items.len() {
        items.swap(from, other);
        every_order(items, from + 1, test);
        items.swap(from, other);
    }
}

const STOPS: [Trouble; 2] = [Trouble::Stop, Trouble::StopAfter];

/// Opens the journal and saves each of `batches`; says how many records are acknowledged.
fn save(disk: &Disk, batches: &[&[Vec<u8>]]) -> (usize, Result<(), JournalError>) {
    let mut acknowledged = 0;
    let mut all = || {
        let (mut driver, journal) = driven::open(disk, &Options::default(), |_| {})?;
        for batch in batches {
            let entries: Vec<_> = batch.iter().map(|record| entry(record)).collect();
            driver.run(async {
                let last = journal.append_batch(&entries).await?;
                journal.durable_at(last).await
            })?;
            acknowledged += batch.len();
        }
        Ok(())
    };
    let result = all();
    (acknowledged, result)
}

/// Opens and checks that what is found are the records in `handed`, at least so many of them.
fn expect(disk: &Disk, handed: &[Vec<u8>], least: usize, case: &str) -> usize {
    let (found, _) = contents(disk).unwrap_or_else(|error| panic!("{case}: {error}"));
    assert!(found.len() >= least, "{case}: {} of {least} records are left", found.len());
    assert!(handed.starts_with(&found), "{case}: not a prefix");
    found.len()
}

/// How many operations opening has, on this disk.
fn ops_of_opening(disk: &Disk) -> usize {
    let disk = disk.restart();
    contents(&disk).unwrap();
    disk.ops().len()
}

#[test]
fn d3_a_crash_while_the_file_is_created_leaves_none_or_one_to_begin_with() {
    let mut random = Random::new(1);
    let (mut cases, records) = (0, payloads(0..2));
    for op in 0..ops_of_opening(&Disk::default()) {
        for stop in STOPS {
            let disk = Disk::default().with_trouble(op, stop);
            let (acknowledged, _) = save(&disk, &[&records]);
            assert_eq!(acknowledged, 0);
            every_crash(&disk, &mut random, |disk| {
                let case = format!("{stop:?} at {op}");
                assert_eq!(expect(&disk.restart(), &[], 0, &case), 0);
                // And what begins there is a journal like any other.
                let (acknowledged, result) = save(&disk, &[&records]);
                result.unwrap_or_else(|error| panic!("{case}: {error}"));
                expect(&disk.crash(|_| 0, || false), &records, acknowledged, &case);
                cases += 1;
            });
        }
    }
    assert!(cases > 200, "{cases} cases");
}

#[test]
fn d3_d5_an_error_while_the_file_is_created_leaves_one_to_begin_with() {
    let records = payloads(0..2);
    for op in 0..ops_of_opening(&Disk::default()) {
        for (errno, seed) in [ENOSPC, EIO].into_iter().flat_map(|e| (0..40).map(move |s| (e, s))) {
            let disk = Disk::default().with_chance(Random::new(seed));
            let disk = disk.with_trouble(op, Trouble::Fail(errno));
            save(&disk, &[&records]).1.unwrap_err();
            // The kernel still shows what never came to the medium.
            let again = disk.restart();
            let (acknowledged, result) = save(&again, &[&records]);
            let case = format!("error {errno} at {op}, seed {seed}");
            result.unwrap_or_else(|error| panic!("{case}: {error}"));
            expect(&again.crash(|_| 0, || false), &records, acknowledged, &case);
        }
    }
}

/// The zeros ahead of the records, half of them written.
#[test]
fn d3_a_crash_while_the_file_grows_keeps_what_was_acknowledged() {
    let mut random = Random::new(2);
    let (small, large) = (payloads(0..3), vec![vec![0x77; 70 * 1024]]);
    let handed = [&small[..], &large].concat();
    let disk = Disk::default();
    save(&disk, &[&small]).1.unwrap();
    let before = disk.ops().len();
    save(&disk, &[&large]).1.unwrap();
    let grown: Vec<_> = disk.ops()[before..].to_vec();
    assert!(grown.iter().filter(|op| **op == "write").count() > 2, "{grown:?}");

    let whole = disk;
    let mut lengths = vec![];
    for op in 0..grown.len() {
        for stop in STOPS {
            let disk = Disk::default();
            save(&disk, &[&small]).1.unwrap();
            let disk = disk.with_trouble(before + op, stop);
            let (acknowledged, _) = save(&disk, &[&large]);
            let least = small.len() + acknowledged;
            every_crash(&disk, &mut random, |disk| {
                lengths.push(disk.bytes().len());
                expect(&disk, &handed, least, &format!("{stop:?} at {op}"));
            });
        }
    }
    let half = |len: &usize| *len > 71 * 1024 && *len < whole.bytes().len();
    assert!(lengths.iter().any(half), "no crash left half of the zeros");
}

/// A log with an acknowledged batch and one torn at every sector, and then opened, and so on.
#[test]
fn d3_a_crash_at_any_operation_of_recovery_and_of_the_next_keeps_a_prefix() {
    let mut random = Random::new(3);
    let records = payloads(0..5);
    let disk = Disk::default();
    save(&disk, &[&records[..2]]).1.unwrap();
    let next_sync = disk.ops().len() + ops_of_opening(&disk) + 1;
    let disk = disk.with_trouble(next_sync, Trouble::Stop);
    let (acknowledged, result) = save(&disk, &[&records[2..]]);
    assert!(acknowledged == 0 && result.is_err());

    let mut cases = 0;
    let mut torn_disks = vec![];
    every_crash(&disk, &mut random, |torn| torn_disks.push(torn));
    random.shuffle(&mut torn_disks);
    for torn in &torn_disks[..24] {
        let ops = ops_of_opening(torn);
        for (first, stop) in (0..ops).flat_map(|op| STOPS.map(|stop| (op, stop))) {
            let once = torn.restart().with_trouble(first, stop);
            contents(&once).unwrap_err();
            for _ in 0..4 {
                let once = once.crash_randomly(&mut random);
                let second = random.below(ops);
                let twice = once.restart().with_trouble(second, Trouble::Stop);
                let _ = contents(&twice);
                let twice = twice.crash_randomly(&mut random);
                let case = format!("stopped at {first}, then at {second}");
                let found = expect(&twice, &records, 2, &case);
                // What was shown stays.
                expect(&twice.crash(|_| 0, || false), &records, found, &case);
                cases += 1;
            }
        }
    }
    assert!(cases > 500, "{cases} cases");
}

#[test]
fn d5_an_error_at_any_operation_of_recovery_loses_nothing() {
    let records = payloads(0..5);
    for seed in 0..60 {
        let mut random = Random::new(seed);
        let disk = Disk::default().with_chance(Random::new(!seed));
        save(&disk, &[&records[..2]]).1.unwrap();
        let next_sync = disk.ops().len() + ops_of_opening(&disk) + 1;
        let disk = disk.with_trouble(next_sync, Trouble::Stop);
        save(&disk, &[&records[2..]]).1.unwrap_err();
        let torn = disk.crash_randomly(&mut random);
        for (op, errno) in (0..ops_of_opening(&torn)).flat_map(|op| [(op, ENOSPC), (op, EIO)]) {
            let failed = torn.restart().with_trouble(op, Trouble::Fail(errno));
            let case = format!("seed {seed}, error {errno} at {op}");
            let error = contents(&failed).expect_err(&case);
            let JournalError::Io { source, .. } = &error else { panic!("{case}: {error}") };
            assert_eq!(source.raw_os_error(), Some(errno));
            assert_eq!(failed.ops().len(), op + 1, "{case}: nothing is tried after that");
            // Opened again by another process, and after a crash of the machine.
            let again = failed.restart();
            let found = expect(&again, &records, 2, &case);
            expect(&again.crash_randomly(&mut random), &records, found, &case);
            expect(&failed.crash_randomly(&mut random), &records, 2, &case);
        }
    }
}

/// Between the lock and the epoch record a process has taken nothing over yet.
#[test]
fn d4_a_crash_between_the_lock_and_the_epoch_record_is_as_if_it_never_opened() {
    let mut random = Random::new(4);
    let records = payloads(0..4);
    let disk = Disk::default();
    save(&disk, &[&records]).1.unwrap();
    let disk = disk.crash(|_| 0, || false);
    let opening = disk.restart();
    assert_eq!(contents(&opening).unwrap().1.epoch, 2);
    let written = opening.ops().iter().position(|op| *op == "write").unwrap();
    let mark_durable = opening.ops().len();
    for op in 0..mark_durable {
        for stop in STOPS {
            let stopped = disk.restart().with_trouble(op, stop);
            contents(&stopped).unwrap_err();
            let mut epochs = vec![];
            every_crash(&stopped, &mut random, |disk| {
                let (found, recovery) = contents(&disk).unwrap();
                assert_eq!(found, records);
                epochs.push(recovery.epoch);
            });
            let expected = match () {
                () if op < written => &[2][..],
                () if op + 1 == mark_durable && stop == Trouble::StopAfter => &[3],
                () => &[2, 3],
            };
            assert!(epochs.iter().all(|epoch| expected.contains(epoch)), "{op}: {epochs:?}");
        }
    }
}

/// From the new file beside the old one to the directory that knows it: the old or the new.
#[test]
fn d3_a_crash_at_any_operation_of_a_rewrite_leaves_the_old_or_the_new_file() {
    let mut random = Random::new(5);
    let (old, live) = (payloads(0..4), payloads(50..53));
    let rewrite = |disk: &Disk| {
        let (mut driver, journal) = driven::open(disk, &Options::default(), |_| {}).unwrap();
        let begun = disk.ops().len();
        let result = driver.run(journal.rewrite(live.iter().map(|record| entry(record))));
        (begun, result)
    };
    let start = Disk::default();
    save(&start, &[&old]).1.unwrap();
    let start = start.crash(|_| 0, || false);
    let whole = start.restart();
    let (begun, result) = rewrite(&whole);
    result.unwrap();
    let ops = whole.ops();
    let renamed = ops.iter().position(|op| *op == "rename").unwrap();
    for op in begun..ops.len() {
        for stop in STOPS {
            let disk = start.restart().with_trouble(op, stop);
            rewrite(&disk).1.unwrap_err();
            let (mut olds, mut news) = (0, 0);
            every_crash(&disk, &mut random, |disk| {
                // The next process takes away what is left of the new file, and may stop there.
                let unlinking = disk.restart().with_trouble(0, stop);
                assert!(contents(&unlinking).is_err());
                for disk in [disk, unlinking.crash_randomly(&mut Random::new(op as u64))] {
                    let (found, _) = contents(&disk).unwrap();
                    (olds, news) = match found {
                        found if found == old => (olds + 1, news),
                        found if found == live => (olds, news + 1),
                        found => panic!("{stop:?} at {}: {} records", ops[op], found.len()),
                    };
                }
            });
            let durable = op + 1 == ops.len() && stop == Trouble::StopAfter;
            assert_eq!(olds > 0, !durable, "{stop:?} at {}: the old file", ops[op]);
            assert_eq!(news > 0, op >= renamed, "{stop:?} at {}: the new file", ops[op]);
        }
    }
}

/// Each byte at which each of several frames can be cut, and each sector that can be missing.
#[test]
fn d3_a_hole_anywhere_in_the_last_batch_cuts_it_there() {
    let records = payloads(0..6);
    let disk = Disk::default();
    save(&disk, &[&records[..2]]).1.unwrap();
    let opening = ops_of_opening(&disk);
    let next_sync = disk.ops().len() + opening + 1;
    let disk = disk.with_trouble(next_sync, Trouble::Stop);
    save(&disk, &[&records[2..]]).1.unwrap_err();
    let frame = |record: &Vec<u8>| HEADER_LEN + record.len();
    // Two marks: the journal was opened twice.
    let mut at = FileHeader::LEN + 2 * HEADER_LEN + records[..2].iter().map(frame).sum::<usize>();
    let sector = at / SECTOR;
    let ends: Vec<_> = records[2..].iter().map(|record| (at += frame(record), at).1).collect();
    let parts = disk.loose_parts();
    assert_eq!(parts, at.div_ceil(SECTOR) - sector, "sectors of the batch");
    for hole in 0..parts {
        let crashed =
            disk.crash_keeping(|_| 0, |parts| (0..parts).filter(|&p| p != hole).collect());
        let whole = ends.iter().filter(|&&end| end <= (sector + hole) * SECTOR).count();
        assert_eq!(contents(&crashed).unwrap().0, records[..2 + whole], "hole in sector {hole}");
    }
}
