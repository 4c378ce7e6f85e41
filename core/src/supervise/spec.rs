//! The words in which supervision is specified.

use core::time::Duration;

/// Which children are restarted when one has failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Strategy {
    /// Only the one that failed.
    #[default]
    OneForOne,
}

/// After which exits a child is restarted.
///
/// A child that was asked to stop for good is never restarted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Restart {
    /// After none; OTP's `temporary`.
    Never,
    /// After an error, a panic or a kill; OTP's `transient`.
    OnFailure,
    /// After every exit; OTP's `permanent`.
    #[default]
    Always,
}

/// How a child is brought to its end when its supervisor stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shutdown {
    /// Asked to stop, which lets an actor handle what waits; killed after this time.
    Drain(Duration),
    /// Asked to stop, and waited for however long it takes.
    Infinite,
    /// Killed at once; OTP's `brutal_kill`.
    Kill,
}

impl Default for Shutdown {
    /// Five seconds, as in OTP.
    fn default() -> Self {
        Self::Drain(Duration::from_secs(5))
    }
}
