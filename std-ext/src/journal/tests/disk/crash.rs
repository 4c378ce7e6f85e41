//! What a crash, or only the end of a process, leaves of a disk.

use super::{Change, Disk, FileState, LOG, Random, State};
use alloc::sync::Arc;
use std::sync::Mutex;

impl State {
    /// All that a crash may lose or keep each for itself, oldest first, and in which file it is.
    fn parts(&self) -> Vec<(usize, Change)> {
        let of_file = |(at, file): (usize, &FileState)| -> Vec<_> {
            file.pending.iter().flat_map(Change::sectors).map(|part| (at, part)).collect()
        };
        self.files.iter().enumerate().flat_map(of_file).collect()
    }
}

impl Disk {
    /// How many independent things a crash now could lose or keep.
    pub(crate) fn loose_parts(&self) -> usize {
        self.lock().parts().len()
    }

    /// How many states the directory may be in after a crash.
    pub(crate) fn name_states(&self) -> usize {
        self.lock().history.len().max(1)
    }

    /// The disk after a crash that kept of what was not synced just the parts that `kept` names,
    /// which arrived in that order.
    ///
    /// `names` chooses among the states that the directory went through.
    pub(crate) fn crash_keeping(
        &self,
        names: impl FnOnce(usize) -> usize,
        kept: impl FnOnce(usize) -> Vec<usize>,
    ) -> Self {
        let old = self.lock();
        let (names_then, chance) = (old.names.clone(), old.chance.clone());
        let mut new = State { names: names_then, chance, ..State::default() };
        if !old.history.is_empty() {
            new.names = old.history[names(old.history.len())].clone();
        }
        let mut media: Vec<_> = old.files.iter().map(|file| file.durable.clone()).collect();
        let parts = old.parts();
        for kept in kept(parts.len()) {
            let (file, part) = &parts[kept];
            part.apply(&mut media[*file]);
        }
        new.files = media.into_iter().map(FileState::synced).collect();
        Self(Arc::new(Mutex::new(new)))
    }

    /// The disk after a crash that kept of what was not synced what `keep` says, part by part.
    pub(crate) fn crash(
        &self,
        names: impl FnOnce(usize) -> usize,
        mut keep: impl FnMut() -> bool,
    ) -> Self {
        self.crash_keeping(names, |parts| (0..parts).filter(|_| keep()).collect())
    }

    /// The disk after a crash that kept a random part of what was not synced, in any order.
    pub(crate) fn crash_randomly(&self, random: &mut Random) -> Self {
        let names = random.below(1 << 16);
        let often = 1 + random.below(8);
        let mut kept = |parts: usize| {
            let mut kept: Vec<_> = (0..parts).filter(|_| random.below(8) < often).collect();
            if random.below(2) == 0 {
                random.shuffle(&mut kept);
            }
            kept
        };
        self.crash_keeping(|states| names % states, &mut kept)
    }

    /// The disk when only the process ended: what it had written is still seen.
    pub(crate) fn restart(&self) -> Self {
        let old = self.lock();
        let new = State { ops: vec![], trouble: None, ..old.clone() };
        Self(Arc::new(Mutex::new(new)))
    }

    /// The disk after a crash that cut the last write short after `bytes` bytes.
    pub(crate) fn tear_last_write(&self, bytes: usize) -> Self {
        let torn = self.restart();
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
}
