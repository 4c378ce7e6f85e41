//! A disk in memory that forgets, tears and reorders what was not synced, and fails on demand.

use super::Random;
use crate::journal::{file::LogFile, place::Place};
use alloc::{collections::BTreeMap, sync::Arc};
use std::{
    io::{self, ErrorKind},
    sync::{Mutex, MutexGuard},
};

/// What reaches the medium as a whole; small, so that short logs have many sectors.
pub(super) const SECTOR: usize = 64;

const LOG: &str = "log";
const DRAFT: &str = "draft";

/// A handle to a disk; clones are the same disk.
#[derive(Clone, Default)]
pub(super) struct Disk(Arc<Mutex<State>>);

#[derive(Clone, Default)]
struct State {
    files: Vec<FileState>,
    /// The directory as it is seen.
    names: BTreeMap<&'static str, usize>,
    /// The directory as it was at each change since it was last synced, that state first.
    history: Vec<BTreeMap<&'static str, usize>>,
    /// Every operation that changes something, by name.
    ops: Vec<&'static str>,
    trouble: Option<(When, Trouble)>,
}

#[derive(Clone, Default)]
struct FileState {
    seen: Vec<u8>,
    durable: Vec<u8>,
    pending: Vec<Change>,
}

#[derive(Clone)]
enum Change {
    Write { at: usize, bytes: Vec<u8> },
    Len(usize),
}

/// The operation at which there is trouble.
#[derive(Clone, Copy)]
enum When {
    Op(usize),
    /// The operation of this name after so many others of it.
    Named(&'static str, usize),
}

/// What happens at one operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The machine stops: this operation may or may not happen, later ones do not.
    Stop,
    /// This operation fails; a write has been half done, a sync has forgotten what it was to sync.
    Fail(ErrorKind),
}

impl Change {
    fn apply(&self, file: &mut Vec<u8>) {
        match self {
            Self::Write { at, bytes } => {
                file.resize(file.len().max(at + bytes.len()), 0);
                file[*at..at + bytes.len()].copy_from_slice(bytes);
            }
            Self::Len(len) => file.resize(*len, 0),
        }
    }

    /// The parts that reach the medium each for itself.
    fn sectors(&self) -> Vec<Self> {
        let Self::Write { at, bytes } = self else { return vec![self.clone()] };
        // Zeros ahead are many and all alike: they come or do not come together.
        if bytes.len() > 8 * SECTOR && *bytes == vec![0; bytes.len()] {
            return vec![self.clone()];
        }
        let (mut at, mut rest, mut sectors) = (*at, &bytes[..], vec![]);
        while !rest.is_empty() {
            let (sector, more) = rest.split_at((SECTOR - at % SECTOR).min(rest.len()));
            sectors.push(Self::Write { at, bytes: sector.to_vec() });
            (at, rest) = (at + sector.len(), more);
        }
        sectors
    }
}

impl State {
    /// Counts an operation and says what happens at it.
    fn op(&mut self, name: &'static str) -> Option<Trouble> {
        let now = self.ops.len();
        if let Some((when @ When::Named(..), _)) = &mut self.trouble {
            *when = match *when {
                When::Named(named, 0) if named == name => When::Op(now),
                When::Named(named, more) if named == name => When::Named(named, more - 1),
                when => when,
            };
        }
        self.ops.push(name);
        match self.trouble {
            Some((When::Op(at), Trouble::Stop)) if now >= at => Some(Trouble::Stop),
            Some((When::Op(at), trouble)) if now == at => Some(trouble),
            _ => None,
        }
    }

    /// Whether the machine stopped before the operation that was just counted.
    fn is_over(&self) -> bool {
        matches!(self.trouble, Some((When::Op(at), Trouble::Stop)) if self.ops.len() > at + 1)
    }

    fn rename(&mut self, change: impl FnOnce(&mut BTreeMap<&'static str, usize>)) {
        if self.history.is_empty() {
            self.history.push(self.names.clone());
        }
        change(&mut self.names);
        self.history.push(self.names.clone());
    }

    fn open(&mut self, name: &'static str) -> usize {
        if let Some(&file) = self.names.get(name) {
            return file;
        }
        self.files.push(FileState::default());
        let file = self.files.len() - 1;
        self.rename(|names| {
            names.insert(name, file);
        });
        file
    }
}

impl Trouble {
    fn error(self) -> io::Error {
        match self {
            Self::Stop => io::Error::other("the machine stopped"),
            Self::Fail(kind) => kind.into(),
        }
    }
}

impl Disk {
    /// Lets `trouble` happen at the operation number `op`.
    pub(super) fn with_trouble(self, op: usize, trouble: Trouble) -> Self {
        self.lock().trouble = Some((When::Op(op), trouble));
        self
    }

    /// Lets `trouble` happen at the operation called `name` after `others` of that name.
    pub(super) fn with_trouble_at(
        self,
        name: &'static str,
        others: usize,
        trouble: Trouble,
    ) -> Self {
        self.lock().trouble = Some((When::Named(name, others), trouble));
        self
    }

    /// The names of all operations so far.
    pub(super) fn ops(&self) -> Vec<&'static str> {
        self.lock().ops.clone()
    }

