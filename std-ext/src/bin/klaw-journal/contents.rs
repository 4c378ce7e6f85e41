//! What a journal is used for.

use core::fmt;
use klaw::workflow::Recorded;
use klaw_std::{Change, journal::Record};

/// What a journal is used for, as its records show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Contents {
    /// There is no record that could tell.
    #[default]
    Nothing,
    /// A store of checkpoints.
    Store,
    /// A workflow.
    Workflow,
    /// Something else.
    Unknown,
}

impl Contents {
    /// Takes one more record of users into account, in order.
    pub fn take_in(&mut self, record: &Record<'_>) {
        let store = Change::of(record).is_some();
        *self = match self {
            Self::Nothing if store => Self::Store,
            Self::Nothing if matches!(Recorded::of(record), Some(Recorded::Started { .. })) => {
                Self::Workflow
            }
            Self::Store if store => Self::Store,
            Self::Workflow => Self::Workflow,
            _ => Self::Unknown,
        };
    }
}

impl fmt::Display for Contents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Nothing => "-",
            Self::Store => "store",
            Self::Workflow => "workflow",
            Self::Unknown => "unknown",
        })
    }
}
