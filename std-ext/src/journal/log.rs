//! The log in a file, step by step: opened, written to, made durable.

use super::{
    error::JournalError,
    file::LogFile,
    scan::{replay, scan, written},
};
use alloc::sync::Arc;
use klaw::checkpoint::{
    FileHeader, FileHeaderError, HEADER_LEN, Header, Record, RecordKind, encode,
    record::{frame_len, seal},
    recover::Walk,
};
use std::path::Path;

/// The least and the most that a log grows by at a time.
const GROWTH: core::ops::RangeInclusive<u64> = 64 * 1024..=4 * 1024 * 1024;

/// Written ahead of the records, so that a sync need not record a new length.
static ZEROS: [u8; 64 * 1024] = [0; 64 * 1024];

/// A log that is open for writing.
pub(super) struct Log {
    file: Box<dyn LogFile>,
    path: Arc<Path>,
    epoch: u32,
    /// Where the next frame goes.
    end: u64,
    /// Where the part that is durable ends.
    synced_upto: u64,
    /// The file's length.
    len: u64,
}

/// What opening a journal found in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recovery {
    /// How many times the journal has been opened, this time included.
    pub epoch: u32,
    /// How many records were replayed.
    pub records: u64,
    /// The torn tail that was cut off, if there was one.
    pub torn: Option<Torn>,
}

/// The remains of a batch that was being written when the machine or the process stopped.
///
/// Nothing in it had been acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Torn {
    /// Where the file was cut.
    pub offset: u64,
    /// How many bytes were wiped.
    pub bytes: u64,
}

