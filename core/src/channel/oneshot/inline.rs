//! Room for one pair after the other, in a `static`.

use super::{Receiver, Sender, end::pair, slot::Slot};
use crate::sync::const_fn;
use core::{fmt, ptr::NonNull};

/// Room for a channel for one value, to be used again and again.
///
/// One pair uses it at a time. When both ends are gone, the next pair can be made; no end ever reaches
/// another pair than its own.
///
/// # Examples
///
/// ```
/// use klaw::channel::oneshot::Oneshot;
///
/// static ANSWER: Oneshot<u32> = Oneshot::new();
///
/// let (tx, mut rx) = ANSWER.channel().unwrap();
/// assert!(ANSWER.channel().is_none()); // in use
/// tx.send(7).unwrap(); // from an interrupt, for example
/// assert_eq!(rx.try_recv(), Ok(7));
/// assert!(ANSWER.channel().is_some());
/// ```
pub struct Oneshot<T>(Slot<T>);

impl<T> Oneshot<T> {
    const_fn! {
        /// Room that is not in use.
        #[must_use]
        pub const fn new() -> Self {
            Self(Slot::free_in_static())
        }
    }

    /// Creates a pair that lies here; `None` while the one before is in use.
    ///
    /// A pair is in use until its receiver has received, or both are dropped. A pair that is leaked stays in
    /// use for ever.
    pub fn channel(&'static self) -> Option<(Sender<T>, Receiver<T>)> {
        // SAFETY: `begin` says that it was free and is now open, by us; and it lives for ever.
        self.0.begin().then(|| unsafe { pair(NonNull::from(&self.0)) })
    }

    /// Whether a pair is in use.
    pub fn is_in_use(&self) -> bool {
        !self.0.is_free()
    }
}

impl<T> Default for Oneshot<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> fmt::Debug for Oneshot<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Oneshot").field("in_use", &self.is_in_use()).finish_non_exhaustive()
    }
}
