//! What one record of a workflow's log says, for who looks at it.

use super::{
    key::StepKey,
    record::{DONE, FINISHED, LAYOUT, Outcome, STARTED, Started, TERMINAL, decode_finished},
};
use crate::checkpoint::{Record, key_hash};

/// What one record of a workflow's log says; values as they were sealed, see [`open`](crate::checkpoint::open).
///
/// Times are milliseconds since the Unix epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Recorded<'a> {
    /// The workflow began.
    Started {
        /// Its id.
        id: &'a str,
        /// The version of its code.
        version: u32,
        /// When.
        at: u64,
        /// What it was started with.
        input: &'a [u8],
    },
    /// A step has a value.
    Done {
        /// Which step.
        step: StepKey,
        /// The value.
        value: &'a [u8],
    },
    /// A step failed for good.
    Terminal {
        /// Which step.
        step: StepKey,
        /// The error.
        error: &'a [u8],
    },
    /// The workflow is over.
    Finished {
        /// When.
        at: u64,
        /// What it gave.
        output: &'a [u8],
    },
}

impl<'a> Recorded<'a> {
    /// What `record` says; `None` if no workflow wrote it.
    ///
    /// One record is judged by itself, so another log's may pass for one: look at the first of the log to
    /// tell.
    ///
    /// # Examples
    ///
    /// ```
    /// use klaw::checkpoint::{Header, Record, RecordKind};
    /// use klaw::workflow::Recorded;
    ///
    /// let kind = RecordKind::user(9); // of something else
    /// let header = Header { epoch: 1, seq: 1, synced_upto: 0, kind, schema: 1, key: 0 };
    /// assert_eq!(Recorded::of(&Record { header, payload: b"?" }), None);
    /// ```
    pub fn of(record: &Record<'a>) -> Option<Self> {
        let Record { header, payload } = *record;
        if header.schema != LAYOUT {
            return None;
        }
        match header.kind {
            STARTED => {
                let Started { id, version, at, input, .. } = Started::decode(payload)?;
                (key_hash(id.as_bytes()) == header.key).then_some(Self::Started {
                    id,
                    version,
                    at,
                    input,
                })
            }
            DONE | TERMINAL => {
                let Outcome { key, value, .. } = Outcome::decode(payload)?;
                if key_hash(key) != header.key {
                    return None;
                }
                let step = StepKey::from_bytes(key)?;
                Some(match header.kind {
                    DONE => Self::Done { step, value },
                    _ => Self::Terminal { step, error: value },
                })
            }
            FINISHED => {
                let (at, output) = decode_finished(payload)?;
                Some(Self::Finished { at, output })
            }
            _ => None,
        }
    }
}
