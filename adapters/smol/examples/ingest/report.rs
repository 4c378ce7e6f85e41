//! What is printed at the end.

use crate::{
    aggregate::Sums,
    problem::Problem,
    table::{Row, Table},
};
use serde::Serialize;
use std::{collections::HashMap, fmt, iter::Peekable, time::Duration};

/// A file that took long.
#[derive(Clone, Debug)]
pub struct Slow {
    pub path: Box<[u8]>,
    pub time: Duration,
}

#[derive(Clone, Debug, Default, Serialize)]
pub struct Totals {
    pub files: u64,
    pub bytes: u64,
    pub lines: u64,
    pub words: u64,
}

#[derive(Clone, Debug, Serialize)]
pub struct Extension {
    pub name: String,
    #[serde(flatten)]
    pub totals: Totals,
}

#[derive(Clone, Debug, Serialize)]
pub struct SlowFile {
    pub path: String,
    pub micros: u128,
}

#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct JournalFigures {
    /// Records of files in the journal, of this run and those before.
    pub records: u64,
    /// Of those, how many a later record has replaced.
    pub superseded: u64,
    pub bytes_written: u64,
    pub syncs: u64,
}

/// The result of a run.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    pub root: String,
    pub state: String,
    /// Not everything was done; the same command goes on from here.
    pub interrupted: bool,
    #[serde(flatten)]
    pub totals: Totals,
    /// Over (path, hash) of every file, sorted by path.
    pub digest: String,
    /// Files that this run has read.
    pub processed: u64,
    /// Files that earlier runs have read, unchanged since.
    pub resumed: u64,
    pub restarts: u64,
    pub last_crash: Option<String>,
    pub problem_count: u64,
    pub problems: Vec<Problem>,
    pub caches_skipped: u64,
    pub extensions: Vec<Extension>,
    pub slowest: Vec<SlowFile>,
    pub journal: JournalFigures,
    /// Housekeeping that failed, which cost nothing of the result.
    pub warnings: Vec<String>,
    pub elapsed_ms: u128,
    /// The memory that the table of all files takes.
    pub table_bytes: u64,
    /// The most memory the process has had, where the system tells.
    pub peak_rss_bytes: Option<u64>,
}

/// Every file that is done, sorted by path, each once.
pub fn files<'a>(known: &'a Table, sums: &'a Sums) -> impl Iterator<Item = Row<'a>> + use<'a> {
    let confirmed = |at: &usize| sums.confirmed[*at];
    let old = (0..known.len()).filter(confirmed).map(|at| known.row(at));
    Merge { a: old.peekable(), b: sums.fresh.rows().peekable() }
}

struct Merge<A: Iterator, B: Iterator> {
    a: Peekable<A>,
    b: Peekable<B>,
}

impl<'a, A: Iterator<Item = Row<'a>>, B: Iterator<Item = Row<'a>>> Iterator for Merge<A, B> {
    type Item = Row<'a>;

    fn next(&mut self) -> Option<Row<'a>> {
        match (self.a.peek(), self.b.peek()) {
            (Some(a), Some(b)) if a.path < b.path => self.a.next(),
            (Some(a), Some(b)) if a.path == b.path => {
                // Found unchanged, then changed and found again: the later reading counts.
                self.a.next();
                self.b.next()
            }
            (Some(_), None) => self.a.next(),
            _ => self.b.next(),
        }
    }
}

/// Totals, totals by extension, and the digest.
pub fn add_up<'a>(files: impl Iterator<Item = Row<'a>>) -> (Totals, Vec<Extension>, String) {
    let mut totals = Totals::default();
    let mut by_extension: HashMap<&[u8], Totals> = HashMap::new();
    let mut digest = blake3::Hasher::new();
    for Row { path, measure, .. } in files {
        digest.update(&(path.len() as u64).to_le_bytes()).update(path).update(&measure.hash);
        for sum in [&mut totals, by_extension.entry(extension(path)).or_default()] {
            sum.files += 1;
            sum.bytes += measure.bytes;
            sum.lines += measure.lines;
            sum.words += measure.words;
        }
    }
    let mut extensions: Vec<_> = by_extension
        .into_iter()
        .map(|(name, totals)| Extension { name: String::from_utf8_lossy(name).into(), totals })
        .collect();
    extensions.sort_by(|a, b| b.totals.bytes.cmp(&a.totals.bytes).then(a.name.cmp(&b.name)));
    (totals, extensions, digest.finalize().to_hex().to_string())
}

