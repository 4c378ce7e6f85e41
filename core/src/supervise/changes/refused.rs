//! Why a request to a supervisor was refused.

use core::{error::Error, fmt};

/// Why a supervisor did not do with a child what it was asked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refused {
    /// There is no such child, or no longer.
    NotFound,
    /// The child runs already.
    AlreadyRunning,
    /// There is a child of this name already; it does not run.
    AlreadyPresent,
    /// The child runs; it must be stopped first.
    Running,
    /// The child is being restarted.
    Restarting,
    /// The child failed before it was ready.
    StartFailed,
    /// A significant child must not be restarted always, and needs an automatic shutdown.
    Significant,
    /// The supervisor is stopping.
    Stopping,
    /// There are as many children already as are allowed.
    MaxChildren,
    /// The supervisor has ended.
    SupervisorGone,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotFound => "there is no such child",
            Self::AlreadyRunning => "the child runs already",
            Self::AlreadyPresent => "there is a child of this name already",
            Self::Running => "the child runs and must be stopped first",
            Self::Restarting => "the child is being restarted",
            Self::StartFailed => "the child failed before it was ready",
            Self::Significant => {
                "a significant child must not be restarted always, and needs an automatic shutdown"
            }
            Self::Stopping => "the supervisor is stopping",
            Self::MaxChildren => "there are as many children already as are allowed",
            Self::SupervisorGone => "the supervisor has ended",
        })
    }
}

impl Error for Refused {}
