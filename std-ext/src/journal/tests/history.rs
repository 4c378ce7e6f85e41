//! Rules D1 to D5 after random histories: processes that follow each other on one disk, each cut
//! short by a crash, a kill or an error, or not at all.

use super::{
    JournalError, KIND, Options, Random,
    disk::{Disk, EIO, ENOSPC, Trouble},
    driven::{self, Driver},
    entry, sample,
};
use crate::journal::Journal;
use core::{
    num::NonZeroUsize,
    sync::atomic::{AtomicU64, Ordering},
};

/// What has happened in all histories together.
#[derive(Default)]
struct Seen {
    opened: AtomicU64,
    torn: AtomicU64,
    poisoned: AtomicU64,
    rewritten: AtomicU64,
    unsettled: AtomicU64,
    flipped: AtomicU64,
}

/// What a file may hold: any part of `records` from the front that has the first `least`.
#[derive(Clone, Default)]
struct Content {
    records: Vec<Vec<u8>>,
    least: usize,
}

impl Content {
    fn allows(&self, found: &[Vec<u8>]) -> bool {
        found.len() >= self.least && self.records.starts_with(found)
    }
}

struct History<'a> {
    random: Random,
    disk: Disk,
    /// The file before a rewrite and after it, if it is not known which there is.
    either: Vec<Content>,
    /// No two records are alike.
    next: u32,
    epoch: u32,
    seen: &'a Seen,
}

/// The process has ended.
struct Over;

