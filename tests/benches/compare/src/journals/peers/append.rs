//! A file that is appended to, by hand: the least that a durable write can cost.

use super::{Result, Store};
use std::{fs::File, os::unix::fs::FileExt, path::Path};

/// How much is filled with zeros ahead of the data, at the beginning.
const AHEAD: usize = 16 * 1024 * 1024;

pub struct Append {
    file: File,
    end: u64,
    buffer: Vec<u8>,
}

impl Append {
    /// The file gets longer with each write, and the sync records the new length.
    pub fn growing(dir: &Path) -> Result<Self> {
        let file = File::create_new(dir.join("growing"))?;
        file.sync_all()?;
        File::open(dir)?.sync_all()?;
        Ok(Self { file, end: 0, buffer: vec![] })
    }

    /// The file is long enough from the start.
    pub fn zeros_ahead(dir: &Path) -> Result<Self> {
        let store = Self::growing(dir)?;
        store.file.write_all_at(&vec![0; AHEAD], 0)?;
        store.file.sync_all()?;
        Ok(store)
    }
}

impl Store for Append {
    fn write(&mut self, _: u64, payloads: &[&[u8]]) -> Result<()> {
        self.buffer.clear();
        for payload in payloads {
            self.buffer.extend_from_slice(&(payload.len() as u64).to_le_bytes());
            self.buffer.extend_from_slice(payload);
        }
        self.file.write_all_at(&self.buffer, self.end)?;
        self.file.sync_data()?;
        self.end += self.buffer.len() as u64;
        Ok(())
    }
}
