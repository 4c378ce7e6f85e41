//! Looking at a journal without touching it.

use super::{
    Torn,
    error::JournalError,
    scan::{ReadAt, Sound, Window, judge, written},
};
use alloc::sync::Arc;
use core::ops::ControlFlow;
use klaw::checkpoint::{
    Corrupt, FileHeader, FileHeaderError, HEADER_LEN, Record, RecordKind,
    recover::{Step, Walk},
};
use std::{
    fs::{self, File, TryLockError},
    io::{self, ErrorKind},
    os::unix::fs::FileExt,
    path::Path,
    time::SystemTime,
};

/// What a look at a journal found.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Inspection {
    /// How many times the journal has been opened; 0 if that is in no record that is left.
    pub epoch: u32,
    /// How many records of users it holds; those are what a replay gives.
    pub records: u64,
    /// The number of the last record, the journal's own marks included.
    pub last_seq: Option<u64>,
    /// Where the records end.
    pub end: u64,
    /// The length of the file, with what is kept ready for further records.
    pub len: u64,
    /// When the file was last written to.
    pub modified: SystemTime,
    /// Whether somebody had it open, so that what follows [`end`](Self::end) may just be on its way.
    pub in_use: bool,
    /// How it ends.
    pub ending: Ending,
}

/// How a journal ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ending {
    /// Its creation was cut short or has just begun: nothing was recorded, and opening it begins anew.
    Unbegun,
    /// It was closed in order.
    Closed,
    /// With a whole record: it is in use, or the program that used it was stopped.
    Open,
    /// With the remains of a batch, of which nothing was acknowledged; opening the journal cuts them off.
    Torn(Torn),
    /// Durable records are damaged; opening the journal is refused.
    Corrupt {
        /// Where the first damaged record starts.
        offset: u64,
        /// Where a sound record starts which says that the damaged one had been durable.
        witness: u64,
    },
}

/// A record, and where it starts in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found<'a> {
    /// The position of the record's first byte.
    pub offset: u64,
    /// The record; one of the journal's own marks if its kind says so.
    pub record: Record<'a>,
}

