//! Eight writers at once: in one journal, where they share syncs, or each with one of its own.

use crate::{
    measure::{Order, Stats, payload},
    options::{Options, Scratch},
    peers::{Journal as OwnJournal, Result, Store},
};
use klaw_std::journal::{Entry, Journal, RecordKind};
use smol::future::block_on;
use std::{
    fs, thread,
    time::{Duration, Instant},
};

const WRITERS: usize = 8;
const STEP: RecordKind = RecordKind::user(1);

/// One way, in microseconds of the wall clock for each write.
pub struct Reading {
    pub name: &'static str,
    pub wall: Stats,
    /// How many writes shared a sync.
    pub shared: f64,
    /// To a journal for each.
    pub ratio: f64,
}

type Way = fn(&Scratch, usize, &[u8], usize) -> Result<(Duration, f64)>;

const WAYS: [(&str, Way); 3] = [
    ("a journal for each, 8 threads", own),
    ("one journal, 8 threads", shared),
    ("one journal, 8 tasks of one thread", tasks),
];

pub fn measure(dir: &Scratch, options: &Options) -> Result<Vec<Reading>> {
    let payload = payload();
    let mut rounds: [Vec<(f64, f64)>; WAYS.len()] = Default::default();
    let mut order = Order::new();
    for round in 0..=options.rounds {
        for at in order.shuffled(WAYS.len()) {
            let (wall, shared) = (WAYS[at].1)(dir, round, &payload, options.writes)?;
            if round > 0 {
                let writes = (WRITERS * options.writes) as f64;
                rounds[at].push((wall.as_secs_f64() * 1e6 / writes, shared));
            }
        }
    }
    let reading = |(at, (name, _)): (usize, &(&'static str, Way))| {
        let median =
            |values: &mut dyn Iterator<Item = f64>| Stats::of(&mut values.collect::<Vec<_>>());
        let pairs = rounds[at].iter().zip(&rounds[0]);
        Reading {
            name,
            wall: median(&mut rounds[at].iter().map(|round| round.0)),
            shared: median(&mut rounds[at].iter().map(|round| round.1)).median,
            ratio: median(&mut pairs.map(|(round, own)| round.0 / own.0)).median,
        }
    };
    Ok(WAYS.iter().enumerate().map(reading).collect())
}

fn own(dir: &Scratch, round: usize, payload: &[u8], writes: usize) -> Result<(Duration, f64)> {
    let mut stores = vec![];
    for writer in 0..WRITERS {
        let dir = dir.join(&format!("own-{round}-{writer}"));
        fs::create_dir(&dir)?;
        stores.push(OwnJournal::create(&dir)?);
    }
    let begun = Instant::now();
    thread::scope(|scope| {
        let write = |mut store: OwnJournal| {
            move || (0..writes as u64).try_for_each(|n| store.write(n, &[payload]))
        };
        let threads: Vec<_> = stores.into_iter().map(|store| scope.spawn(write(store))).collect();
        threads.into_iter().try_for_each(|thread| thread.join().expect("no writer panics"))
    })?;
    Ok((begun.elapsed(), 1.0))
}

fn shared(dir: &Scratch, round: usize, payload: &[u8], writes: usize) -> Result<(Duration, f64)> {
    let journal = Journal::open(dir.join(&format!("shared-{round}")))?;
    let begun = Instant::now();
    thread::scope(|scope| {
        let write = || block_on(write(&journal, payload, writes));
        let threads: Vec<_> = (0..WRITERS).map(|_| scope.spawn(write)).collect();
        threads.into_iter().try_for_each(|thread| thread.join().expect("no writer panics"))
    })?;
    Ok((begun.elapsed(), sharing(&journal)))
}

fn tasks(dir: &Scratch, round: usize, payload: &[u8], writes: usize) -> Result<(Duration, f64)> {
    let journal = Journal::open(dir.join(&format!("tasks-{round}")))?;
    let begun = Instant::now();
    let all = (0..WRITERS).map(|_| write(&journal, payload, writes));
    block_on(futures_util::future::try_join_all(all))?;
    Ok((begun.elapsed(), sharing(&journal)))
}

async fn write(journal: &Journal, payload: &[u8], writes: usize) -> Result<()> {
    for n in 0..writes as u64 {
        let seq = journal.append(Entry::new(STEP, 1, &n.to_le_bytes(), payload)).await?;
        journal.durable_at(seq).await?;
    }
    Ok(())
}

fn sharing(journal: &Journal) -> f64 {
    let stats = journal.stats();
    stats.records as f64 / stats.syncs as f64
}
