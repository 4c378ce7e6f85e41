//! redb, a copy-on-write tree.

use super::{Result, Store};
use redb::{Database, Durability, TableDefinition};
use std::path::Path;

const STEPS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("steps");

pub struct Redb(Database);

impl Redb {
    pub fn create(dir: &Path) -> Result<Self> {
        Ok(Self(Database::create(dir.join("redb"))?))
    }
}

impl Store for Redb {
    fn write(&mut self, first: u64, payloads: &[&[u8]]) -> Result<()> {
        let mut transaction = self.0.begin_write()?;
        transaction.set_durability(Durability::Immediate)?;
        {
            let mut steps = transaction.open_table(STEPS)?;
            for (n, payload) in (first..).zip(payloads) {
                steps.insert(n, *payload)?;
            }
        }
        Ok(transaction.commit()?)
    }
}
