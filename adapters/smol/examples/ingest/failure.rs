//! Why there is no report.

use crate::state::StateError;
use klaw_smol::{SpawnError, SpawnErrorKind, SupervisorError};
use klaw_std::{cpu::BuildError, journal::JournalError};
use std::{fmt, io, path::PathBuf, time::Duration};

/// Why there is no report.
#[derive(Debug)]
pub enum Failure {
    /// The tree cannot be read.
    Root(PathBuf, io::Error),
    /// The folder for the state cannot be had.
    Folder(PathBuf, io::Error),
    State(StateError),
    Journal(JournalError),
    System(io::Error),
    Pool(BuildError),
    Spawn(SpawnErrorKind),
    /// The walker's or the aggregator's last words.
    Crashed(&'static str, String),
    GaveUp(SupervisorError, Option<String>),
    /// Not every file that was found was done or named as a problem.
    Lost {
        found: u64,
        done: u64,
    },
    /// It was asked to stop and did not within this time.
    Stuck(Duration),
}

impl<F> From<SpawnError<F>> for Failure {
    fn from(error: SpawnError<F>) -> Self {
        Self::Spawn(error.kind)
    }
}

const GO_ON: &str = "what was shown as done is safe; run the same again to go on";

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root(path, error) => write!(f, "DIR {}: {error}", path.display()),
            Self::Folder(path, error) => write!(f, "--state {}: {error}", path.display()),
            Self::State(error) => error.fmt(f),
            Self::Journal(error) => write!(f, "{error}\n{GO_ON}"),
            Self::System(error) => write!(f, "the system refused: {error}"),
            Self::Pool(error) => error.fmt(f),
            Self::Spawn(error) => error.fmt(f),
            Self::Crashed(who, error) => write!(f, "the {who} crashed: {error}\n{GO_ON}"),
            Self::GaveUp(error, last) => {
                write!(f, "gave up: {error}")?;
                last.iter().try_for_each(|last| write!(f, "; the last crash was {last}"))?;
                write!(f, "\n{GO_ON}")
            }
            Self::Lost { found, done } => {
                write!(f, "{found} files were found, but only {done} accounted for\n{GO_ON}")
            }
            Self::Stuck(time) => {
                write!(f, "not everything stopped within {} s\n{GO_ON}", time.as_secs())
            }
        }
    }
}