impl Log {
    /// Opens the log in `file`, new or not, and calls `visit` with the records it holds.
    ///
    /// Returns the number of the last record too. What `visit` sees is durable: it is called when
    /// the log has been found sound, cut, marked as opened and synced.
    pub(super) fn open(
        file: Box<dyn LogFile>,
        path: &Arc<Path>,
        mut visit: impl FnMut(Record<'_>),
    ) -> Result<(Self, u64, Recovery), JournalError> {
        let failed = |action| JournalError::io(path, action);
        let mut front = [0; FileHeader::LEN];
        let read = file.read_at(&mut front, 0).map_err(failed("read the journal"))?;
        let front = &front[..read];
        let behind = FileHeader::LEN as u64;
        let first_seq = match FileHeader::decode(front) {
            Ok(FileHeader { first_seq }) => first_seq,
            Err(error) => {
                let path = Arc::clone(path);
                if FileHeader::is_unfinished(front)
                    && written(&*file, behind).map_err(failed("read the journal"))? == behind
                {
                    let (mut log, last) = (Self::create(file, path, 1, 1)?, 1);
                    log.mark(RecordKind::OPENED, last)?;
                    return Ok((log, last, Recovery { epoch: 1, records: 0, torn: None }));
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

        let start = Walk::new(behind, first_seq);
        let sound = match scan(&*file, start, |_| {}).map_err(failed("read the journal"))? {
            Ok(sound) => sound,
            Err(corrupt) => {
                let path = Arc::clone(path);
                return Err(JournalError::Corrupt { path, offset: corrupt.offset });
            }
        };
        let (end, last) = (sound.end.at(), sound.end.next_seq());
        let len = file.len().map_err(failed("read the journal"))?;
        let epoch = sound.end.epoch().saturating_add(1);
        let synced_upto = sound.end.synced_upto();
        let mut log = Self { file, path: Arc::clone(path), epoch, end, synced_upto, len };
        if end == behind {
            // No frame vouches for the header: if the sync after it failed, it was never durable.
            log.put(&FileHeader { first_seq }.encode(), 0)?;
            log.sync()?;
        }
        log.write_again(synced_upto, end)?;
        log.zero(end, sound.written)?;
        log.mark(RecordKind::OPENED, last)?;

        let mut records = 0;
        let visit = |record: Record<'_>| {
            if !record.header.kind.is_system() {
                records += 1;
                visit(record);
            }
        };
        replay(&*log.file, start, visit).map_err(failed("read the journal"))?;
        let bytes = sound.written - end;
        let torn = (bytes > 0).then_some(Torn { offset: end, bytes });
        Ok((log, last, Recovery { epoch, records, torn }))
    }

    /// Writes the front of a new log whose first record will be `first_seq`.
    ///
    /// It is durable before the first frame is written, so a file with frames has a header.
    pub(super) fn create(
        file: Box<dyn LogFile>,
        path: Arc<Path>,
        first_seq: u64,
        epoch: u32,
    ) -> Result<Self, JournalError> {
        let end = FileHeader::LEN as u64;
        let mut log = Self { file, path, epoch, end, synced_upto: end, len: 0 };
        log.file.set_len(0).map_err(JournalError::io(&log.path, "empty the new journal"))?;
        log.put(&FileHeader { first_seq }.encode(), 0)?;
        log.grow(end)?;
        log.sync()?;
        Ok(log)
    }

    /// Completes the frames in `batch` for their place and writes them; not yet durable.
    ///
    /// Returns how many they were.
    pub(super) fn write(&mut self, batch: &mut [u8]) -> Result<u64, JournalError> {
        self.check_fence()?;
        let (mut at, mut records) = (0, 0);
        while let Ok(len) = frame_len(&batch[at..]) {
            seal(&mut batch[at..at + len], self.end + at as u64, self.synced_upto);
            at += len;
            records += 1;
        }
        debug_assert_eq!(at, batch.len(), "a batch is made of whole frames");
        self.put(batch, self.end)?;
        self.end += batch.len() as u64;
        self.grow(self.end)?;
        Ok(records)
    }

    /// Makes all that was written durable. Never called again once it failed.
    pub(super) fn sync(&mut self) -> Result<(), JournalError> {
        self.file.sync().map_err(JournalError::io(&self.path, "sync the journal"))?;
        self.synced_upto = self.end;
        Ok(())
    }

    /// Records that the log was opened or closed.
    pub(super) fn mark(&mut self, kind: RecordKind, seq: u64) -> Result<(), JournalError> {
        let header = Header { epoch: self.epoch, seq, synced_upto: 0, kind, schema: 0, key: 0 };
        let mut frame = [0; HEADER_LEN];
        let record = Record { header, payload: &[] };
        encode(&record, self.end, &mut frame).expect("a mark has no payload");
        self.write(&mut frame)?;
        self.sync()
    }

    /// How many times the log has been opened.
    pub(super) fn epoch(&self) -> u32 {
        self.epoch
    }

    /// The length of the part in use.
    pub(super) fn end(&self) -> u64 {
        self.end
    }

    /// Fails if something stands where the next frame goes: the lock did not keep others out.
    fn check_fence(&self) -> Result<(), JournalError> {
        let mut next = [0; 4];
        let failed = JournalError::io(&self.path, "read the journal");
        self.file.read_at(&mut next, self.end).map_err(failed)?;
        if next != [0; 4] {
            return Err(JournalError::Fenced { path: Arc::clone(&self.path), offset: self.end });
        }
        Ok(())
    }

    /// Writes again what may never have reached the disk, though it can be read.
    ///
    /// After a failed sync the kernel keeps such pages and calls them clean: a later sync would
    /// succeed without writing them.
    fn write_again(&mut self, from: u64, to: u64) -> Result<(), JournalError> {
        let mut chunk = vec![0; ZEROS.len().min((to - from) as usize)];
        let mut at = from;
        while at < to {
            let part = chunk.len().min((to - at) as usize);
            let failed = JournalError::io(&self.path, "read the journal");
            let read = self.file.read_at(&mut chunk[..part], at).map_err(failed)?;
            if read < part {
                let cut = std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
                return Err(JournalError::io(&self.path, "read the journal")(cut));
            }
            self.put(&chunk[..part], at)?;
            at += part as u64;
        }
        Ok(())
    }

    /// Extends the file with zeros when records have reached its end.
    fn grow(&mut self, end: u64) -> Result<(), JournalError> {
        if end <= self.len {
            return Ok(());
        }
        let len = end + self.len.clamp(*GROWTH.start(), *GROWTH.end());
        self.zero(end, len)?;
        self.len = len;
        Ok(())
    }

    fn zero(&mut self, from: u64, to: u64) -> Result<(), JournalError> {
        let mut at = from;
        while at < to {
            let part = ZEROS.len().min((to - at) as usize);
            self.put(&ZEROS[..part], at)?;
            at += part as u64;
        }
        Ok(())
    }

    fn put(&mut self, bytes: &[u8], at: u64) -> Result<(), JournalError> {
        let failed = JournalError::io(&self.path, "write the journal");
        self.file.write_at(bytes, at).map_err(failed)
    }
}