/// What follows the last dot of the name, unless that is its first character.
fn extension(path: &[u8]) -> &[u8] {
    let name = path.rsplit(|&byte| byte == b'/').next().unwrap_or(path);
    match name.iter().rposition(|&byte| byte == b'.') {
        Some(dot) if dot > 0 => &name[dot + 1..],
        _ => b"",
    }
}

/// A text that a terminal takes for nothing but text: file names may hold any character.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// How many extensions are shown one by one.
const SHOWN: usize = 15;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<14} {:>9} {:>12} {:>13} {:>15}", "", "files", "lines", "words", "bytes")?;
        let mut line = |name: &str, t: &Totals| {
            let Totals { files, bytes, lines, words } = t;
            writeln!(f, "{name:<14} {files:>9} {lines:>12} {words:>13} {bytes:>15}")
        };
        for Extension { name, totals } in self.extensions.iter().take(SHOWN) {
            let name = if name.is_empty() { "(none)".into() } else { plain(&format!(".{name}")) };
            line(&name, totals)?;
        }
        if let Some(rest) = self.extensions.get(SHOWN..).filter(|rest| !rest.is_empty()) {
            let sum = |of: fn(&Totals) -> u64| rest.iter().map(|rest| of(&rest.totals)).sum();
            let others = Totals {
                files: sum(|t| t.files),
                bytes: sum(|t| t.bytes),
                lines: sum(|t| t.lines),
                words: sum(|t| t.words),
            };
            line(&format!("({} others)", rest.len()), &others)?;
        }
        line("total", &self.totals)?;
        if !self.slowest.is_empty() {
            writeln!(f, "\nslowest")?;
        }
        for SlowFile { path, micros } in self.slowest.iter().take(5) {
            writeln!(f, "{:>11.1} ms  {}", *micros as f64 / 1000.0, plain(path))?;
        }
        if self.problem_count > 0 {
            writeln!(f, "\n{} could not be read", self.problem_count)?;
        }
        for problem in self.problems.iter().take(20) {
            writeln!(f, "  {}", plain(&problem.to_string()))?;
        }
        if self.problem_count > 20 {
            writeln!(f, "  and {} more", self.problem_count - 20)?;
        }
        writeln!(f, "\nread now     {}", self.processed)?;
        writeln!(f, "read before  {}", self.resumed)?;
        write!(f, "restarts     {}", self.restarts)?;
        match &self.last_crash {
            Some(crash) => writeln!(f, "  (last: {})", plain(crash))?,
            None => writeln!(f)?,
        }
        if self.caches_skipped > 0 {
            writeln!(f, "skipped      {} marked by CACHEDIR.TAG", self.caches_skipped)?;
        }
        for warning in &self.warnings {
            writeln!(f, "warning      {}", plain(warning))?;
        }
        writeln!(f, "state        {}", plain(&self.state))?;
        writeln!(f, "time         {:.2} s", self.elapsed_ms as f64 / 1000.0)?;
        if self.interrupted {
            return writeln!(f, "\ninterrupted; what is done is safe, run the same again to go on");
        }
        writeln!(f, "digest       {}", self.digest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_are_what_follows_the_last_dot() {
        for (path, expected) in [
            ("a/b.rs", "rs"),
            ("a.d/b", ""),
            (".gitignore", ""),
            ("x.tar.gz", "gz"),
            ("a/.x.toml", "toml"),
            ("dot.", ""),
        ] {
            assert_eq!(extension(path.as_bytes()), expected.as_bytes(), "{path}");
        }
    }
}
