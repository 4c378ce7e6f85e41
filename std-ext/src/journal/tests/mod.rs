//! Crashes and failures on a disk that does only what a disk must.

mod cancel;
mod crash;
mod disk;
mod failure;
mod rewrite;

use super::{Entry, Journal, JournalError, Options, RecordKind, Seq, log::Log, log::Recovery};
use alloc::sync::Arc;
use disk::Disk;
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

/// A small generator of random numbers (xorshift64*), so that a seed names a history.
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % n
    }
}
