//! What could not be read.

use std::{fmt, io, path::Path};

/// How many are kept word by word; the others are counted.
const KEPT: usize = 1000;

/// A file or folder that could not be read, and why.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Problem {
    pub path: String,
    pub error: String,
}

impl Problem {
    pub fn new(path: &Path, error: &io::Error) -> Self {
        Self { path: path.display().to_string(), error: in_words(error) }
    }
}

pub fn in_words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "not found, or a link to nothing".into(),
        _ => error.to_string(),
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.error)
    }
}

/// The first problems, and how many there were.
#[derive(Clone, Debug, Default)]
pub struct Problems {
    pub kept: Vec<Problem>,
    pub count: u64,
}

impl Problems {
    pub fn add(&mut self, problem: Problem) {
        self.count += 1;
        if self.kept.len() < KEPT {
            self.kept.push(problem);
        }
    }

    pub fn merge(&mut self, other: Self) {
        self.count += other.count;
        let room = KEPT.saturating_sub(self.kept.len());
        self.kept.extend(other.kept.into_iter().take(room));
    }
}
