//! What it costs to open a long journal and to see all of its records.

use crate::{
    clock,
    measure::Stats,
    options::{Options, Scratch},
    peers::Result,
};
use klaw_std::journal::{Entry, Journal, RecordKind};
use smol::future::block_on;
use std::time::Instant;

const STEP: RecordKind = RecordKind::user(1);
const MEGABYTE: usize = 1_000_000;

/// Lengths of the records: a step's result, and what a small step records.
const LENGTHS: [usize; 2] = [1024, 64];

/// One journal, opened again and again.
pub struct Reading {
    pub payload: usize,
    pub records: u64,
    pub megabytes: f64,
    /// In seconds.
    pub processor: Stats,
    pub wall: Stats,
}

pub fn measure(dir: &Scratch, options: &Options) -> Result<Vec<Reading>> {
    LENGTHS.into_iter().map(|payload| open(dir, options, payload)).collect()
}

fn open(dir: &Scratch, options: &Options, payload: usize) -> Result<Reading> {
    let path = dir.join(&format!("opening-{payload}"));
    let journal = Journal::open(&path)?;
    let bytes: Vec<u8> = (0..payload).map(|n| (n * 31) as u8).collect();
    let written = block_on(async {
        let mut written = 0;
        while written * (payload + 41) < options.megabytes * MEGABYTE {
            written += 1;
            journal.append(Entry::new(STEP, 1, b"step", &bytes)).await?;
        }
        journal.close().await?;
        Ok::<_, klaw_std::JournalError>(written)
    })?;
    let (mut processor, mut wall, mut megabytes) = (vec![], vec![], 0.0);
    for round in 0..=options.rounds {
        let (mut seen, mut sum) = (0, 0_u64);
        let (used, begun) = (clock::process(), Instant::now());
        let journal = Journal::open_with(&path, |record| {
            seen += 1;
            sum += record.payload.iter().take(8).map(|&byte| u64::from(byte)).sum::<u64>();
        })?;
        let (used, took) = (clock::process() - used, begun.elapsed());
        assert_eq!(seen, written, "all records are seen");
        assert!(sum > 0);
        megabytes = journal.stats().size as f64 / MEGABYTE as f64;
        block_on(journal.close())?;
        if round > 0 {
            processor.push(used.as_secs_f64());
            wall.push(took.as_secs_f64());
        }
    }
    Ok(Reading {
        payload,
        records: written as u64,
        megabytes,
        processor: Stats::of(&mut processor),
        wall: Stats::of(&mut wall),
    })
}
