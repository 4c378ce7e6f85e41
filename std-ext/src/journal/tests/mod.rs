//! Crashes and failures on a disk that does only what a disk must.

mod bit_flips;
mod cancel;
mod crash;
mod crash_points;
pub(crate) mod disk;
pub(crate) mod driven;
mod failure;
mod history;
mod rewrite;
pub(crate) mod sample;

use super::{Entry, Journal, JournalError, Options, RecordKind, Seq, log::Log, log::Recovery};
use alloc::sync::Arc;
use disk::Disk;
use sample::Random;
use std::path::Path;

const KIND: RecordKind = RecordKind::user(1);

fn entry(payload: &[u8]) -> Entry<&[u8]> {
    Entry::new(KIND, 1, b"key", payload)
}

fn path() -> Arc<Path> {
    Path::new("disk/log").into()
}

/// The journal on `disk`, with its writer thread.
fn open(disk: &Disk) -> Result<Journal, JournalError> {
    let (file, place) = disk.open();
    Options::default().start(path(), file, place, |_| {})
}

/// What the journal on `disk` holds, opened as after a restart.
fn contents(disk: &Disk) -> Result<(Vec<Vec<u8>>, Recovery), JournalError> {
    let (file, mut place) = disk.open();
    place.tidy().map_err(JournalError::io(&path(), "remove an unfinished rewrite"))?;
    place.sync().map_err(JournalError::io(&path(), "sync the directory"))?;
    let mut found = vec![];
    let mut seq = None;
    let (_, last, recovery) = Log::open(file, &path(), |record| {
        assert_eq!((record.header.kind, record.header.schema), (KIND, 1));
        assert!(seq < Some(record.header.seq), "numbers only grow");
        seq = Some(record.header.seq);
        found.push(record.payload.to_vec());
    })?;
    assert!(seq < Some(last));
    Ok((found, recovery))
}

/// Appends and waits until that is durable.
async fn save(journal: &Journal, payloads: &[Vec<u8>]) -> Result<Seq, JournalError> {
    let entries: Vec<_> = payloads.iter().map(|payload| entry(payload)).collect();
    let seq = journal.append_batch(&entries).await?;
    journal.durable_at(seq).await?;
    Ok(seq)
}

/// Numbered payloads of various lengths, so that a record can be told from every other.
fn payloads(numbers: core::ops::Range<u32>) -> Vec<Vec<u8>> {
    numbers.map(|n| (n | 0x4040_4040).to_le_bytes().repeat(1 + (n as usize * 7) % 40)).collect()
}
