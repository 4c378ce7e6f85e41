//! Panics as values: none, since without the standard library a panic never returns.

use core::{convert::Infallible, fmt};

/// A panic that was caught: a type without values, since here none can be.
pub struct Panic(Infallible);

impl Panic {
    /// The text it was raised with, if it was one.
    pub const fn message(&self) -> Option<&str> {
        match self.0 {}
    }
}

impl fmt::Display for Panic {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {}
    }
}

impl fmt::Debug for Panic {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {}
    }
}

/// Runs `f`.
pub(crate) fn catch<R>(f: impl FnOnce() -> R) -> Result<R, Panic> {
    Ok(f())
}
