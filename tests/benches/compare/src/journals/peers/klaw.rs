//! klaw's journal, and the store on it.

use super::{Result, Store};
use klaw::checkpoint::Checkpointer;
use klaw_std::{
    FileCheckpointer,
    journal::{self, Entry, RecordKind},
};
use smol::future::block_on;
use std::path::Path;

const STEP: RecordKind = RecordKind::user(1);

fn entry(n: u64, payload: &[u8]) -> Entry<&[u8]> {
    Entry::new(STEP, 1, &n.to_le_bytes(), payload)
}

pub struct Journal(journal::Journal);

impl Journal {
    pub fn create(dir: &Path) -> Result<Self> {
        Ok(Self(journal::Journal::open(dir.join("journal"))?))
    }
}

impl Store for Journal {
    fn write(&mut self, first: u64, payloads: &[&[u8]]) -> Result<()> {
        block_on(async {
            let last = match payloads {
                [payload] => self.0.append(entry(first, payload)).await?,
                _ => {
                    let numbered = (first..).zip(payloads);
                    let entries: Vec<_> = numbered.map(|(n, payload)| entry(n, payload)).collect();
                    self.0.append_batch(&entries).await?
                }
            };
            Ok(self.0.durable_at(last).await?)
        })
    }
}

pub struct Checkpoints(FileCheckpointer);

impl Checkpoints {
    pub fn create(dir: &Path) -> Result<Self> {
        Ok(Self(FileCheckpointer::open(dir.join("store"))?))
    }
}

impl Store for Checkpoints {
    fn write(&mut self, first: u64, payloads: &[&[u8]]) -> Result<()> {
        block_on(async {
            for (n, payload) in (first..).zip(payloads) {
                self.0.save(&n.to_le_bytes(), payload).await?;
            }
            Ok(())
        })
    }
}
