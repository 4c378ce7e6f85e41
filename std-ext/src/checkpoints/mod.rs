//! Where a program keeps its checkpoints.
//!
//! Each name is a [`FileCheckpointer`] of its own in one directory: the one given to [`init`], else the one that
//! `KLAW_CHECKPOINT_PATH` names, else `~/.klaw/checkpoints`. Which one it is, is decided once, at the first
//! use. A program that wants several directories, or no global state, has [`Directory::at`].
//!
//! ```no_run
//! use klaw::checkpoint::Checkpointer;
//! use klaw_std::checkpoints;
//!
//! # smol::block_on(async {
//! let mut store = checkpoints::open("counter")?; // ~/.klaw/checkpoints/counter.journal
//! store.save(b"count", &7_u32.to_le_bytes()).await?;
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! # }).unwrap();
//! ```

mod directory;
mod error;
mod name;
mod retention;

pub use directory::{Directory, Source, VARIABLE};
pub use error::CheckpointsError;
pub use retention::{Expired, Retention};

use crate::FileCheckpointer;
use std::{path::PathBuf, sync::OnceLock};

static DIRECTORY: OnceLock<Directory> = OnceLock::new();

/// Keeps the checkpoints of this process below `checkpoint_path`.
///
/// A relative path is taken from the current directory, now. The directory is created when something is
/// kept in it.
///
/// # Errors
///
/// [`CheckpointsError::AlreadyInitialised`] if this was called before, or checkpoints were used before;
/// [`CheckpointsError::Io`] if the path is empty, or relative and there is no current directory.
pub fn init(checkpoint_path: impl Into<PathBuf>) -> Result<(), CheckpointsError> {
    let wanted = Directory::at(checkpoint_path)?;
    DIRECTORY.set(wanted).map_err(|refused| CheckpointsError::AlreadyInitialised {
        in_use: directory().ok(),
        refused,
    })
}

/// The directory of this process: what [`init`] was given, or [`Directory::detect`] found at first.
///
/// # Errors
///
/// As [`Directory::detect`].
pub fn directory() -> Result<Directory, CheckpointsError> {
    if let Some(directory) = DIRECTORY.get() {
        return Ok(directory.clone());
    }
    let found = Directory::detect()?;
    Ok(DIRECTORY.get_or_init(|| found).clone())
}

/// Opens the store `name` in the directory of this process, and creates both if they are not there.
///
/// Blocks for as long as reading and syncing the file takes.
///
/// # Errors
///
/// As [`directory`] and [`Directory::open`].
pub fn open(name: &str) -> Result<FileCheckpointer, CheckpointsError> {
    directory()?.open(name)
}