    /// Opens the log, and creates it if it is not there.
    pub(super) fn open(&self) -> (Box<dyn LogFile>, Box<dyn Place>) {
        let file = self.lock().open(LOG);
        (Box::new(DiskFile { disk: self.clone(), file }), Box::new(self.clone()))
    }

    /// The bytes of the log as they are seen.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let state = self.lock();
        state.files[state.names[LOG]].seen.clone()
    }

    /// Damages the medium and what is seen of it.
    pub(super) fn flip_bit(&self, bit: usize) {
        let mut state = self.lock();
        let file = state.names[LOG];
        let FileState { seen, durable, .. } = &mut state.files[file];
        seen[bit / 8] ^= 1 << (bit % 8);
        *durable = seen.clone();
    }

    /// How many independent things a crash now could lose or keep.
    pub(super) fn loose_parts(&self) -> usize {
        self.lock().files.iter().flat_map(|file| &file.pending).map(|c| c.sectors().len()).sum()
    }

    /// The disk after a crash that kept of what was not synced what `keep` says, part by part.
    ///
    /// `names` chooses among the states that the directory went through.
    pub(super) fn crash(
        &self,
        names: impl FnOnce(usize) -> usize,
        mut keep: impl FnMut() -> bool,
    ) -> Self {
        let old = self.lock();
        let mut new = State { names: old.names.clone(), ..State::default() };
        if !old.history.is_empty() {
            new.names = old.history[names(old.history.len())].clone();
        }
        for file in &old.files {
            let mut durable = file.durable.clone();
            for part in file.pending.iter().flat_map(Change::sectors).filter(|_| keep()) {
                part.apply(&mut durable);
            }
            new.files.push(FileState { seen: durable.clone(), durable, pending: vec![] });
        }
        Self(Arc::new(Mutex::new(new)))
    }

    /// The disk after a crash that kept a random part of what was not synced.
    pub(super) fn crash_randomly(&self, random: &mut Random) -> Self {
        let names = random.below(1 << 16);
        let often = 1 + random.below(8);
        self.crash(|states| names % states, || random.below(8) < often)
    }

    /// The disk after a crash that cut the last write short after `bytes` bytes.
    pub(super) fn tear_last_write(&self, bytes: usize) -> Self {
        let torn = Self(Arc::new(Mutex::new(self.lock().clone())));
        {
            let mut state = torn.lock();
            let file = state.names[LOG];
            if let Some(Change::Write { bytes: written, .. }) = state.files[file].pending.last_mut()
            {
                written.truncate(bytes);
            }
        }
        torn.crash(|states| states - 1, || true)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    fn change(&self, name: &'static str, file: usize, change: Change) -> io::Result<()> {
        let mut state = self.lock();
        let trouble = state.op(name);
        let change = match (trouble, change) {
            (Some(Trouble::Fail(_)), Change::Write { at, mut bytes }) => {
                bytes.truncate(bytes.len() / 2);
                Change::Write { at, bytes }
            }
            (_, change) => change,
        };
        if !state.is_over() {
            let file = &mut state.files[file];
            change.apply(&mut file.seen);
            file.pending.push(change);
        }
        trouble.map_or(Ok(()), |trouble| Err(trouble.error()))
    }
}

struct DiskFile {
    disk: Disk,
    file: usize,
}

impl LogFile for DiskFile {
    fn len(&self) -> io::Result<u64> {
        Ok(self.disk.lock().files[self.file].seen.len() as u64)
    }

    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let state = self.disk.lock();
        let rest = state.files[self.file].seen.get(offset as usize..).unwrap_or_default();
        let read = buf.len().min(rest.len());
        buf[..read].copy_from_slice(&rest[..read]);
        Ok(read)
    }

    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let write = Change::Write { at: offset as usize, bytes: bytes.to_vec() };
        self.disk.change("write", self.file, write)
    }

    fn set_len(&mut self, len: u64) -> io::Result<()> {
        self.disk.change("set_len", self.file, Change::Len(len as usize))
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut state = self.disk.lock();
        let trouble = state.op("sync");
        let file = &mut state.files[self.file];
        match trouble {
            None => {
                let FileState { durable, pending, .. } = file;
                pending.drain(..).for_each(|change| change.apply(durable));
                Ok(())
            }
            Some(Trouble::Stop) => Err(Trouble::Stop.error()),
            // As Linux does: the error is reported once, the pages stay and count as written.
            Some(trouble) => {
                file.pending.clear();
                Err(trouble.error())
            }
        }
    }
}

impl Place for Disk {
    fn draft(&mut self) -> io::Result<Box<dyn LogFile>> {
        let mut state = self.lock();
        if let Some(trouble) = state.op("create") {
            return Err(trouble.error());
        }
        let file = state.open(DRAFT);
        Ok(Box::new(DiskFile { disk: self.clone(), file }))
    }

    fn publish(&mut self) -> io::Result<()> {
        let mut state = self.lock();
        let trouble = state.op("rename");
        if trouble.is_none() || trouble == Some(Trouble::Stop) && !state.is_over() {
            state.rename(|names| {
                let draft = names.remove(DRAFT).expect("a draft was opened");
                names.insert(LOG, draft);
            });
        }
        trouble.map_or(Ok(()), |trouble| Err(trouble.error()))
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut state = self.lock();
        if let Some(trouble) = state.op("sync directory") {
            return Err(trouble.error());
        }
        state.history.clear();
        Ok(())
    }
}
