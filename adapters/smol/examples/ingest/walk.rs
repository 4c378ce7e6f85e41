//! Finding the files, a batch at a time.

use crate::{
    again::is_transient,
    measure,
    problem::{Problem, Problems},
};
use std::{
    ffi::OsString,
    fs::{self, DirEntry, ReadDir},
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

/// A file found: its folder, relative to the root, and its name.
#[derive(Clone, Debug)]
pub struct Found {
    pub folder: Arc<Path>,
    pub name: OsString,
}

impl Found {
    pub fn relative(&self) -> PathBuf {
        self.folder.join(&self.name)
    }
}

/// A walk under way; it holds one open folder and the names of those to come.
pub struct Walk {
    root: Arc<Path>,
    /// Not to be read: the files of the state, when they lie below the root.
    passed_over: Vec<PathBuf>,
    open: Option<(Arc<Path>, ReadDir)>,
    to_come: Vec<PathBuf>,
    pub problems: Problems,
    pub caches_skipped: u64,
}

/// The first bytes of a file that marks its folder as a cache, by the
/// [Cache Directory Tagging Specification](https://bford.info/cachedir/).
const CACHE_TAG: &[u8] = b"Signature: 8a477f597d28d172789f06886806bc55";

impl Walk {
    /// A walk of `root`, which must be a readable folder.
    pub fn new(root: Arc<Path>) -> io::Result<Self> {
        let open = Some((Arc::from(Path::new("")), fs::read_dir(&root)?));
        let problems = Problems::default();
        let (passed_over, to_come) = (vec![], vec![]);
        Ok(Self { root, passed_over, open, to_come, problems, caches_skipped: 0 })
    }

    /// Leaves out these files, given by their full paths.
    pub fn pass_over(&mut self, files: impl IntoIterator<Item = PathBuf>) {
        self.passed_over.extend(files);
    }

    /// The next files, at most `most`; none at the end of the walk.
    ///
    /// It fails only if a folder cannot be entered for the moment: the next call tries that again,
    /// unless it is [skipped](Self::skip).
    pub fn next_batch(&mut self, most: usize) -> io::Result<Vec<Found>> {
        let mut batch = Vec::with_capacity(most);
        while batch.len() < most {
            let Some((folder, entries)) = &mut self.open else {
                let Some(folder) = self.to_come.pop() else { break };
                match self.enter(&folder) {
                    Ok(()) => {}
                    Err(error) if is_transient(&error) => {
                        self.to_come.push(folder);
                        return if batch.is_empty() { Err(error) } else { Ok(batch) };
                    }
                    Err(error) => self.problems.add(Problem::new(&folder, &error)),
                }
                continue;
            };
            let folder = Arc::clone(folder);
            match entries.next() {
                None => self.open = None,
                Some(Ok(entry)) => self.look_at(&folder, &entry, &mut batch),
                Some(Err(error)) => self.problems.add(Problem::new(&folder, &error)),
            }
        }
        Ok(batch)
    }

    /// Leaves out the folder that the last call could not enter, as `error` says.
    pub fn skip(&mut self, error: &io::Error) {
        if let Some(folder) = self.to_come.pop() {
            self.problems.add(Problem::new(&folder, error));
        }
    }

    fn enter(&mut self, folder: &Path) -> io::Result<()> {
        let path = self.root.join(folder);
        if is_cache(&path)? {
            self.caches_skipped += 1;
        } else {
            self.open = Some((folder.into(), fs::read_dir(&path)?));
        }
        Ok(())
    }

    /// Links to files count as files, links to folders are not followed: they may form a circle.
    fn look_at(&mut self, folder: &Arc<Path>, entry: &DirEntry, batch: &mut Vec<Found>) {
        if self.passed_over.contains(&entry.path()) {
            return;
        }
        let found = || Found { folder: Arc::clone(folder), name: entry.file_name() };
        let looked = entry.file_type().and_then(|kind| {
            if kind.is_symlink() {
                return Ok(fs::metadata(entry.path())?.is_file().then(found));
            }
            if kind.is_dir() {
                self.to_come.push(folder.join(entry.file_name()));
            }
            Ok(kind.is_file().then(found))
        });
        match looked {
            Ok(found) => batch.extend(found),
            Err(error) => {
                self.problems.add(Problem::new(&folder.join(entry.file_name()), &error));
            }
        }
    }
}

fn is_cache(folder: &Path) -> io::Result<bool> {
    let mut start = [0; CACHE_TAG.len()];
    let tag = measure::open(&folder.join("CACHEDIR.TAG"));
    match tag.and_then(|(mut tag, _)| tag.read_exact(&mut start)) {
        Ok(()) => Ok(start == CACHE_TAG),
        Err(error) if is_transient(&error) => Err(error),
        Err(_) => Ok(false), // there is none, or none that can be read
    }
}
