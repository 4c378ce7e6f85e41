//! Which errors of a step are recorded.

use crate::checkpoint::{Persist, PersistError, Writer, key_hash};
use core::{convert::Infallible, error::Error};

/// The error of a step that may fail for good.
///
/// A step whose error is any type that implements [`Error`] never fails for good; one that may says which of its
/// errors do with this. `?` makes any `E` transient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure<F, E> {
    /// It is recorded, and the step does not run again.
    Terminal(F),
    /// It is not recorded: the step may be retried, and runs again when the workflow is resumed.
    Transient(E),
}

// Not an `Error` itself: that keeps the two implementations of `StepFailure` apart.
impl<F, E> From<E> for Failure<F, E> {
    fn from(error: E) -> Self {
        Self::Transient(error)
    }
}

/// An error of a step: [`Failure`], or any type that implements [`Error`]. Sealed: these are all there are.
pub trait StepFailure: sealed::Sealed {
    /// What is recorded.
    type Terminal: Persist;
    /// What is not.
    type Transient;

    #[doc(hidden)]
    fn into_failure(self) -> Failure<Self::Terminal, Self::Transient>;
}

impl<E: Error> StepFailure for E {
    type Terminal = Never;
    type Transient = E;

    fn into_failure(self) -> Failure<Never, E> {
        Failure::Transient(self)
    }
}

impl<F: Persist, E> StepFailure for Failure<F, E> {
    type Terminal = F;
    type Transient = E;

    fn into_failure(self) -> Self {
        self
    }
}

/// The terminal error of steps that have none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Never(Infallible);

impl core::fmt::Display for Never {
    fn fmt(&self, _: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self.0 {}
    }
}

impl Error for Never {}

impl Persist for Never {
    const TYPE: &'static str = "never";
    const VERSION: u32 = 1;
    const SCHEMA: u64 = key_hash(b"never");

    fn encode(&self, _: &mut Writer<'_>) -> Result<(), PersistError> {
        match self.0 {}
    }

    fn decode(_: u32, _: &[u8]) -> Result<Self, PersistError> {
        Err(PersistError::Malformed)
    }
}

mod sealed {
    pub trait Sealed {}
    impl<E: core::error::Error> Sealed for E {}
    impl<F, E> Sealed for super::Failure<F, E> {}
}
