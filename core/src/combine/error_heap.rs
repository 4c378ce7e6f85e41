//! When none of many futures succeeded.

use super::error::{AllFailed, source, write};
use alloc::vec::Vec;
use core::{error::Error, fmt};

impl<E: fmt::Display> fmt::Display for AllFailed<Vec<E>> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(&self.errors, f)
    }
}

impl<E: Error + 'static> Error for AllFailed<Vec<E>> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        source(&self.errors)
    }
}
