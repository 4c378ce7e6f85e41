//! Values sealed on the heap, whatever their length.

use crate::checkpoint::{Persist, PersistError, seal};
use alloc::{vec, vec::Vec};

/// What most values fit into, so that they need no allocation.
const USUAL: usize = 128;

/// Seals `value` and hands the bytes to `then`.
pub(super) fn sealed<T: Persist, R>(
    value: &T,
    then: impl FnOnce(&[u8]) -> R,
) -> Result<R, PersistError> {
    match seal(value, &mut [0; USUAL]) {
        Ok(bytes) => Ok(then(bytes)),
        Err(PersistError::NoRoom { needed }) => Ok(then(seal(value, &mut vec![0; needed])?)),
        Err(error) => Err(error),
    }
}

/// Appends the sealed `value` to `out`.
pub(super) fn seal_into<T: Persist>(value: &T, out: &mut Vec<u8>) -> Result<(), PersistError> {
    sealed(value, |bytes| out.extend_from_slice(bytes))
}
