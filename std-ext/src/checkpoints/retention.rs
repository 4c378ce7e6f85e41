//! How old checkpoints go.

use super::{directory::Directory, error::CheckpointsError, name};
use crate::journal::sync_directory;
use core::time::Duration;
use klaw::checkpoint::{FileHeader, FileHeaderError};
use std::{
    fs::{self, File, TryLockError},
    io::{self, Read},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// What became of the stores of a directory.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Retention {
    /// Those that were removed, or would have been, in the order of their names.
    pub expired: Vec<Expired>,
    /// How many bytes on the disk that freed, or would have.
    pub freed: u64,
    /// The names of those that are old enough, but in use.
    pub busy: Vec<String>,
    /// How many others there are.
    pub kept: usize,
    /// Files that could not be looked at or removed, and why.
    pub failed: Vec<(PathBuf, io::Error)>,
}

/// A store that was not written to for long.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Expired {
    /// Its name.
    pub name: String,
    /// How many bytes on the disk it took.
    pub freed: u64,
    /// When it was last written to.
    pub modified: SystemTime,
}

impl Directory {
    /// Removes the stores that were last written to before `age` ago, whatever their state.
    ///
    /// One that is in use is never removed; opening and closing count as writing. Files that are no stores
    /// of this directory are left alone. On return the removal is durable. A program that opens such a
    /// store meanwhile gets it as it was, in which case it stays, or a new one.
    ///
    /// # Errors
    ///
    /// [`CheckpointsError::Io`] if the directory cannot be read or synced; that of a single file is in
    /// [`Retention::failed`]. A directory that is not there is empty.
    pub fn remove_older_than(&self, age: Duration) -> Result<Retention, CheckpointsError> {
        let report = self.each_older_than(age, |path| {
            let draft = path.with_added_extension("rewrite");
            fs::remove_file(path)?;
            match fs::remove_file(draft) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            }
        })?;
        if !report.expired.is_empty() {
            let failed = CheckpointsError::io(self.path(), "sync the directory");
            sync_directory(self.path()).map_err(failed)?;
        }
        Ok(report)
    }

    /// Tells what [`remove_older_than`](Self::remove_older_than) would remove, and removes nothing.
    ///
    /// # Errors
    ///
    /// [`CheckpointsError::Io`] if the directory cannot be read.
    pub fn older_than(&self, age: Duration) -> Result<Retention, CheckpointsError> {
        self.each_older_than(age, |_| Ok(()))
    }

    fn each_older_than(
        &self,
        age: Duration,
        mut remove: impl FnMut(&Path) -> io::Result<()>,
    ) -> Result<Retention, CheckpointsError> {
        let mut report = Retention::default();
        // Nothing is older than time itself.
        let Some(before) = SystemTime::now().checked_sub(age) else {
            report.kept = self.stores()?.len();
            return Ok(report);
        };
        for (name, path) in self.stores()? {
            match expire(&path, before, &mut remove) {
                Ok(Fate::Expired { freed, modified }) => {
                    report.freed += freed;
                    report.expired.push(Expired { name, freed, modified });
                }
                Ok(Fate::Kept) => report.kept += 1,
                Ok(Fate::Busy) => report.busy.push(name),
                Ok(Fate::Gone) => {}
                Err(error) => report.failed.push((path, error)),
            }
        }
        Ok(report)
    }

    /// What may be a store, by its file's name alone, with its name; in the order of names.
    fn stores(&self) -> Result<Vec<(String, PathBuf)>, CheckpointsError> {
        let failed = || CheckpointsError::io(self.path(), "read the directory of checkpoints");
        let entries = match fs::read_dir(self.path()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(vec![]),
            entries => entries.map_err(failed())?,
        };
        let mut stores = vec![];
        for entry in entries {
            let entry = entry.map_err(failed())?;
            let file = entry.file_type().map_err(failed())?.is_file();
            if let Some(name) = entry.file_name().to_str().and_then(name::decode).filter(|_| file) {
                stores.push((name, entry.path()));
            }
        }
        stores.sort_unstable();
        Ok(stores)
    }
}

/// What became of one file.
enum Fate {
    Expired { freed: u64, modified: SystemTime },
    Kept,
    Busy,
    Gone,
}

/// Removes the journal at `path` if it is older than `before` and not in use.
fn expire(
    path: &Path,
    before: SystemTime,
    remove: impl FnOnce(&Path) -> io::Result<()>,
) -> io::Result<Fate> {
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Fate::Gone),
        file => file?,
    };
    if file.metadata()?.modified()? >= before || !is_journal(&file)? {
        return Ok(Fate::Kept);
    }
    // A shared lock keeps every journal out, and who opens one just now comes back for it.
    match file.try_lock_shared() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(Fate::Busy),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    let fate = expire_locked(&file, path, before, remove);
    // Dropping the file does the same, unless a child process is just being started.
    file.unlock()?;
    fate
}

fn expire_locked(
    file: &File,
    path: &Path,
    before: SystemTime,
    remove: impl FnOnce(&Path) -> io::Result<()>,
) -> io::Result<Fate> {
    // It may have been used, replaced or removed before it was locked.
    let held = file.metadata()?;
    let found = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Fate::Gone),
        found => found?,
    };
    let modified = held.modified()?;
    if (held.dev(), held.ino()) != (found.dev(), found.ino()) || modified >= before {
        return Ok(Fate::Kept);
    }
    remove(path)?;
    Ok(Fate::Expired { freed: held.blocks() * 512, modified })
}

/// Whether it is a journal, of any version, or the beginning of one.
fn is_journal(mut file: &File) -> io::Result<bool> {
    let mut front = Vec::with_capacity(FileHeader::LEN);
    file.by_ref().take(FileHeader::LEN as u64).read_to_end(&mut front)?;
    Ok(match FileHeader::decode(&front) {
        Ok(_) => true,
        Err(FileHeaderError::OtherVersion { .. } | FileHeaderError::Damaged) => true,
        Err(_) => FileHeader::is_unfinished(&front),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::UNIX_EPOCH;

    /// What becomes of a file that was found old, when `between` happens before it is locked.
    fn fate_after(between: impl FnOnce(&Path, &File)) -> (Fate, bool) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.journal");
        let file = File::create(&path).unwrap();
        file.set_modified(UNIX_EPOCH).unwrap();
        between(&path, &file);
        let before = UNIX_EPOCH + Duration::from_secs(1);
        let fate = expire_locked(&file, &path, before, |path| fs::remove_file(path)).unwrap();
        (fate, path.exists())
    }

    #[test]
    fn what_was_found_old_and_stays_so_goes() {
        assert!(matches!(fate_after(|_, _| {}), (Fate::Expired { .. }, false)));
    }

    #[test]
    fn what_was_used_before_it_was_locked_stays() {
        let used = fate_after(|_, file| file.set_modified(SystemTime::now()).unwrap());
        assert!(matches!(used, (Fate::Kept, true)));
    }

    #[test]
    fn what_took_its_name_before_it_was_locked_stays() {
        let replaced = fate_after(|path, _| {
            fs::write(path.with_extension("new"), b"another").unwrap();
            fs::rename(path.with_extension("new"), path).unwrap();
        });
        assert!(matches!(replaced, (Fate::Kept, true)));
        let removed = fate_after(|path, _| fs::remove_file(path).unwrap());
        assert!(matches!(removed, (Fate::Gone, false)));
    }
}
