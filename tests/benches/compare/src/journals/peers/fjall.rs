//! fjall, a tree of sorted files with a log in front.

use super::{Result, Store};
use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode};
use std::path::Path;

pub struct Fjall {
    database: Database,
    steps: Keyspace,
}

impl Fjall {
    pub fn create(dir: &Path) -> Result<Self> {
        let database = Database::builder(dir.join("fjall")).open()?;
        let steps = database.keyspace("steps", KeyspaceCreateOptions::default)?;
        Ok(Self { database, steps })
    }
}

impl Store for Fjall {
    fn write(&mut self, first: u64, payloads: &[&[u8]]) -> Result<()> {
        for (n, payload) in (first..).zip(payloads) {
            self.steps.insert(n.to_be_bytes(), *payload)?;
        }
        Ok(self.database.persist(PersistMode::SyncData)?)
    }
}
