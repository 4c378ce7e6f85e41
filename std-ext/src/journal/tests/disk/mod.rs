//! A disk in memory that forgets, tears and reorders what was not synced, and fails on demand.
//!
//! It is harsher than real ones: writes to one sector may arrive in any order too, and a failed
//! sync writes any part of what it was to write and forgets the rest. Names are milder: a file
//! system keeps them in a journal of its own, so those not yet synced are lost latest first, and
//! syncing a directory can be tried again.

mod crash;
mod device;

use super::Random;
use crate::journal::{file::LogFile, place::Place};
use alloc::{collections::BTreeMap, sync::Arc};
use std::{
    io,
    sync::{Mutex, MutexGuard},
};

/// What reaches the medium as a whole; small, so that short logs have many sectors.
pub(crate) const SECTOR: usize = 64;

const LOG: &str = "log";
const DRAFT: &str = "draft";

/// A handle to a disk; clones are the same disk.
#[derive(Clone, Default)]
pub(crate) struct Disk(Arc<Mutex<State>>);

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
    /// Decides what a failed operation has done all the same.
    chance: Random,
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
pub(crate) enum Trouble {
    /// The machine stops: this operation may or may not happen, later ones do not.
    Stop,
    /// The machine stops when this operation has happened, before anybody hears of it.
    StopAfter,
    /// This operation fails with this error of the operating system; a write has been done in
    /// part, a sync has written some of what it was to write and forgotten the rest.
    Fail(i32),
}

/// No space left on the device.
pub(crate) const ENOSPC: i32 = 28;
/// The device failed.
pub(crate) const EIO: i32 = 5;

impl FileState {
    /// A file of which the medium holds just `durable`.
    fn synced(durable: Vec<u8>) -> Self {
        Self { seen: durable.clone(), durable, pending: vec![] }
    }
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
        // Zeros ahead are many and all alike: three parts stand for them.
        if bytes.len() > 8 * SECTOR && *bytes == vec![0; bytes.len()] {
            let first = SECTOR - at % SECTOR;
            let half = first + (bytes.len() - first) / 2 / SECTOR * SECTOR;
            let run = |from, to| Self::Write { at: at + from, bytes: bytes[from..to].to_vec() };
            return vec![run(0, first), run(first, half), run(half, bytes.len())];
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
        match self.trouble? {
            (When::Op(at), Trouble::Stop | Trouble::StopAfter) if now > at => Some(Trouble::Stop),
            (When::Op(at), trouble) if now == at => Some(trouble),
            _ => None,
        }
    }

    /// Whether the machine stopped before the operation that was just counted.
    fn is_over(&self) -> bool {
        self.stopped_at().is_some_and(|at| self.ops.len() > at + 1)
    }

    /// The operation at which the machine stops.
    fn stopped_at(&self) -> Option<usize> {
        match self.trouble? {
            (When::Op(at), Trouble::Stop | Trouble::StopAfter) => Some(at),
            _ => None,
        }
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
            Self::Stop | Self::StopAfter => io::Error::other("the machine stopped"),
            Self::Fail(errno) => io::Error::from_raw_os_error(errno),
        }
    }
}

impl Disk {
    /// Lets `trouble` happen at the operation number `op`.
    pub(crate) fn with_trouble(self, op: usize, trouble: Trouble) -> Self {
        self.lock().trouble = Some((When::Op(op), trouble));
        self
    }

    /// Lets `trouble` happen at the operation called `name` after `others` of that name.
    pub(crate) fn with_trouble_at(
        self,
        name: &'static str,
        others: usize,
        trouble: Trouble,
    ) -> Self {
        self.lock().trouble = Some((When::Named(name, others), trouble));
        self
    }

    /// The names of all operations so far.
    pub(crate) fn ops(&self) -> Vec<&'static str> {
        self.lock().ops.clone()
    }

    /// Lets `random` decide what failed operations have done.
    pub(crate) fn with_chance(self, random: Random) -> Self {
        self.lock().chance = random;
        self
    }

    /// Whether the machine has stopped.
    pub(crate) fn has_stopped(&self) -> bool {
        let state = self.lock();
        state.stopped_at().is_some_and(|at| state.ops.len() > at)
    }

    /// Opens the log, and creates it if it is not there.
    pub(in crate::journal) fn open(&self) -> (Box<dyn LogFile>, Box<dyn Place>) {
        let file = self.lock().open(LOG);
        (Box::new(device::DiskFile::new(self, file)), Box::new(self.clone()))
    }

    /// The bytes of the log as they are seen.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let state = self.lock();
        state.files[state.names[LOG]].seen.clone()
    }

    /// The same disk with the log cut to `len` bytes, so that a small one is read quickly.
    pub(crate) fn cut_to(self, len: usize) -> Self {
        {
            let mut state = self.lock();
            let file = state.names[LOG];
            state.files[file].seen.truncate(len);
            state.files[file].durable.truncate(len);
        }
        self
    }

    /// Damages the medium and what is seen of it.
    pub(crate) fn flip_bit(&self, bit: usize) {
        let mut state = self.lock();
        let file = state.names[LOG];
        let FileState { seen, durable, .. } = &mut state.files[file];
        seen[bit / 8] ^= 1 << (bit % 8);
        *durable = seen.clone();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }
}
