//! Where a workflow's code and its log do not agree.

use super::key::StepKey;
use crate::checkpoint::PersistError;
use alloc::{boxed::Box, vec::Vec};
use core::{error::Error, fmt};

/// What a workflow's code and its log do not agree on.
///
/// Nothing is written once one was found, and the log stays as it is: the workflow goes on when it is opened by
/// code that agrees.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Divergence {
    /// The log holds a record that is none of a workflow that this release can read.
    BadRecord {
        /// The record's number.
        seq: u64,
    },
    /// The log holds two outcomes of one step (D1).
    RecordedTwice {
        /// The step.
        step: StepKey,
    },
    /// The log is that of another workflow.
    OtherWorkflow {
        /// The id in the log.
        found: Box<str>,
    },
    /// The workflow began with another input.
    OtherInput,
    /// There is no such workflow to be resumed.
    NotStarted,
    /// The workflow began in a version that this code does not accept.
    VersionMismatch {
        /// The version in which it began.
        recorded: u32,
        /// The version of the code.
        now: u32,
    },
    /// Two steps of one name run at once, and nothing tells them apart.
    AmbiguousStep {
        /// The later one.
        step: StepKey,
    },
    /// A step that is recorded was asked for with another input.
    InputChanged {
        /// The step.
        step: StepKey,
        /// The hash of the recorded input.
        recorded: u64,
        /// The hash of the input of now.
        now: u64,
    },
    /// A recorded value cannot be read.
    Unreadable {
        /// The step whose input or outcome it is; none for the workflow's own.
        step: Option<StepKey>,
        /// Why not.
        error: PersistError,
    },
    /// The code ended without asking for steps that are recorded.
    Unused {
        /// Those steps, in the order in which they were recorded.
        steps: Vec<StepKey>,
    },
    /// The code asks for a step that a finished workflow never took; found by a check alone.
    NotRecorded {
        /// The step.
        step: StepKey,
    },
    /// The code ends otherwise than the finished workflow did; found by a check alone.
    OutputChanged,
    /// Something was asked of a workflow that is finished.
    Finished,
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadRecord { seq } => write!(
                f,
                "record {seq} is none of a workflow that this release can read; open the log with the release \
                 that wrote it"
            ),
            Self::RecordedTwice { step } => {
                write!(f, "the log holds two outcomes of the step {step}")
            }
            Self::OtherWorkflow { found } => write!(f, "the log is that of the workflow {found:?}"),
            Self::OtherInput => f.write_str("the workflow began with another input"),
            Self::NotStarted => f.write_str("there is no such workflow to be resumed"),
            Self::VersionMismatch { recorded, now } => write!(
                f,
                "the workflow began in version {recorded}, which version {now} does not accept"
            ),
            Self::AmbiguousStep { step } => write!(
                f,
                "the step {step} was begun while another one of its name runs; give each a key"
            ),
            Self::InputChanged { step, recorded, now } => write!(
                f,
                "the step {step} was recorded with another input: its hash was {recorded:016x} and is {now:016x}"
            ),
            Self::Unreadable { step: Some(step), .. } => {
                write!(f, "what is recorded of the step {step} cannot be read")
            }
            Self::Unreadable { step: None, .. } => {
                f.write_str("the workflow's recorded input or output cannot be read")
            }
            Self::Unused { steps } => {
                write!(f, "{} recorded steps were not asked for", steps.len())?;
                steps.first().map_or(Ok(()), |first| write!(f, ", the first is {first}"))
            }
            Self::NotRecorded { step } => {
                write!(f, "the finished workflow never took the step {step}")
            }
            Self::OutputChanged => {
                f.write_str("the code ends otherwise than the finished workflow did")
            }
            Self::Finished => f.write_str("the workflow is finished"),
        }
    }
}

impl Error for Divergence {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Unreadable { error, .. } => Some(error),
            _ => None,
        }
    }
}
