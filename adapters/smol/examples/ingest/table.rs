//! The files that are done, compactly: paths in one buffer, the rest in rows.

use crate::measure::{Measure, Stamp};

/// A file that is done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row<'a> {
    pub path: &'a [u8],
    pub stamp: Stamp,
    pub measure: Measure,
}

#[derive(Clone, Copy)]
struct Stored {
    start: usize,
    len: u32,
    stamp: Stamp,
    measure: Measure,
}

/// Files that are done.
#[derive(Default)]
pub struct Table {
    paths: Vec<u8>,
    rows: Vec<Stored>,
}

impl Table {
    /// Adds a row. Paths are at most 4 GiB long, by far.
    pub fn push(&mut self, row: Row<'_>) {
        let Row { path, stamp, measure } = row;
        let start = self.paths.len();
        self.paths.extend_from_slice(path);
        self.rows.push(Stored { start, len: path.len() as u32, stamp, measure });
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn row(&self, at: usize) -> Row<'_> {
        let stored = &self.rows[at];
        Row { path: self.path(stored), stamp: stored.stamp, measure: stored.measure }
    }

    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        (0..self.len()).map(|at| self.row(at))
    }

    fn path(&self, row: &Stored) -> &[u8] {
        &self.paths[row.start..row.start + row.len as usize]
    }

    /// Sorts by path; of rows with one path the one added last stays. Returns how many went.
    pub fn sort(&mut self) -> usize {
        let paths = std::mem::take(&mut self.paths);
        let path = |row: &Stored| &paths[row.start..row.start + row.len as usize];
        // In place, without room for a copy; what was added later starts later in the buffer.
        let later_first = |a: &Stored, b: &Stored| b.start.cmp(&a.start);
        self.rows.sort_unstable_by(|a, b| path(a).cmp(path(b)).then_with(|| later_first(a, b)));
        let before = self.rows.len();
        self.rows.dedup_by(|earlier, kept| path(earlier) == path(kept));
        self.paths = paths;
        before - self.rows.len()
    }

    /// Where `path` is; the table must be sorted.
    pub fn find(&self, path: &[u8]) -> Option<usize> {
        self.rows.binary_search_by(|row| self.path(row).cmp(path)).ok()
    }

    /// The memory that its rows take, in bytes; not what is held for growth.
    pub fn bytes(&self) -> usize {
        self.paths.len() + self.rows.len() * size_of::<Stored>()
    }

    /// Gives back memory that is held for growth.
    pub fn shrink(&mut self) {
        self.paths.shrink_to_fit();
        self.rows.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(path: &[u8], len: u64) -> Row<'_> {
        let measure = Measure { hash: [0; 32], bytes: len, lines: 0, words: 0 };
        Row { path, stamp: Stamp { len, mtime: 0 }, measure }
    }

    #[test]
    fn the_last_of_equal_paths_stays() {
        let mut table = Table::default();
        for (path, len) in [("b", 1), ("a", 2), ("b", 3), ("c", 4), ("b", 5)] {
            table.push(row(path.as_bytes(), len));
        }
        assert_eq!(table.sort(), 2);
        let rows: Vec<_> = table.rows().map(|row| (row.path.to_vec(), row.stamp.len)).collect();
        assert_eq!(rows, [(b"a".to_vec(), 2), (b"b".to_vec(), 5), (b"c".to_vec(), 4)]);
        assert_eq!(table.find(b"b"), Some(1));
        assert_eq!(table.find(b"bb"), None);
    }
}
