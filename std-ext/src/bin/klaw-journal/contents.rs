//! What a journal is used for.

use core::fmt;
use klaw::checkpoint::key_hash;
use klaw_std::{
    Change,
    journal::{Record, RecordKind},
};

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
            Self::Nothing if started_workflow(record).is_some() => Self::Workflow,
            Self::Store if store => Self::Store,
            Self::Workflow => Self::Workflow,
            _ => Self::Unknown,
        };
    }
}

/// The id of the workflow that a record begins.
///
/// Such a record has kind 1 and layout 1: version u32, seed u64, time u64, length of the id u32, the id,
/// which is the record's key, and the sealed input.
pub fn started_workflow<'a>(record: &Record<'a>) -> Option<&'a str> {
    if record.header.kind != RecordKind::user(1) || record.header.schema != 1 {
        return None;
    }
    let (len, rest) = record.payload.get(20..)?.split_first_chunk()?;
    let (id, input) = rest.split_at_checked(u32::from_le_bytes(*len) as usize)?;
    if key_hash(id) != record.header.key || !input.starts_with(b"klwv") {
        return None;
    }
    core::str::from_utf8(id).ok()
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
