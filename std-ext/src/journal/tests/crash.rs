//! What must hold after a crash: rules D2 and D3.

use super::{
    Journal, JournalError, KIND, Random, contents,
    crash_points::every_crash,
    disk::{Disk, Trouble},
    entry, open, path, payloads, save,
};
use crate::journal::log::Log;
use klaw::checkpoint::{Header, record::layout};

/// What a process did before it was stopped.
#[derive(Default)]
struct Life {
    /// Every record handed over, in order.
    handed: Vec<Vec<u8>>,
    /// How many of them were said to be durable.
    acknowledged: usize,
}

impl Life {
    /// Opens, saves batches of 1, 3, 2 and 1 records, and closes; until trouble.
    async fn live(disk: &Disk) -> (Self, Result<(), JournalError>) {
        let mut life = Self::default();
        let result = life.try_to(disk).await;
        (life, result)
    }

    async fn try_to(&mut self, disk: &Disk) -> Result<(), JournalError> {
        let journal = open(disk)?;
        let mut next = 0;
        for batch in [1, 3, 2, 1] {
            self.save(&journal, payloads(next..next + batch)).await?;
            next += batch;
        }
        journal.close().await
    }

    async fn save(&mut self, journal: &Journal, new: Vec<Vec<u8>>) -> Result<(), JournalError> {
        self.handed.extend_from_slice(&new);
        save(journal, &new).await?;
        self.acknowledged = self.handed.len();
        Ok(())
    }

