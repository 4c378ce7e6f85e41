//! What outlives a run: the journal of the files that are done.

use crate::{
    measure::{Measure, Stamp},
    table::{Row, Table},
};
use klaw_std::journal::{Entry, Journal, JournalError, Record, RecordKind};
use serde::{Deserialize, Serialize};
use std::{
    fmt,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    time::Duration,
};

/// Which tree the journal is about; its first record.
const ROOT: RecordKind = RecordKind::user(1);
/// A file that is done.
const FILE: RecordKind = RecordKind::user(2);
const SCHEMA: u32 = 1;

/// Nothing waits for a file to be durable but the display, which is slower than this.
const LINGER: Duration = Duration::from_millis(10);

#[derive(Serialize, Deserialize)]
struct FileRecord<'a> {
    path: &'a [u8],
    stamp: Stamp,
    measure: Measure,
}

/// The journal, and what earlier runs have written to it.
pub struct State {
    pub journal: Journal,
    /// Sorted.
    pub known: Table,
    /// Records of files that later ones have replaced.
    pub superseded: usize,
    /// It does not say yet which tree it is about.
    pub unnamed: bool,
}

/// The files that the state is kept in.
pub fn files(folder: &Path) -> [PathBuf; 2] {
    [folder.join("journal"), folder.join("journal.rewrite")]
}

/// Why the state cannot be used.
#[derive(Debug)]
pub enum StateError {
    Journal(JournalError),
    /// No place for it is known.
    NoPlace,
    /// It belongs to another tree.
    OtherTree {
        state: PathBuf,
        root: PathBuf,
    },
    /// It holds a record that this program does not know.
    OtherProgram {
        state: PathBuf,
    },
}

impl State {
    /// Opens the state of the tree `root` in the folder `state`.
    pub fn open(state: &Path, root: &Path) -> Result<Self, StateError> {
        let mut known = Table::default();
        let mut of: Option<Vec<u8>> = None;
        let mut foreign = false;
        let [path, _] = files(state);
        let journal = Journal::options()
            .linger(LINGER)
            .open_with(&path, |record: Record<'_>| {
                foreign |= record.header.schema != SCHEMA;
                if record.header.kind == ROOT {
                    of = Some(record.payload.to_vec());
                } else if record.header.kind == FILE
                    && let Ok(FileRecord { path, stamp, measure }) =
                        postcard::from_bytes(record.payload)
                {
                    known.push(Row { path, stamp, measure });
                } else {
                    foreign = true;
                }
            })
            .map_err(StateError::Journal)?;
        if foreign || (of.is_none() && known.len() > 0) {
            return Err(StateError::OtherProgram { state: state.into() });
        }
        let unnamed = of.is_none();
        if let Some(of) = of
            && of != root.as_os_str().as_bytes()
        {
            let root = PathBuf::from(std::ffi::OsStr::from_bytes(&of));
            return Err(StateError::OtherTree { state: state.into(), root });
        }
        let superseded = known.sort();
        known.shrink();
        Ok(Self { journal, known, superseded, unnamed })
    }
}

/// Says in the journal which tree it is about.
pub fn root_entry(root: &Path) -> Entry<&[u8]> {
    Entry::new(ROOT, SCHEMA, b"", root.as_os_str().as_bytes())
}

/// Encodes a row at the end of `buffer`, and returns where.
pub fn encode(row: Row<'_>, buffer: &mut Vec<u8>) -> core::ops::Range<usize> {
    let start = buffer.len();
    let Row { path, stamp, measure } = row;
    // Writing to a vector cannot fail, and nothing here is of a kind that postcard refuses.
    postcard::to_io(&FileRecord { path, stamp, measure }, &mut *buffer)
        .expect("a file record can be encoded");
    start..buffer.len()
}

/// The record of a row that was encoded as `payload`.
pub fn file_entry<P>(path: &[u8], payload: P) -> Entry<P> {
    Entry::new(FILE, SCHEMA, path, payload)
}

/// The state's folder for `root`, unless one is given.
pub fn default_folder(root: &Path) -> Result<PathBuf, StateError> {
    let base = std::env::var_os("XDG_STATE_HOME")
        .map(PathBuf::from)
        // The XDG Base Directory Specification has relative paths ignored.
        .filter(|path| path.is_absolute())
        .or_else(|| std::env::home_dir().map(|home| home.join(".local/state")))
        .ok_or(StateError::NoPlace)?;
    let name = blake3::hash(root.as_os_str().as_bytes()).to_hex();
    Ok(base.join("klaw-ingest").join(&name[..16]))
}

impl fmt::Display for StateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Journal(error) => error.fmt(f),
            Self::NoPlace => f.write_str("no home directory is known; say --state DIR"),
            Self::OtherTree { state, root } => write!(
                f,
                "{} is the state of {}; say --state DIR with another folder",
                state.display(),
                root.display()
            ),
            Self::OtherProgram { state } => write!(
                f,
                "{} holds records of another program or release; say --state DIR with another \
                 folder",
                state.display()
            ),
        }
    }
}
