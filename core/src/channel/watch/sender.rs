//! The sending end.

use super::{
    super::error::SendError,
    closed::Closed,
    receiver::Receiver,
    shared::{Held, Shared},
    value::Ref,
};
use core::fmt;

/// The sending end of a watch channel; cloning gives another one.
///
/// When the last one is dropped, receivers get [`RecvError`](crate::RecvError) once they have seen
/// the last value.
pub struct Sender<T>(Held<T>);

impl<T> Sender<T> {
    pub(super) fn counted(held: Held<T>) -> Self {
        held.get(|shared| shared).state.add_sender();
        Self(held)
    }

    fn shared(&self) -> &Shared<T> {
        self.0.get(|shared| shared)
    }

    /// Stores `value` and tells every receiver, if there is one.
    ///
    /// # Errors
    ///
    /// [`SendError`] with `value` if there is no receiver; the value stays as it was then.
    /// [`send_replace`](Self::send_replace) stores in any case.
    ///
    /// # Examples
    ///
    /// ```
    /// use klaw::channel::{SendError, watch};
    ///
    /// let (tx, rx) = watch::channel(1);
    /// assert_eq!(tx.send(2), Ok(()));
    /// assert_eq!(*rx.borrow(), 2);
    /// drop(rx);
    /// assert_eq!(tx.send(3), Err(SendError(3)));
    /// assert_eq!(*tx.subscribe().borrow(), 2);
    /// ```
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        if self.is_closed() {
            return Err(SendError(value));
        }
        self.send_replace(value);
        Ok(())
    }

    /// Stores `value`, tells every receiver, and gives back the value before.
    pub fn send_replace(&self, value: T) -> T {
        self.shared().replace(value)
    }

    /// Changes the value in place and tells every receiver.
    ///
    /// `modify` runs under the lock; see [there](super#code-that-runs-under-the-lock).
    ///
    /// # Panics
    ///
    /// If `modify` does. What it changed until then stays, and receivers are told.
    pub fn send_modify(&self, modify: impl FnOnce(&mut T)) {
        self.send_if_modified(|value| {
            modify(value);
            true
        });
    }

    /// Changes the value in place and tells every receiver if `modify` says that it changed it.
    ///
    /// Returns what `modify` returned. It runs under the lock; see
    /// [there](super#code-that-runs-under-the-lock).
    ///
    /// # Panics
    ///
    /// If `modify` does. What it changed until then stays, and receivers are told.
    ///
    /// # Examples
    ///
    /// ```
    /// let (tx, rx) = klaw::channel::watch::channel(20);
    /// let store = |new: u8| tx.send_if_modified(|value| core::mem::replace(value, new) != new);
    /// assert!(!store(20));
    /// assert_eq!(rx.has_changed(), Ok(false));
    /// assert!(store(21));
    /// assert_eq!(rx.has_changed(), Ok(true));
    /// ```
    pub fn send_if_modified(&self, modify: impl FnOnce(&mut T) -> bool) -> bool {
        self.shared().modify(modify)
    }

    /// The value as it is now.
    pub fn borrow(&self) -> Ref<T>
    where
        T: Clone,
    {
        Ref::new(self.shared().read().0, false)
    }

    /// Another receiver, for which the current value is seen.
    pub fn subscribe(&self) -> Receiver<T> {
        Receiver::counted(self.0.clone())
    }

    /// Waits until there is no receiver; done at once if there is none.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future costs nothing.
    pub fn closed(&self) -> Closed<'_> {
        Closed::new(&self.shared().state)
    }

    /// Whether there is no receiver.
    pub fn is_closed(&self) -> bool {
        self.receiver_count() == 0
    }

    /// How many receivers there are.
    pub fn receiver_count(&self) -> usize {
        self.shared().state.receivers()
    }

    /// Whether both handles belong to one channel.
    pub fn same_channel(&self, other: &Self) -> bool {
        core::ptr::eq(self.shared(), other.shared())
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Self::counted(self.0.clone())
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.shared().state.remove_sender();
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared().state.fmt_as("Sender", f)
    }
}
