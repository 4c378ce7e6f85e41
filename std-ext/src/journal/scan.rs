//! Reading a log through a window, so that its size does not matter.

use super::file::LogFile;
use klaw::checkpoint::{
    Corrupt, HEADER_LEN, Record,
    recover::{Found, Search, Step, Walk},
};
use std::io;

/// How much is read at a time.
const CHUNK: usize = 256 * 1024;
const BLOCK: usize = 4096;
static ZEROS: [u8; BLOCK] = [0; BLOCK];

/// As much of a file as reading it takes.
pub(super) trait ReadAt {
    /// Fills `buf` from `offset` on; returns less than its length only at the file's end.
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize>;
}

impl<F: LogFile + ?Sized> ReadAt for F {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        LogFile::read_at(self, buf, offset)
    }
}

/// A log that may be continued.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sound {
    /// Where the walk over its frames ended.
    pub(super) end: Walk,
    /// Behind the last byte that is not zero; past the end if the tail is torn.
    pub(super) written: u64,
}

/// Decides how far the log in `file` can be trusted.
pub(super) fn scan(
    file: &dyn LogFile,
    start: Walk,
    visit: impl FnMut(Record<'_>),
) -> io::Result<Result<Sound, Corrupt>> {
    let mut window = Window::new(file);
    let end = walk(&mut window, start, visit)?;
    judge(file, &mut window, end)
}

/// Decides whether a log may be continued where the walk over it ended.
pub(super) fn judge<R: ReadAt + ?Sized>(
    file: &R,
    window: &mut Window<'_, R>,
    end: Walk,
) -> io::Result<Result<Sound, Corrupt>> {
    let written = written(file, end.at())?;
    if written == end.at() {
        return Ok(Ok(Sound { end, written }));
    }
    let (search, mut at, mut needed) = (Search::behind(end), end.at(), HEADER_LEN);
    loop {
        let (bytes, whole) = window.view(at, needed)?;
        match search.look(bytes, at, whole) {
            Found::Witness { at: witness } => {
                return Ok(Err(Corrupt { offset: end.at(), witness }));
            }
            Found::More { passed, needed: more } => (at, needed) = (at + passed as u64, more),
            Found::Nothing => return Ok(Ok(Sound { end, written })),
        }
    }
}

/// Calls `visit` with every record of a log that was found sound.
pub(super) fn replay(
    file: &dyn LogFile,
    start: Walk,
    visit: impl FnMut(Record<'_>),
) -> io::Result<Walk> {
    walk(&mut Window::new(file), start, visit)
}

fn walk<R: ReadAt + ?Sized>(
    window: &mut Window<'_, R>,
    mut walk: Walk,
    mut visit: impl FnMut(Record<'_>),
) -> io::Result<Walk> {
    let mut needed = HEADER_LEN;
    loop {
        let (bytes, whole) = window.view(walk.at(), needed)?;
        match walk.step(bytes, whole) {
            Step::Record(record) => {
                visit(record);
                needed = HEADER_LEN;
            }
            Step::More { needed: more } => needed = more,
            Step::End => return Ok(walk),
        }
    }
}

/// The position behind the last byte from `from` on that is not zero.
pub(super) fn written<R: ReadAt + ?Sized>(file: &R, from: u64) -> io::Result<u64> {
    let mut chunk = vec![0; CHUNK];
    let (mut at, mut written) = (from, from);
    loop {
        let read = file.read_at(&mut chunk, at)?;
        // Nearly all of it is zeros: compare blocks, and bytes only in the last that is not.
        let used = chunk[..read].chunks(BLOCK).rposition(|block| *block != ZEROS[..block.len()]);
        if let Some(used) = used {
            let block = &chunk[used * BLOCK..read.min((used + 1) * BLOCK)];
            let last = block.iter().rposition(|&byte| byte != 0).unwrap_or(0);
            written = at + (used * BLOCK + last) as u64 + 1;
        }
        at += read as u64;
        if read < chunk.len() {
            return Ok(written);
        }
    }
}

/// The part of a file that is in memory: a chunk, or one record if that is longer.
pub(super) struct Window<'f, R: ?Sized> {
    file: &'f R,
    /// The first `filled` bytes are the file's from `at` on.
    bytes: Vec<u8>,
    filled: usize,
    at: u64,
    /// Whether they go to the file's end.
    whole: bool,
}

impl<'f, R: ReadAt + ?Sized> Window<'f, R> {
    pub(super) fn new(file: &'f R) -> Self {
        Self { file, bytes: vec![0; CHUNK], filled: 0, at: 0, whole: false }
    }

    /// The bytes from `from` on, at least `needed` unless the file ends, and whether it does.
    pub(super) fn view(&mut self, from: u64, needed: usize) -> io::Result<(&[u8], bool)> {
        let skip = usize::try_from(from - self.at).unwrap_or(usize::MAX).min(self.filled);
        if self.whole || self.filled - skip >= needed {
            return Ok((&self.bytes[skip..self.filled], self.whole));
        }
        let kept = self.filled - skip;
        if needed > self.bytes.len() {
            let mut longer = vec![0; needed];
            longer[..kept].copy_from_slice(&self.bytes[skip..self.filled]);
            self.bytes = longer;
        } else {
            self.bytes.copy_within(skip..self.filled, 0);
        }
        self.at = from;
        let read = self.file.read_at(&mut self.bytes[kept..], from + kept as u64)?;
        self.filled = kept + read;
        self.whole = self.filled < self.bytes.len();
        Ok((&self.bytes[..self.filled], self.whole))
    }
}
