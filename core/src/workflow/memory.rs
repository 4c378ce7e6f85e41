//! Workflows kept in memory alone.

use super::{Entry, History, Log, Store};
use crate::{
    checkpoint::{Header, Record},
    sync::{Arc, Mutex},
};
use alloc::{boxed::Box, collections::BTreeMap, vec::Vec};
use core::{
    error::Error,
    fmt,
    future::{Ready, ready},
};

/// Keeps workflows as long as the process lives; clones are the same store.
///
/// For tests of workflows, and for those that need the rest of what a workflow is but need not outlive the process.
///
/// # Examples
///
/// ```
/// use klaw::workflow::{Failure, Log, MemoryStore, Workflow, WorkflowError};
/// use klaw::{Entropy, WallClock};
///
/// async fn greet<C: WallClock>(
///     clock: C,
///     entropy: &mut impl Entropy,
/// ) -> Result<String, Box<dyn std::error::Error>> {
///     let store = MemoryStore::new();
///     let name = "world".to_owned();
///     Workflow::open(&store, "greet-1", &name)
///         .run(clock, entropy, async |wf| {
///             let greeting = wf.step("greet", &name, async |_| Ok::<_, std::io::Error>(format!("hello, {name}")));
///             Ok(greeting.await?)
///         })
///         .await
/// }
/// ```
#[derive(Clone)]
pub struct MemoryStore(Arc<Mutex<Kept>>);

/// The logs, and which of them are open.
#[derive(Default)]
struct Kept {
    logs: BTreeMap<Box<str>, (bool, Vec<Arc<Entry>>)>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(Kept::default())))
    }

    /// What is recorded of the workflow `id`, for a [`replay_check`](super::replay_check).
    pub fn history(&self, id: &str) -> History {
        let mut history = History::new();
        show(&self.entries(id), |record| history.push(record));
        history
    }

    fn entries(&self, id: &str) -> Vec<Arc<Entry>> {
        self.0.with(|kept| kept.logs.get(id).map_or(Vec::new(), |(_, entries)| entries.clone()))
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

fn show(entries: &[Arc<Entry>], mut visit: impl FnMut(Record<'_>)) {
    for (seq, entry) in (1..).zip(entries) {
        let Entry { kind, schema, key, ref payload } = **entry;
        visit(Record {
            header: Header { epoch: 1, seq, synced_upto: 0, kind, schema, key },
            payload,
        });
    }
}

impl Store for MemoryStore {
    type Error = MemoryStoreError;
    type Log = MemoryLog;

    async fn open(
        &self,
        id: &str,
        visit: impl FnMut(Record<'_>),
    ) -> Result<MemoryLog, MemoryStoreError> {
        let key: Box<str> = id.into();
        let was_open = self.0.with(|kept| {
            let (open, _) = kept.logs.entry(key.clone()).or_default();
            core::mem::replace(open, true)
        });
        if was_open {
            return Err(MemoryStoreError::Busy { id: key });
        }
        let log = MemoryLog { store: self.clone(), id: key };
        show(&self.entries(id), visit);
        Ok(log)
    }
}

/// The log of one workflow in memory.
pub struct MemoryLog {
    store: MemoryStore,
    id: Box<str>,
}

impl Log for MemoryLog {
    type Error = MemoryStoreError;
    type Append = Ready<Result<(), MemoryStoreError>>;

    fn append(&self, entry: Entry) -> Self::Append {
        let entry = Arc::new(entry);
        self.store.0.with(|kept| {
            if let Some((_, entries)) = kept.logs.get_mut(&self.id) {
                entries.push(entry);
            }
        });
        ready(Ok(()))
    }
}

impl Drop for MemoryLog {
    fn drop(&mut self) {
        self.store.0.with(|kept| {
            if let Some((open, _)) = kept.logs.get_mut(&self.id) {
                *open = false;
            }
        });
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}

impl fmt::Debug for MemoryLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryLog").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Why a workflow in memory was not opened.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MemoryStoreError {
    /// It is open already.
    Busy {
        /// The workflow's id.
        id: Box<str>,
    },
}

impl fmt::Display for MemoryStoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Busy { id } = self;
        write!(f, "the workflow {id:?} is open already")
    }
}

impl Error for MemoryStoreError {}
