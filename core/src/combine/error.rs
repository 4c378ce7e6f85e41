//! When none of several futures succeeded.

use crate::cancel::is_cancelled;
use core::{error::Error, fmt};

/// None of several futures succeeded: all their errors, in input order.
///
/// Its source is a [`Cancelled`](crate::Cancelled) if one of the errors came of one, otherwise the
/// first error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AllFailed<L> {
    /// The error of each future, at the future's own index.
    pub errors: L,
}

pub(super) fn write<E: fmt::Display>(errors: &[E], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "none of {} succeeded", errors.len())?;
    for (at, error) in errors.iter().enumerate() {
        write!(f, "{} [{at}] {error}", if at == 0 { ':' } else { ';' })?;
    }
    Ok(())
}

pub(super) fn source<E: Error + 'static>(errors: &[E]) -> Option<&(dyn Error + 'static)> {
    let error = errors.iter().find(|error| is_cancelled(*error)).or(errors.first());
    error.map(|error| error as _)
}

impl<E: fmt::Display, const N: usize> fmt::Display for AllFailed<[E; N]> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(&self.errors, f)
    }
}

impl<E: Error + 'static, const N: usize> Error for AllFailed<[E; N]> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        source(&self.errors)
    }
}
