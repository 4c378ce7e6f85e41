//! SQLite with a write-ahead log that is synced at every commit.

use super::{Result, Store};
use rusqlite::Connection;
use std::path::Path;

pub struct Sqlite(Connection);

impl Sqlite {
    pub fn create(dir: &Path) -> Result<Self> {
        let connection = Connection::open(dir.join("sqlite"))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.execute("CREATE TABLE steps (n INTEGER PRIMARY KEY, payload BLOB)", ())?;
        Ok(Self(connection))
    }
}

impl Store for Sqlite {
    fn write(&mut self, first: u64, payloads: &[&[u8]]) -> Result<()> {
        let transaction = self.0.transaction()?;
        {
            let mut insert = transaction.prepare_cached("INSERT INTO steps VALUES (?1, ?2)")?;
            for (n, payload) in (first..).zip(payloads) {
                insert.execute((n as i64, *payload))?;
            }
        }
        Ok(transaction.commit()?)
    }
}
