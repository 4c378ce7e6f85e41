//! Reading one file: its hash and its counts.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read},
    os::unix::fs::OpenOptionsExt,
    path::Path,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// By what a file is known to be unchanged: its length and when it was last written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Stamp {
    pub len: u64,
    /// Nanoseconds since the Unix epoch, saturating.
    pub mtime: i64,
}

/// What is learnt from a file's contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Measure {
    pub hash: [u8; 32],
    pub bytes: u64,
    pub lines: u64,
    pub words: u64,
}

/// A buffer to read through, reused from file to file.
pub struct Reader(Box<[u8]>);

impl Reader {
    pub fn new() -> Self {
        Self(vec![0; 128 * 1024].into_boxed_slice())
    }

    /// Reads `file` to its end; `None` if `stop` says so first.
    pub fn measure(
        &mut self,
        mut file: &File,
        stop: impl Fn() -> bool,
    ) -> io::Result<Option<Measure>> {
        let mut hasher = blake3::Hasher::new();
        let (mut bytes, mut lines, mut words, mut in_word) = (0, 0, 0, false);
        loop {
            let count = match file.read(&mut self.0) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let chunk = &self.0[..count];
            hasher.update(chunk);
            bytes += count as u64;
            for &byte in chunk {
                let space = byte.is_ascii_whitespace();
                lines += u64::from(byte == b'\n');
                words += u64::from(in_word & space);
                in_word = !space;
            }
            if stop() {
                return Ok(None);
            }
        }
        words += u64::from(in_word);
        Ok(Some(Measure { hash: *hasher.finalize().as_bytes(), bytes, lines, words }))
    }
}

/// Opens `path`, which must be a regular file, and takes its stamp.
pub fn open(path: &Path) -> io::Result<(File, Stamp)> {
    // Opening a pipe that nobody writes to would wait for ever; reading a regular file is the same.
    let flags = rustix::fs::OFlags::NONBLOCK.bits();
    let file = OpenOptions::new().read(true).custom_flags(flags as i32).open(path)?;
    let about = file.metadata()?;
    if !about.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    Ok((file, Stamp { len: about.len(), mtime: about.modified().map_or(0, nanos) }))
}

fn nanos(time: SystemTime) -> i64 {
    let nanos = |time: Duration| i64::try_from(time.as_nanos()).unwrap_or(i64::MAX);
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => nanos(after),
        Err(before) => -nanos(before.duration()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Seek, Write};

    #[test]
    fn counts_as_wc_does() {
        for (text, lines, words) in [
            ("", 0, 0),
            ("one", 0, 1),
            ("one\n", 1, 1),
            ("  one\ttwo \n\n three", 2, 3),
            ("a\u{e9}b c\r\n", 1, 2),
        ] {
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(text.as_bytes()).unwrap();
            file.rewind().unwrap();
            let measure = Reader::new().measure(&file, || false).unwrap().unwrap();
            assert_eq!((measure.lines, measure.words), (lines, words), "{text:?}");
            assert_eq!(measure.bytes, text.len() as u64);
            assert_eq!(measure.hash, *blake3::hash(text.as_bytes()).as_bytes());
        }
    }

    #[test]
    fn words_across_buffers_count_once() {
        let mut reader = Reader(vec![0; 4].into_boxed_slice());
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"abcdefg hij\nk").unwrap();
        file.rewind().unwrap();
        let measure = reader.measure(&file, || false).unwrap().unwrap();
        assert_eq!((measure.lines, measure.words), (1, 3));
    }
}