    /// D2: what was acknowledged is there. D3: what is there is a prefix of what was handed over.
    fn check(&self, found: &[Vec<u8>], case: &str) {
        assert!(found.len() >= self.acknowledged, "{case}: an acknowledged record is lost");
        assert_eq!(found, &self.handed[..found.len()], "{case}: not a prefix");
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    smol::future::block_on(future)
}

/// A life that nothing stops, and how many operations it has.
fn whole_life() -> (Life, usize) {
    let disk = Disk::default();
    let (life, result) = block_on(Life::live(&disk));
    result.unwrap();
    assert_eq!(life.acknowledged, 7);
    (life, disk.ops().len())
}

/// Opens the log again, adds a record, and expects just that to have happened.
fn goes_on(disk: &Disk, found: &[Vec<u8>]) {
    let (file, mut place) = disk.open();
    place.sync().unwrap();
    let (mut log, last, _) = Log::open(file, &path(), |_| {}).unwrap();
    let payload = b"and so on";
    let header =
        Header { epoch: log.epoch(), seq: last + 1, synced_upto: 0, kind: KIND, schema: 1, key: 0 };
    let mut frame = layout(&header, payload.len()).unwrap().to_vec();
    frame.extend_from_slice(payload);
    log.write(&mut frame).unwrap();
    log.sync().unwrap();
    let (now, _) = contents(&disk.crash(|_| 0, || false)).unwrap();
    assert_eq!(now[..found.len()], *found);
    assert_eq!(now[found.len()..], [payload.to_vec()]);
}

#[test]
fn d2_d3_a_crash_at_any_operation_keeps_a_prefix() {
    let (_, ops) = whole_life();
    let mut random = Random::new(1);
    let mut cases = 0;
    for (op, stop) in (0..ops).flat_map(|op| [(op, Trouble::Stop), (op, Trouble::StopAfter)]) {
        let disk = Disk::default().with_trouble(op, stop);
        let (life, result) = block_on(Life::live(&disk));
        assert!(result.is_err(), "stopped at {op}");
        every_crash(&disk, &mut random, |disk| {
            let (found, _) = contents(&disk).unwrap_or_else(|e| panic!("{stop:?} at {op}: {e}"));
            life.check(&found, &format!("{stop:?} at operation {op}"));
            goes_on(&disk, &found);
            cases += 1;
        });
    }
    assert!(cases > 900, "{cases} cases");
}

#[test]
fn d3_every_torn_byte_of_the_last_batch_is_cut() {
    let disk = Disk::default();
    let journal = open(&disk).unwrap();
    let mut life = Life::default();
    block_on(life.save(&journal, payloads(0..2))).unwrap();
    let next_sync = disk.ops().len() + 1;
    let disk = disk.with_trouble(next_sync, Trouble::Stop);
    block_on(life.save(&journal, payloads(2..5))).unwrap_err();

    let mut ends = vec![0];
    for payload in payloads(2..5) {
        ends.push(ends.last().unwrap() + 41 + payload.len());
    }
    let batch = *ends.last().unwrap();
    let mut lengths = vec![];
    for bytes in 0..=batch {
        let torn = disk.tear_last_write(bytes);
        let (found, recovery) = contents(&torn).unwrap();
        life.check(&found, &format!("torn after {bytes} bytes"));
        assert_eq!(recovery.torn.is_none(), ends.contains(&bytes), "torn after {bytes} bytes");
        lengths.push(found.len());
        goes_on(&torn, &found);
    }
    assert_eq!((lengths[0], lengths[batch]), (2, 5));
    assert!(lengths.is_sorted());
}

#[test]
fn d3_a_crash_during_recovery_and_another_keep_a_prefix() {
    let (_, ops) = whole_life();
    for seed in 0..400 {
        let mut random = Random::new(seed);
        let stop = random.below(ops);
        let mut disk = Disk::default().with_trouble(stop, Trouble::Stop);
        let (life, _) = block_on(Life::live(&disk));
        let mut least = life.acknowledged;
        for _ in 0..3 {
            disk = disk.crash_randomly(&mut random).with_trouble(random.below(8), Trouble::Stop);
            if let Ok((found, _)) = contents(&disk) {
                life.check(&found, &format!("seed {seed}"));
                // What a reader was shown must stay.
                assert!(found.len() >= least, "seed {seed}: a record that was read is lost");
                least = found.len();
            }
        }
        let (found, _) = contents(&disk.crash_randomly(&mut random)).unwrap();
        life.check(&found, &format!("seed {seed}"));
        assert!(found.len() >= least, "seed {seed}: a record that was read is lost");
    }
}

/// Many processes after each other, each stopped somewhere: no record is lost, none comes back.
#[test]
fn d3_nothing_returns_from_an_earlier_epoch() {
    let mut all = 0;
    for seed in 0..150 {
        let mut random = Random::new(seed);
        let mut disk = Disk::default();
        let mut life = Life::default();
        let mut next = 0;
        for _ in 0..6 {
            disk = disk.with_trouble(3 + random.below(16), Trouble::Stop);
            if let Ok(journal) = open(&disk) {
                for _ in 0..4 {
                    let batch = 1 + random.below(4) as u32;
                    let saved = block_on(life.save(&journal, payloads(next..next + batch)));
                    next += batch;
                    if saved.is_err() {
                        break;
                    }
                }
                // The writer must be through before the machine is looked at.
                let _ = block_on(journal.close());
            }
            disk = disk.crash_randomly(&mut random);
            let (found, _) = contents(&disk).unwrap_or_else(|e| panic!("seed {seed}: {e}"));
            life.check(&found, &format!("seed {seed}"));
            life.acknowledged = found.len();
            life.handed = found;
        }
        all += next;
    }
    assert!(all > 1000, "{all} records");
}

#[test]
fn a_record_longer_than_the_window_survives() {
    let disk = Disk::default();
    let journal = open(&disk).unwrap();
    let long = vec![7; 3 * 1024 * 1024];
    let seq = block_on(async {
        journal.append(entry(&long)).await?;
        save(&journal, &payloads(0..1)).await
    });
    assert_eq!(seq.unwrap(), journal.durable());
    block_on(journal.close()).unwrap();
    let (found, _) = contents(&disk.crash(|_| 0, || false)).unwrap();
    assert_eq!(found, [&[long], &payloads(0..1)[..]].concat());
}
