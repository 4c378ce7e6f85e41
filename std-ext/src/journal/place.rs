//! Where a journal's file lies: its directory, its lock and its replacement.

use super::{
    error::JournalError,
    file::{LockedFile, LogFile},
    retiring,
};
use alloc::sync::Arc;
use core::time::Duration;
use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions, TryLockError},
    io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    thread,
};

/// The directory of a log, as far as replacing the log needs it.
pub(super) trait Place: Send {
    /// Removes what a rewrite left behind that was cut short.
    fn tidy(&mut self) -> io::Result<()>;

    /// A file beside the log, locked; it may hold what an earlier draft left.
    fn draft(&mut self) -> io::Result<Box<dyn LogFile>>;

    /// Gives the draft the log's name; durable only after [`sync`](Self::sync).
    fn publish(&mut self) -> io::Result<()>;

    /// Makes the log's name durable.
    fn sync(&mut self) -> io::Result<()>;
}

/// A place in a real directory.
pub(super) struct Directory {
    log: Arc<Path>,
    draft: PathBuf,
}

impl Directory {
    fn parent(&self) -> &Path {
        self.log.parent().unwrap_or(Path::new("/"))
    }
}

impl Place for Directory {
    fn tidy(&mut self) -> io::Result<()> {
        match fs::remove_file(&self.draft) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn draft(&mut self) -> io::Result<Box<dyn LogFile>> {
        // Only the holder of the log's own lock comes here, so nobody else holds this one.
        Ok(Box::new(LockedFile::new(open_or_create(&self.draft)?)?))
    }

    fn publish(&mut self) -> io::Result<()> {
        fs::rename(&self.draft, &self.log)
    }

    fn sync(&mut self) -> io::Result<()> {
        sync_directory(self.parent())
    }
}

/// The path that `path` stands for, with its directory created and made durable.
pub(super) fn resolve(path: &Path) -> Result<Arc<Path>, JournalError> {
    let asked: Arc<Path> = path.into();
    let failed = |action| JournalError::io(&asked, action);
    let Some(name) = path.file_name() else {
        let error = io::Error::new(io::ErrorKind::InvalidInput, "the path names no file");
        return Err(failed("open the journal")(error));
    };
    let parent = match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => Path::new("/"),
    };
    create_directories(parent).map_err(failed("create its directory"))?;
    let parent = parent.canonicalize().map_err(failed("find its directory"))?;
    let log = parent.join(name);
    // A rewrite must replace the file that a link points to, not the link.
    Ok(log.canonicalize().unwrap_or(log).into())
}

/// Opens or creates the file at `path`, which is resolved, and locks it.
pub(super) fn claim(path: &Arc<Path>) -> Result<(LockedFile, Directory), JournalError> {
    let failed = |action| JournalError::io(path, action);
    let mut glances = 0..GLANCES;
    loop {
        let retiring = retiring::find(path);
        let file = open_or_create(path).map_err(failed("open the journal"))?;
        let file = match LockedFile::new(file) {
            Ok(file) => file,
            Err(TryLockError::WouldBlock) => match retiring {
                Some(retiring) => {
                    retiring.wait();
                    continue;
                }
                None if is_glanced_at(path) && glances.next().is_some() => {
                    thread::sleep(Duration::from_millis(1));
                    continue;
                }
                None => return Err(JournalError::Busy { path: Arc::clone(path) }),
            },
            Err(TryLockError::Error(error)) => return Err(failed("lock the journal")(error)),
        };
        // A rewrite, or a removal, may have come between opening and locking.
        if is_at(&file, path).map_err(failed("inspect the journal"))? {
            let mut draft = OsString::from(path.as_os_str());
            draft.push(".rewrite");
            return Ok((file, Directory { log: Arc::clone(path), draft: draft.into() }));
        }
    }
}

/// How many times an opener comes back after somebody looked whether the journal is in use.
///
/// A look takes microseconds. Who holds a shared lock for longer than this is not looking.
const GLANCES: u32 = 100;

/// Whether nobody has the file at `path` open as a journal, though it was locked by who looked at it.
fn is_glanced_at(path: &Path) -> bool {
    match File::open(path) {
        Ok(file) => file.try_lock_shared().is_ok() && file.unlock().is_ok(),
        // Who looked found it old, and removed it.
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}

fn open_or_create(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}

fn is_at(file: &LockedFile, path: &Path) -> io::Result<bool> {
    let held = file.metadata()?;
    match fs::metadata(path) {
        Ok(found) => Ok((held.dev(), held.ino()) == (found.dev(), found.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Creates `path` and what is missing above it, each durable before anything is put in it.
fn create_directories(path: &Path) -> io::Result<()> {
    if path.as_os_str().is_empty() || path.is_dir() {
        return Ok(());
    }
    let parent = path.parent().unwrap_or(Path::new("/"));
    create_directories(parent)?;
    match fs::create_dir(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    sync_directory(if parent.as_os_str().is_empty() { Path::new(".") } else { parent })
}

pub(crate) fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}
