//! A store after random histories: it holds what was saved last, whatever cut its processes short.

use crate::{
    journal::{
        JournalError, Options,
        tests::{
            disk::{Disk, EIO, ENOSPC, Trouble},
            driven::{self, Driver},
            sample::{self, Random},
        },
    },
    store::{FileCheckpointer, StoreError},
};
use alloc::collections::BTreeMap;
use core::{
    num::NonZeroUsize,
    sync::atomic::{AtomicU64, Ordering},
};
use klaw::checkpoint::Checkpointer;

type Map = BTreeMap<Vec<u8>, Vec<u8>>;

/// So short a file is worth a rewrite here, that there are many.
const SMALL: u64 = 600;

/// What has happened in all histories together.
#[derive(Default)]
struct Seen {
    opened: AtomicU64,
    rewritten: AtomicU64,
    poisoned: AtomicU64,
    dropped: AtomicU64,
    behind: AtomicU64,
}

struct History<'a> {
    random: Random,
    disk: Disk,
    /// The map after each change, beginning with the last that is certainly durable.
    maps: Vec<Map>,
    /// No two values are alike.
    next: u32,
    seen: &'a Seen,
}

/// The process has ended.
struct Over;

impl History<'_> {
    fn new(seed: u64, seen: &Seen) -> History<'_> {
        let disk = Disk::default().with_chance(Random::new(!seed));
        History { random: Random::new(seed), disk, maps: vec![Map::new()], next: 0, seen }
    }

    /// Opens the store: it must hold one of the maps, and holds that one from then on.
    fn open(&mut self) -> Result<(Driver, FileCheckpointer), StoreError> {
        let batch = [120, 1024 * 1024][self.random.below(2)];
        let options = Options::default().batch(NonZeroUsize::new(batch).unwrap());
        let mut driver = None;
        let store = FileCheckpointer::recover(SMALL, |visit| {
            let (writer, journal) = driven::open(&self.disk, &options, visit)?;
            driver = Some(writer);
            Ok(journal)
        })?;
        let found: Map =
            store.live.iter().map(|(key, value)| (key.to_vec(), value.to_vec())).collect();
        let known = self.maps.iter().rposition(|map| *map == found);
        let known = known.unwrap_or_else(|| panic!("{found:?} is none of {:?}", self.maps));
        self.seen.behind.fetch_add(u64::from(known + 1 < self.maps.len()), Ordering::Relaxed);
        self.seen.opened.fetch_add(1, Ordering::Relaxed);
        self.maps = vec![found];
        Ok((driver.expect("the store has a journal"), store))
    }

    /// One process, from its start to its end, and what the next one finds.
    fn live(&mut self) {
        let at = self.random.below(120);
        let trouble = match self.random.below(8) {
            0 => None,
            1..=3 => Some(Trouble::Stop),
            4 => Some(Trouble::StopAfter),
            5 | 6 => Some(Trouble::Fail(EIO)),
            _ => Some(Trouble::Fail(ENOSPC)),
        };
        if let Some(trouble) = trouble {
            self.disk = self.disk.clone().with_trouble(at, trouble);
        }
        match self.open() {
            Ok((mut driver, mut store)) => {
                let steps = 1 + self.random.below(60);
                let _ = (0..steps).try_for_each(|_| self.step(&mut driver, &mut store));
            }
            Err(StoreError::Journal(JournalError::Io { .. })) => {}
            Err(error) => panic!("{error}"),
        }
        self.disk = match self.random.below(3) {
            0 => self.disk.restart(),
            _ => self.disk.crash_randomly(&mut self.random),
        };
    }

    /// A save or a removal, waited for or dropped on the way.
    fn step(&mut self, driver: &mut Driver, store: &mut FileCheckpointer) -> Result<(), Over> {
        let key = vec![b'k', self.random.below(4) as u8];
        let mut map = self.maps.last().expect("there is one").clone();
        self.next += 1;
        let value = (self.random.below(5) > 0).then(|| {
            let len = self.random.below(60);
            self.next.to_le_bytes().into_iter().cycle().take(4 + len).collect::<Vec<u8>>()
        });
        match &value {
            Some(value) => _ = map.insert(key.clone(), value.clone()),
            None => _ = map.remove(&key),
        }
        self.maps.push(map);
        let patience = if self.random.below(6) == 0 { self.random.below(6) } else { usize::MAX };
        let size = store.journal().stats().size;
        let saved = driver.run_partly(patience, async {
            match &value {
                Some(value) => store.save(&key, value).await,
                None => store.remove(&key).await,
            }
        });
        let smaller = store.journal().stats().size < size;
        self.seen.rewritten.fetch_add(u64::from(smaller), Ordering::Relaxed);
        match saved {
            Some(Ok(())) => {
                self.settled();
                Ok(())
            }
            Some(Err(error)) => self.end(store, &error),
            None => self.after_drop(driver, store, &key, value.as_deref()),
        }
    }

    /// A save that was dropped has happened or has not; what is loaded stays.
    fn after_drop(
        &mut self,
        driver: &mut Driver,
        store: &mut FileCheckpointer,
        key: &[u8],
        value: Option<&[u8]>,
    ) -> Result<(), Over> {
        self.seen.dropped.fetch_add(1, Ordering::Relaxed);
        let mut buf = [0; 256];
        let loaded = match driver.run(store.load(key, &mut buf)) {
            Ok(loaded) => loaded,
            Err(error) => return self.end(store, &error),
        };
        if loaded != value {
            self.maps.pop();
        }
        assert_eq!(loaded, self.maps.last().unwrap().get(key).map(Vec::as_slice));
        self.settled();
        Ok(())
    }

    /// The last map is durable.
    fn settled(&mut self) {
        self.maps.drain(..self.maps.len() - 1);
    }

    /// D5: after an error the store takes nothing more.
    fn end(&mut self, store: &mut FileCheckpointer, error: &StoreError) -> Result<(), Over> {
        if !self.disk.has_stopped() {
            let failed = matches!(error, StoreError::Journal(JournalError::Failed { .. }));
            assert!(failed, "{error}");
            let late = smol::future::block_on(store.save(b"late", b"value")).unwrap_err();
            assert_eq!(late.to_string(), error.to_string());
            self.seen.poisoned.fetch_add(1, Ordering::Relaxed);
        }
        Err(Over)
    }
}

#[test]
fn d1_to_d5_a_store_holds_what_was_saved_last_in_random_histories() {
    let seen = Seen::default();
    sample::histories(|seed| {
        let mut history = History::new(seed, &seen);
        for _ in 0..1 + history.random.below(4) {
            history.live();
        }
        for _ in 0..2 {
            let (mut driver, mut store) = history.open().expect("no trouble any more");
            let result = driver.run(store.save(b"last", &seed.to_le_bytes()));
            result.expect("no trouble any more");
            let last = store.live.iter().map(|(k, v)| (k.to_vec(), v.to_vec())).collect();
            history.maps = vec![last];
            drop((store, driver));
            history.disk = history.disk.crash_randomly(&mut history.random);
        }
    });
    let Seen { opened, rewritten, poisoned, dropped, behind } = seen;
    let counts = [opened, rewritten, poisoned, dropped, behind].map(AtomicU64::into_inner);
    println!("opened, rewritten, poisoned, dropped, last save lost: {counts:?}");
    if counts[0] >= 1000 {
        assert!(counts.iter().all(|&count| count > 10), "the sample misses something: {counts:?}");
    }
}
