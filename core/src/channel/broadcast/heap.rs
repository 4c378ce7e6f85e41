//! Broadcasts on the heap.

use super::{CapacityError, Overflow, Receiver, Sender, sender::Held, shared::Shared, slot::Slot};
use crate::sync::Arc;
use core::alloc::Layout;

/// Creates a broadcast that keeps up to `capacity` messages for its slowest receiver.
///
/// The capacity is kept exactly. Its slots are allocated here; nothing is allocated later.
///
/// # Panics
///
/// If `capacity` is zero, or its slots would take more than `isize::MAX` bytes; see [`try_channel`].
#[track_caller]
pub fn channel<T>(capacity: usize, overflow: Overflow) -> (Sender<T>, Receiver<T>) {
    match try_channel(capacity, overflow) {
        Ok(ends) => ends,
        Err(error) => panic!("{error}"),
    }
}

/// Creates a broadcast like [`channel`], of a capacity that may be wrong.
///
/// # Errors
///
/// [`CapacityError`] if `capacity` is zero, or its slots would take more than `isize::MAX` bytes.
///
/// # Examples
///
/// ```
/// use klaw::channel::broadcast::{self, CapacityError, Overflow};
///
/// let made = broadcast::try_channel::<u8>(0, Overflow::Lag);
/// assert_eq!(made.err(), Some(CapacityError::Zero));
/// ```
pub fn try_channel<T>(
    capacity: usize,
    overflow: Overflow,
) -> Result<(Sender<T>, Receiver<T>), CapacityError> {
    if capacity == 0 {
        return Err(CapacityError::Zero);
    }
    if Layout::array::<Slot<T>>(capacity).is_err() {
        return Err(CapacityError::TooLarge);
    }
    let slots = (0..capacity).map(|_| Slot::new()).collect();
    let held = Held::Counted(Arc::new(Shared::new(overflow, slots, [])));
    Ok((Sender::counted(held.clone()), Receiver::counted(held)))
}
