//! All that a journal asks of a file.

use std::{
    fs::{File, Metadata, TryLockError},
    io::{self, ErrorKind},
    os::unix::fs::FileExt,
};

/// A file as the log sees it; the tests have one that forgets, tears, reorders and fails.
pub(super) trait LogFile: Send {
    /// The file's length.
    fn len(&self) -> io::Result<u64>;

    /// Fills `buf` from `offset` on; returns less than its length only at the file's end.
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize>;

    /// Writes all of `bytes` at `offset`; not durable before [`sync`](Self::sync).
    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()>;

    /// Cuts the file or extends it with zeros.
    fn set_len(&mut self, len: u64) -> io::Result<()>;

    /// Makes everything written so far durable, with the length needed to read it.
    fn sync(&mut self) -> io::Result<()>;
}

/// A real file, locked against every other journal.
pub(super) struct LockedFile(File);

impl LockedFile {
    /// Locks `file`, unless someone else has.
    pub(super) fn new(file: File) -> Result<Self, TryLockError> {
        file.try_lock()?;
        Ok(Self(file))
    }

    pub(super) fn metadata(&self) -> io::Result<Metadata> {
        self.0.metadata()
    }
}

impl Drop for LockedFile {
    fn drop(&mut self) {
        // Closing is not enough: a child process that is just being started has a copy of the
        // descriptor until it runs its program, and the lock would live as long.
        let _ = self.0.unlock();
    }
}

impl LogFile for LockedFile {
    fn len(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buf.len() {
            match self.0.read_at(&mut buf[filled..], offset + filled as u64) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }

    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.0.write_all_at(bytes, offset)
    }

    fn set_len(&mut self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync_data()
    }
}