/// Reads the journal at `path` as far as it is sound, calls `visit` with its records, and says how it ends.
///
/// The file is opened for reading alone, and read through a window: a journal of any length takes 256 KiB
/// of memory, or what its longest record takes. It may be in use, also by another process, which is not
/// held up: whoever opens the journal at the moment of a look does not find it busy. What is appended
/// meanwhile is seen or not. Where `visit` breaks, reading ends with what it breaks with.
///
/// # Errors
///
/// [`NotAJournal`](JournalError::NotAJournal), also for what is no file;
/// [`OtherVersion`](JournalError::OtherVersion); [`Corrupt`](JournalError::Corrupt) if the file's header is
/// damaged, so that nothing can be read; [`Io`](JournalError::Io) if the operating system refuses, for
/// one because there is no such file.
///
/// # Examples
///
/// ```
/// use core::{convert::Infallible, ops::ControlFlow};
/// use klaw_std::journal::{Ending, Entry, Journal, RecordKind, inspect};
///
/// # smol::block_on(async {
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("orders.journal");
/// let journal = Journal::open(&path)?;
/// journal.append(Entry::new(RecordKind::user(1), 1, b"alice", b"two coffees")).await?;
/// journal.close().await?;
///
/// let mut longest = 0;
/// let seen = inspect(&path, |found| {
///     longest = longest.max(found.record.payload.len());
///     ControlFlow::<Infallible>::Continue(())
/// })?;
/// let ControlFlow::Continue(seen) = seen;
/// assert_eq!((seen.records, seen.ending, longest), (1, Ending::Closed, 11));
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// # }).unwrap();
/// ```
pub fn inspect<B>(
    path: impl AsRef<Path>,
    mut visit: impl FnMut(Found<'_>) -> ControlFlow<B>,
) -> Result<ControlFlow<B, Inspection>, JournalError> {
    let path: Arc<Path> = path.as_ref().into();
    let failed = || JournalError::io(&path, "read the journal");
    // Before it is opened: opening a pipe would wait for its other end.
    if !fs::metadata(&path).map_err(failed())?.is_file() {
        return Err(JournalError::NotAJournal { path });
    }
    let file = File::open(&path).map_err(failed())?;
    let metadata = file.metadata().map_err(failed())?;
    let (len, modified) = (metadata.len(), metadata.modified().map_err(failed())?);
    let file = Reading { file, len };
    let in_use = file.is_in_use().map_err(failed())?;

    let mut front = [0; FileHeader::LEN];
    let read = file.read_at(&mut front, 0).map_err(failed())?;
    let front = &front[..read];
    let behind = FileHeader::LEN as u64;
    let mut seen = Inspection {
        epoch: 0,
        records: 0,
        last_seq: None,
        end: 0,
        len,
        modified,
        in_use,
        ending: Ending::Unbegun,
    };
    let mut last = None;
    let first_seq = match FileHeader::decode(front) {
        Ok(FileHeader { first_seq }) => first_seq,
        Err(error) => {
            if FileHeader::is_unfinished(front)
                && written(&file, behind).map_err(failed())? == behind
            {
                return Ok(ControlFlow::Continue(seen));
            }
            return Err(match error {
                FileHeaderError::OtherVersion { found } => {
                    JournalError::OtherVersion { path, found }
                }
                FileHeaderError::Damaged => JournalError::Corrupt { path, offset: 0 },
                _ => JournalError::NotAJournal { path },
            });
        }
    };

    let read = read_through(&file, Walk::new(behind, first_seq), |found| {
        seen.records += u64::from(!found.record.header.kind.is_system());
        seen.last_seq = Some(found.record.header.seq);
        last = Some(found.record.header.kind);
        visit(found)
    });
    let Read { walk, verdict } = match read.map_err(failed())? {
        ControlFlow::Continue(read) => read,
        ControlFlow::Break(breaking) => return Ok(ControlFlow::Break(breaking)),
    };
    seen.epoch = walk.epoch();
    seen.end = walk.at();
    seen.in_use |= file.is_in_use().map_err(failed())?;
    seen.ending = match verdict {
        Err(corrupt) => Ending::Corrupt { offset: corrupt.offset, witness: corrupt.witness },
        Ok(sound) if sound.written > seen.end => {
            Ending::Torn(Torn { offset: seen.end, bytes: sound.written - seen.end })
        }
        Ok(_) if last == Some(RecordKind::CLOSED) => Ending::Closed,
        Ok(_) => Ending::Open,
    };
    Ok(ControlFlow::Continue(seen))
}

/// What reading a log to its end gave.
struct Read {
    /// Where its records end.
    walk: Walk,
    verdict: Result<Sound, Corrupt>,
}

/// Reads a log that may be written to meanwhile.
fn read_through<B, R: ReadAt>(
    file: &R,
    mut walk: Walk,
    mut visit: impl FnMut(Found<'_>) -> ControlFlow<B>,
) -> io::Result<ControlFlow<B, Read>> {
    loop {
        let from = walk.at();
        let mut window = Window::new(file);
        if let ControlFlow::Break(breaking) = read_on(&mut window, &mut walk, &mut visit)? {
            return Ok(ControlFlow::Break(breaking));
        }
        let verdict = judge(file, &mut window, walk)?;
        let ends = verdict.as_ref().is_ok_and(|sound| sound.written == walk.at());
        // What has come since the end was read can make it look torn or damaged. It is what it still is
        // after another look.
        if ends || walk.at() == from {
            return Ok(ControlFlow::Continue(Read { walk, verdict }));
        }
    }
}

/// Goes on with `walk` as far as records are sound.
fn read_on<B, R: ReadAt>(
    window: &mut Window<'_, R>,
    walk: &mut Walk,
    visit: &mut impl FnMut(Found<'_>) -> ControlFlow<B>,
) -> io::Result<ControlFlow<B>> {
    let mut needed = HEADER_LEN;
    loop {
        let offset = walk.at();
        let (bytes, whole) = window.view(offset, needed)?;
        match walk.step(bytes, whole) {
            Step::Record(record) => {
                if let ControlFlow::Break(breaking) = visit(Found { offset, record }) {
                    return Ok(ControlFlow::Break(breaking));
                }
                needed = HEADER_LEN;
            }
            Step::More { needed: more } => needed = more,
            Step::End => return Ok(ControlFlow::Continue(())),
        }
    }
}

/// A file that is open for reading alone, up to the length that it had.
///
/// What a journal in use grows by meanwhile is not read, so that reading comes to an end.
struct Reading {
    file: File,
    len: u64,
}

impl Reading {
    /// Whether somebody has it open as a journal.
    fn is_in_use(&self) -> io::Result<bool> {
        // No other way to ask than to try. It is let go of at once, and who opens the journal just then
        // comes back.
        match self.file.try_lock_shared() {
            Ok(()) => self.file.unlock().map(|()| false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

impl ReadAt for Reading {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let rest = usize::try_from(self.len.saturating_sub(offset)).unwrap_or(usize::MAX);
        let most = rest.min(buf.len());
        let buf = &mut buf[..most];
        let mut filled = 0;
        while filled < buf.len() {
            match self.file.read_at(&mut buf[filled..], offset + filled as u64) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::{cell::Cell, convert::Infallible};
    use klaw::checkpoint::{Header, encode};

    /// A log that grows: the first read finds the first length of it, and so on.
    struct Growing {
        bytes: Vec<u8>,
        lens: [usize; 3],
        reads: Cell<usize>,
    }

    impl ReadAt for Growing {
        fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
            let read = self.reads.replace(self.reads.get() + 1);
            let written = self.lens[read.min(self.lens.len() - 1)];
            // The file was as long from the beginning, with zeros.
            let rest = &self.bytes[self.bytes.len().min(offset as usize)..];
            let len = rest.len().min(buf.len());
            buf[..len].copy_from_slice(&rest[..len]);
            let written = written.saturating_sub(offset as usize).min(len);
            buf[written..len].fill(0);
            Ok(len)
        }
    }

    /// Four frames of 50 bytes, each written when the one before it was durable.
    fn log(lens: [usize; 3]) -> Growing {
        let mut bytes = vec![];
        for seq in 1..=4 {
            let at = bytes.len() as u64;
            let kind = RecordKind::user(1);
            let header = Header { epoch: 1, seq, synced_upto: at, kind, schema: 0, key: 0 };
            let mut frame = [0; HEADER_LEN + 9];
            encode(&Record { header, payload: b"nine byte" }, at, &mut frame).unwrap();
            bytes.extend(frame);
        }
        bytes.extend([0; 100]);
        Growing { bytes, lens, reads: Cell::new(0) }
    }

    fn read(log: &Growing) -> (Vec<u64>, u64, Result<Sound, Corrupt>) {
        let mut found = vec![];
        let read = read_through(log, Walk::new(0, 1), |Found { record, .. }| {
            found.push(record.header.seq);
            ControlFlow::<Infallible>::Continue(())
        });
        let ControlFlow::Continue(Read { walk, verdict }) = read.unwrap();
        (found, walk.at(), verdict)
    }

    #[test]
    fn what_is_written_between_two_reads_is_no_damage() {
        // Half of the second frame at first; then all four, of which the third says that it was durable.
        let (found, end, verdict) = read(&log([75, 200, 200]));
        assert_eq!((found, end), (vec![1, 2, 3, 4], 200));
        assert!(verdict.is_ok());
    }

    #[test]
    fn what_stays_as_it_is_is_damage() {
        let mut log = log([200, 200, 200]);
        log.bytes[75] ^= 1;
        let (found, end, verdict) = read(&log);
        assert_eq!((found, end), (vec![1], 50));
        assert_eq!(verdict.unwrap_err(), Corrupt { offset: 50, witness: 100 });
    }
}
