//! Channels on the heap.

use super::{
    error::CapacityError,
    handle::{Held, Receiver, Sender},
    ring::{Ring, Slot, nothing},
};
use crate::sync::{Arc, Compact, Local, Sharing, single::Rc};

/// The capacity of [`channel`]: 10,000.
pub const DEFAULT_CAPACITY: usize = 10_000;

/// Creates a channel for up to `capacity` waiting messages.
///
/// Memory follows use: an empty channel has no slots, and the ring doubles up to `capacity`.
///
/// # Panics
///
/// If `capacity` is zero, or its slots would take more than `isize::MAX` bytes; [`try_bounded`] gives
/// an error instead.
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
#[must_use]
pub fn bounded<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    ends(Arc::new(heap_ring(capacity)))
}

/// Creates a channel for up to `capacity` waiting messages, if that is possible.
///
/// # Errors
///
/// [`CapacityError`] if `capacity` is zero, or its slots would take more than `isize::MAX` bytes.
///
/// # Examples
///
/// ```
/// use klaw::channel::{CapacityError, try_bounded};
///
/// assert_eq!(try_bounded::<u8>(0).unwrap_err(), CapacityError::Zero);
/// assert_eq!(try_bounded::<u8>(usize::MAX).unwrap_err(), CapacityError::TooLarge);
/// ```
pub fn try_bounded<T>(capacity: usize) -> Result<(Sender<T>, Receiver<T>), CapacityError> {
    let capacity = checked::<T>(capacity)?;
    Ok(ends(Arc::new(Ring::new(capacity, [], nothing()))))
}

/// Creates a channel with room for [`DEFAULT_CAPACITY`] waiting messages.
///
/// # Examples
///
/// ```
/// let (tx, rx) = klaw::channel::channel::<u8>();
/// assert_eq!(tx.capacity(), 10_000);
/// # drop(rx);
/// ```
#[must_use]
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    bounded(DEFAULT_CAPACITY)
}

/// Creates a channel without a bound: a sender never waits, so nothing slows it down.
///
/// Prefer [`bounded`]; memory grows for as long as receivers are slower than senders. It shrinks
/// again afterwards.
#[must_use]
pub fn unbounded<T>() -> (Sender<T>, Receiver<T>) {
    ends(Arc::new(Ring::new(most::<T>(), [], nothing())))
}

/// Creates a channel for up to `capacity` waiting messages, whose receivers fetch the messages of
/// waiting senders.
///
/// A receiver that frees a slot fills it from the sender that waits longest, so a sender that is woken
/// is done: fewer switches between tasks where the channel is often full, most of all at small
/// capacities. In return a [`Send`](super::Send) that is dropped *may have been sent*, which
/// [`cancel`](super::Send::cancel) tells; [`bounded`] is exact.
///
/// # Panics
///
/// If `capacity` is zero, or its slots would take more than `isize::MAX` bytes.
#[must_use]
pub fn bounded_pull<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    ends(Arc::new(heap_ring(capacity).pulling()))
}

/// Creates a channel without room: a sender waits until a receiver fetches its message.
///
/// A [`Send`](super::Send) that is dropped *may have been sent*, which
/// [`cancel`](super::Send::cancel) tells. `try_send` answers full and `reserve` waits until the channel
/// is closed: a message is handed to nobody who might still be dropped, so there is never room for one
/// that does not wait.
///
/// # Examples
///
/// ```
/// # use core::{pin::pin, task::{Context, Waker}};
/// # let cx = &mut Context::from_waker(Waker::noop());
/// let (tx, rx) = klaw::channel::rendezvous();
/// let mut sending = pin!(tx.send("hello"));
/// assert!(sending.as_mut().poll(cx).is_pending());
/// assert_eq!(rx.try_recv(), Ok("hello"));
/// assert!(sending.poll(cx).is_ready());
/// ```
#[must_use]
pub fn rendezvous<T>() -> (Sender<T>, Receiver<T>) {
    ends(Arc::new(Ring::new(0, [], nothing()).pulling()))
}

/// Channels that stay on one thread: no atomic read-modify-write, and ends that are not `Send`.
///
/// # Examples
///
/// ```
/// use std::rc::Rc;
///
/// let (tx, rx) = klaw::channel::local::bounded(4);
/// tx.try_send(Rc::new("stays here")).unwrap();
/// assert_eq!(*rx.try_recv().unwrap(), "stays here");
/// ```
pub mod local {
    use super::{Local, Rc, Receiver, Ring, Sender, checked, ends, most, nothing};

    /// Creates a channel for up to `capacity` waiting messages.
    ///
    /// # Panics
    ///
    /// If `capacity` is zero, or its slots would take more than `isize::MAX` bytes.
    #[must_use]
    pub fn bounded<T>(capacity: usize) -> (Sender<T, Local>, Receiver<T, Local>) {
        let capacity = checked::<T>(capacity).unwrap_or_else(|error| panic!("{error}"));
        ends(Rc::new(Ring::new_local(capacity, [], nothing())))
    }

    /// Creates a channel without room, as [`rendezvous`](super::rendezvous) does.
    #[must_use]
    pub fn rendezvous<T>() -> (Sender<T, Local>, Receiver<T, Local>) {
        ends(Rc::new(Ring::new_local(0, [], nothing()).pulling()))
    }

    /// Creates a channel without a bound: a sender never waits, so nothing slows it down.
    #[must_use]
    pub fn unbounded<T>() -> (Sender<T, Local>, Receiver<T, Local>) {
        ends(Rc::new(Ring::new_local(most::<T>(), [], nothing())))
    }
}

fn ends<T, M: Sharing>(
    ring: M::Counted<Ring<T, [Slot<T>; 0], M>>,
) -> (Sender<T, M>, Receiver<T, M>) {
    let held: Held<T, M> = Held::Counted(ring);
    (Sender::counted(held.clone()), Receiver::counted(held))
}

/// A ring without slots that grows up to `capacity`.
///
/// # Panics
///
/// If there cannot be a ring of that capacity.
pub(crate) fn heap_ring<T>(capacity: usize) -> Ring<T, [Slot<T>; 0]> {
    Ring::new(checked_or_panic::<T>(capacity), [], nothing())
}

/// The same without a cache line for each end: an eighth of a kilobyte less.
///
/// # Panics
///
/// If there cannot be a ring of that capacity.
pub(crate) fn compact_heap_ring<T>(capacity: usize) -> Ring<T, [Slot<T>; 0], Compact> {
    Ring::new_compact(checked_or_panic::<T>(capacity), [], nothing())
}

fn checked_or_panic<T>(capacity: usize) -> usize {
    checked::<T>(capacity).unwrap_or_else(|error| panic!("{error}"))
}

/// As many slots as an object can have.
const fn most<T>() -> usize {
    isize::MAX.unsigned_abs() / size_of::<Slot<T>>()
}

const fn checked<T>(capacity: usize) -> Result<usize, CapacityError> {
    if capacity == 0 {
        Err(CapacityError::Zero)
    } else if capacity > most::<T>() {
        Err(CapacityError::TooLarge)
    } else {
        Ok(capacity)
    }
}
