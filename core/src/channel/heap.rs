//! Channels on the heap.

use super::{
    handle::{Held, Receiver, Sender},
    ring::Ring,
    slot::Slot,
};
use crate::sync::Arc;

/// Creates a channel for up to `capacity` waiting messages.
///
/// Memory follows use: an empty channel has no slots, and the ring doubles up to `capacity`.
///
/// # Panics
///
/// If `capacity` is zero.
///
/// # Examples
///
/// ```
/// let (tx, rx) = klaw::bounded(100);
/// tx.try_send("hello").unwrap();
/// drop(tx);
/// assert_eq!(rx.try_recv(), Ok("hello"));
/// assert_eq!(rx.try_recv(), Err(klaw::TryRecvError::Closed));
/// ```
pub fn bounded<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    let held = Held::Shared(Arc::new(heap_ring(capacity)));
    (Sender::counted(held.clone()), Receiver::counted(held))
}

/// A ring without slots that grows up to `capacity`.
pub(crate) fn heap_ring<T>(capacity: usize) -> Ring<T, [Slot<T>; 0]> {
    assert!(capacity > 0, "a queue needs room for at least one message");
    Ring::new(capacity, [], super::grow::nothing())
}
