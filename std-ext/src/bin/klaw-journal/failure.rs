//! Why the program could not do what it was asked to.

use core::fmt;
use klaw_std::{JournalError, checkpoints::CheckpointsError};
use std::{io, path::PathBuf};

#[derive(Debug)]
pub enum Failure {
    /// It is not known where checkpoints are kept.
    Where(CheckpointsError),
    /// The directory could not be read.
    List(PathBuf, io::Error),
    /// The journal could not be read.
    Read(JournalError),
    /// What was found could not be printed.
    Print(io::Error),
}

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Self {
        Self::Read(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Where(error) => error.fmt(f),
            Self::List(path, error) => {
                write!(f, "{}: could not read the directory: {error}", path.display())
            }
            Self::Read(error) => error.fmt(f),
            Self::Print(error) => write!(f, "could not print: {error}"),
        }
    }
}
