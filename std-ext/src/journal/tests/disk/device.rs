//! The disk as the journal sees it.

use super::{Change, DRAFT, Disk, FileState, LOG, LogFile, Place, State, Trouble};
use std::io;

/// A file on the disk.
pub(super) struct DiskFile {
    disk: Disk,
    file: usize,
}

impl DiskFile {
    pub(super) fn new(disk: &Disk, file: usize) -> Self {
        Self { disk: disk.clone(), file }
    }

    fn change(&self, name: &'static str, change: Change) -> io::Result<()> {
        let mut state = self.disk.lock();
        let trouble = state.op(name);
        let change = match (trouble, change) {
            (Some(Trouble::Fail(_)), Change::Write { at, mut bytes }) => {
                let done = state.chance.below(bytes.len() + 1);
                bytes.truncate(done);
                Change::Write { at, bytes }
            }
            (Some(Trouble::Fail(errno)), Change::Len(_)) => {
                return Err(Trouble::Fail(errno).error());
            }
            (_, change) => change,
        };
        if !state.is_over() {
            let file = &mut state.files[self.file];
            change.apply(&mut file.seen);
            file.pending.push(change);
        }
        done(trouble)
    }
}

/// What an operation answers that was done as far as its trouble let it.
fn done(trouble: Option<Trouble>) -> io::Result<()> {
    trouble.map_or(Ok(()), |trouble| Err(trouble.error()))
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
        self.change("write", Change::Write { at: offset as usize, bytes: bytes.to_vec() })
    }

    fn set_len(&mut self, len: u64) -> io::Result<()> {
        self.change("set_len", Change::Len(len as usize))
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut state = self.disk.lock();
        let trouble = state.op("sync");
        let State { files, chance, .. } = &mut *state;
        let FileState { durable, pending, .. } = &mut files[self.file];
        match trouble {
            None | Some(Trouble::StopAfter) => {
                pending.drain(..).for_each(|change| change.apply(durable));
            }
            Some(Trouble::Stop) => {}
            // As Linux does: the error is reported once, the pages stay and count as written.
            Some(Trouble::Fail(_)) => {
                let parts = pending.drain(..).flat_map(|change| change.sectors());
                parts.filter(|_| chance.below(2) == 0).for_each(|part| part.apply(durable));
            }
        }
        done(trouble)
    }
}

impl Disk {
    /// Changes names, unless this fails or the machine has stopped.
    fn change_names(&self, op: &'static str, change: impl FnOnce(&mut State)) -> io::Result<()> {
        let mut state = self.lock();
        let trouble = state.op(op);
        if !matches!(trouble, Some(Trouble::Fail(_))) && !state.is_over() {
            change(&mut state);
        }
        done(trouble)
    }
}

impl Place for Disk {
    fn tidy(&mut self) -> io::Result<()> {
        if !self.lock().names.contains_key(DRAFT) {
            return Ok(());
        }
        self.change_names("unlink", |state| {
            state.rename(|names| {
                names.remove(DRAFT);
            });
        })
    }

    fn draft(&mut self) -> io::Result<Box<dyn LogFile>> {
        let mut file = 0;
        self.change_names("create", |state| file = state.open(DRAFT))?;
        Ok(Box::new(DiskFile::new(self, file)))
    }

    fn publish(&mut self) -> io::Result<()> {
        self.change_names("rename", |state| {
            state.rename(|names| {
                let draft = names.remove(DRAFT).expect("a draft was opened");
                names.insert(LOG, draft);
            });
        })
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut state = self.lock();
        let trouble = state.op("sync directory");
        if matches!(trouble, None | Some(Trouble::StopAfter)) {
            state.history.clear();
        }
        done(trouble)
    }
}