impl History<'_> {
    fn new(seed: u64, seen: &Seen) -> History<'_> {
        let disk = Disk::default().with_chance(Random::new(!seed));
        let (random, either) = (Random::new(seed), vec![Content::default()]);
        History { random, disk, either, next: 0, epoch: 0, seen }
    }

    /// Opens the journal: what it shows must be what may be there, and stays from then on.
    fn open(&mut self, options: &Options) -> Result<(Driver, Journal), JournalError> {
        let mut found: Vec<Vec<u8>> = vec![];
        let (mut last, mut epoch) = (None, 0);
        let (driver, journal) = driven::open(&self.disk, options, |record| {
            assert_eq!(record.header.kind, KIND);
            assert!(last < Some(record.header.seq), "numbers only grow");
            assert!(epoch <= record.header.epoch, "epochs only grow");
            epoch = record.header.epoch;
            last = Some(record.header.seq);
            found.push(record.payload.to_vec());
        })?;
        let recovery = journal.recovery();
        assert_eq!(recovery.records, found.len() as u64);
        assert!(epoch < recovery.epoch, "each writer has an epoch of its own");
        assert!(recovery.epoch <= self.epoch, "an epoch for each time it was opened");
        let allowed = self.either.iter().any(|content| content.allows(&found));
        let least: Vec<_> = self.either.iter().map(|content| content.least).collect();
        assert!(
            allowed,
            "{} records are left, at least of {least:?}: lost or phantom",
            found.len()
        );
        let least = found.len();
        self.either = vec![Content { records: found, least }];
        self.seen.opened.fetch_add(1, Ordering::Relaxed);
        self.seen.torn.fetch_add(u64::from(recovery.torn.is_some()), Ordering::Relaxed);
        Ok((driver, journal))
    }

    /// One process, from its start to its end, and what the next one finds.
    fn live(&mut self) {
        let at = self.random.below(28);
        let trouble = match self.random.below(10) {
            0 => None,
            1..=4 => Some(Trouble::Stop),
            5..=6 => Some(Trouble::StopAfter),
            7..=8 => Some(Trouble::Fail(EIO)),
            _ => Some(Trouble::Fail(ENOSPC)),
        };
        if let Some(trouble) = trouble {
            self.disk = self.disk.clone().with_trouble(at, trouble);
        }
        let batch = [120, 4096, 1024 * 1024][self.random.below(3)];
        let options = Options::default().batch(NonZeroUsize::new(batch).unwrap());
        self.epoch += 1;
        match self.open(&options) {
            Ok((mut driver, journal)) => {
                let steps = 1 + self.random.below(8);
                let _ = (0..steps).try_for_each(|_| self.step(&mut driver, &journal));
            }
            Err(error) => assert!(matches!(error, JournalError::Io { .. }), "{error}"),
        }
        self.disk = match self.random.below(3) {
            0 => self.disk.restart(),
            _ => self.disk.crash_randomly(&mut self.random),
        };
    }

    fn step(&mut self, driver: &mut Driver, journal: &Journal) -> Result<(), Over> {
        match self.random.below(12) {
            0 => {
                self.end(journal, driver.run(journal.close()))?;
                Err(Over)
            }
            1 | 2 => self.rewrite(driver, journal),
            3 | 4 => self.append(driver, journal, false),
            _ => self.append(driver, journal, true),
        }
    }

    /// Hands records over, and waits until they are durable or leaves them to chance.
    fn append(&mut self, driver: &mut Driver, journal: &Journal, wait: bool) -> Result<(), Over> {
        let new = self.records();
        let entries: Vec<_> = new.iter().map(|record| entry(record)).collect();
        let content = self.either.last_mut().expect("there is one");
        content.records.extend(new.iter().cloned());
        let result = driver.run(async {
            let last = journal.append_batch(&entries).await?;
            if wait { journal.durable_at(last).await } else { Ok(()) }
        });
        if wait && result.is_ok() {
            content.least = content.records.len();
        }
        self.end(journal, result)
    }

    fn rewrite(&mut self, driver: &mut Driver, journal: &Journal) -> Result<(), Over> {
        let live = self.records();
        self.either.push(Content { least: live.len(), records: live.clone() });
        let result = driver.run(journal.rewrite(live.iter().map(|record| entry(record))));
        match result {
            Ok(_) => {
                self.either.remove(0);
                self.seen.rewritten.fetch_add(1, Ordering::Relaxed);
                Ok(())
            }
            // The journal goes on with the old file; if the machine has stopped, not for long.
            Err(JournalError::Io { .. }) if !self.disk.has_stopped() => {
                self.either.pop();
                Ok(())
            }
            Err(error) => {
                self.seen.unsettled.fetch_add(1, Ordering::Relaxed);
                self.end(journal, Err(error))
            }
        }
    }

    /// D5: after an error nothing is written any more and everybody gets the same one.
    fn end(&mut self, journal: &Journal, result: Result<(), JournalError>) -> Result<(), Over> {
        let Err(error) = result else { return Ok(()) };
        if self.disk.has_stopped() {
            return Err(Over);
        }
        assert!(matches!(error, JournalError::Failed { .. }), "{error}");
        let ops = self.disk.ops().len();
        let again = smol::future::block_on(journal.append(entry(b"late"))).unwrap_err();
        assert_eq!(again.to_string(), error.to_string());
        assert_eq!(self.disk.ops().len(), ops, "nothing is tried after {error}");
        self.seen.poisoned.fetch_add(1, Ordering::Relaxed);
        Err(Over)
    }

    /// New records, mostly few and short, now and then many or long ones.
    fn records(&mut self) -> Vec<Vec<u8>> {
        let count = if self.random.below(20) == 0 { 40 } else { 1 + self.random.below(4) };
        let mut record = |_| {
            self.next += 1;
            let len = match self.random.below(60) {
                0 => 70 * 1024,
                1..=5 => self.random.below(3000),
                _ => self.random.below(100),
            };
            let fill = self.next.to_le_bytes();
            fill.into_iter().chain(fill.into_iter().cycle().take(len)).collect()
        };
        (0..count).map(&mut record).collect()
    }

    /// After all that the journal opens, takes a record, and closes; then a flipped bit is found.
    fn conclude(&mut self) {
        self.epoch += 1;
        let (mut driver, journal) = self.open(&Options::default()).expect("no trouble any more");
        let result = self.append(&mut driver, &journal, true);
        assert!(result.is_ok());
        driver.run(journal.close()).unwrap();
        self.disk = self.disk.crash(|_| 0, || false);

        // Everything before the mark of a closed log.
        let bit = self.random.below(8 * journal.stats().size as usize);
        let damaged = self.disk.restart();
        damaged.flip_bit(bit);
        let before = damaged.bytes();
        match driven::open(&damaged, &Options::default(), |_| {}).map(drop) {
            Err(JournalError::NotAJournal { .. }) => assert!(bit < 64, "bit {bit}"),
            Err(JournalError::Corrupt { offset, .. }) => assert!(offset as usize <= bit / 8),
            other => panic!("bit {bit}: {other:?}"),
        }
        assert_eq!(damaged.bytes(), before, "the file must be left as it is");
        self.seen.flipped.fetch_add(1, Ordering::Relaxed);

        self.epoch += 1;
        self.open(&Options::default()).expect("the undamaged one");
    }
}

#[test]
fn d1_to_d5_hold_in_random_histories() {
    let seen = Seen::default();
    sample::histories(|seed| {
        let mut history = History::new(seed, &seen);
        for _ in 0..1 + history.random.below(5) {
            history.live();
        }
        history.conclude();
    });
    let Seen { opened, torn, poisoned, rewritten, unsettled, flipped } = seen;
    let counts = [opened, torn, poisoned, rewritten, unsettled, flipped].map(AtomicU64::into_inner);
    println!("opened, torn, poisoned, rewritten, cut short in a rewrite, flipped: {counts:?}");
    if counts[5] >= 300 {
        assert!(counts.iter().all(|&count| count > 10), "the sample misses something: {counts:?}");
    }
}
