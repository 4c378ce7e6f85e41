//! The ways to make a step durable.

mod append;
mod fjall;
mod klaw;
mod redb;
mod replace;
mod sqlite;

pub use klaw::Journal;

use klaw::Checkpoints;

use std::{error::Error, path::Path};

/// What can go wrong; it ends the measurement.
pub type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Keeps payloads under numbers.
pub trait Store {
    /// Makes all of `payloads` durable, under the numbers from `first` on, with one wait.
    fn write(&mut self, first: u64, payloads: &[&[u8]]) -> Result<()>;
}

/// One way.
pub struct Peer {
    pub name: &'static str,
    /// How often it asks the disk to flush for each durable write.
    pub flushes: &'static str,
    /// Makes a new one in a directory of its own.
    pub create: fn(&Path) -> Result<Box<dyn Store>>,
    /// Whether it can make several writes durable together.
    pub batches: bool,
    /// What ratios are to.
    pub is_base: bool,
}

pub fn all() -> Vec<Peer> {
    let peer =
        |name, flushes, create| Peer { name, flushes, create, batches: true, is_base: false };
    vec![
        Peer {
            is_base: true,
            ..peer("append, zeros ahead", "1", |dir| {
                Ok(Box::new(append::Append::zeros_ahead(dir)?))
            })
        },
        peer("append, plain growth", "1", |dir| Ok(Box::new(append::Append::growing(dir)?))),
        peer("klaw, `Journal`", "1", |dir| Ok(Box::new(Journal::create(dir)?))),
        Peer {
            batches: false,
            ..peer("klaw, `FileCheckpointer`", "1", |dir| Ok(Box::new(Checkpoints::create(dir)?)))
        },
        peer("fjall, `SyncData`", "1", |dir| Ok(Box::new(fjall::Fjall::create(dir)?))),
        peer("redb, `Immediate`", "1", |dir| Ok(Box::new(redb::Redb::create(dir)?))),
        peer("SQLite, WAL, FULL", "1", |dir| Ok(Box::new(sqlite::Sqlite::create(dir)?))),
        Peer {
            batches: false,
            ..peer("new file, rename", "2", |dir| Ok(Box::new(replace::Replace::create(dir)?)))
        },
    ]
}
