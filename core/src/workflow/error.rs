//! What can go wrong with a workflow and its steps.

use super::Divergence;
use crate::checkpoint::PersistError;
use core::{error::Error, fmt};

/// Why a workflow does not go on; `E` is the error of its store.
///
/// It is the answer to everything that is asked of the workflow from then on, until it is opened again.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WorkflowError<E> {
    /// The log could not be opened, or not be written (D5).
    Store(E),
    /// The code and the log do not agree.
    Diverged(Divergence),
    /// A value could not be encoded, or not be read back from what it was encoded as.
    Unencodable(PersistError),
}

impl<E> From<Divergence> for WorkflowError<E> {
    fn from(divergence: Divergence) -> Self {
        Self::Diverged(divergence)
    }
}

impl<E> fmt::Display for WorkflowError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Store(_) => {
                "the workflow's log failed; open the workflow again to see what was kept"
            }
            Self::Diverged(_) => "the workflow's code and its log do not agree",
            Self::Unencodable(_) => "a value of the workflow could not be encoded",
        })
    }
}

impl<E: Error + 'static> Error for WorkflowError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Store(error) => Some(error),
            Self::Diverged(divergence) => Some(divergence),
            Self::Unencodable(error) => Some(error),
        }
    }
}

/// Why a step gave no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepError<F, E, L> {
    /// It failed for good, which is recorded: the step never runs again.
    Terminal(F),
    /// It failed; nothing is recorded, and it runs again when the workflow is resumed (D6).
    Failed(E),
    /// The workflow does not go on.
    Workflow(WorkflowError<L>),
}

impl<F, E, L> From<WorkflowError<L>> for StepError<F, E, L> {
    fn from(error: WorkflowError<L>) -> Self {
        Self::Workflow(error)
    }
}

impl<F, E, L> fmt::Display for StepError<F, E, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Terminal(_) => "the step failed for good",
            Self::Failed(_) => "the step failed",
            Self::Workflow(_) => "the workflow does not go on",
        })
    }
}

impl<F, E, L> Error for StepError<F, E, L>
where
    F: Error + 'static,
    E: Error + 'static,
    L: Error + 'static,
{
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Terminal(error) => Some(error),
            Self::Failed(error) => Some(error),
            Self::Workflow(error) => Some(error),
        }
    }
}
