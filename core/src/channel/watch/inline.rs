//! A watch channel in a `static`.

use super::{
    receiver::Receiver,
    sender::Sender,
    shared::{Held, Shared},
    value::Ref,
};
use crate::sync::const_fn;
use core::fmt;

/// A watch channel for a `static`: the latest value, without a heap.
///
/// It is used in place, from interrupts too, or through [`sender`](Self::sender) and
/// [`receiver`](Self::receiver) handles. Only handles are counted: a channel that has only been
/// written in place has no end.
///
/// # Examples
///
/// ```
/// use klaw::channel::watch::Watch;
///
/// static LEVEL: Watch<u16> = Watch::new(0);
///
/// /// Waits for high water.
/// async fn guard() {
///     LEVEL.receiver().wait_for(|level| *level > 100).await.unwrap();
/// }
///
/// LEVEL.send(120); // from an interrupt, for example
/// # futures_util::FutureExt::now_or_never(guard()).unwrap();
/// assert_eq!(*LEVEL.borrow(), 120);
/// ```
pub struct Watch<T>(Shared<T>);

impl<T> Watch<T> {
    const_fn! {
        /// A channel with the value `initial`.
        #[must_use]
        pub const fn new(initial: T) -> Self {
            Self(Shared::new(initial))
        }
    }

    /// Stores `value` and tells every receiver.
    ///
    /// Unlike [`Sender::send`] it does not fail for want of receivers: a `static` may be read in
    /// place at any time. The value before is dropped here, without a lock.
    pub fn send(&self, value: T) {
        self.send_replace(value);
    }

    /// Stores `value`, tells every receiver, and gives back the value before.
    pub fn send_replace(&self, value: T) -> T {
        self.0.replace(value)
    }

    /// Changes the value in place and tells every receiver; see [`Sender::send_modify`].
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

    /// Changes the value in place and tells every receiver if `modify` says that it changed it; see
    /// [`Sender::send_if_modified`].
    ///
    /// # Panics
    ///
    /// If `modify` does. What it changed until then stays, and receivers are told.
    pub fn send_if_modified(&self, modify: impl FnOnce(&mut T) -> bool) -> bool {
        self.0.modify(modify)
    }

    /// The value as it is now.
    pub fn borrow(&self) -> Ref<T>
    where
        T: Clone,
    {
        Ref::new(self.0.read().0, false)
    }

    /// How many receivers there are.
    pub fn receiver_count(&self) -> usize {
        self.0.state.receivers()
    }

    /// A counted handle to send through; when the last one is dropped, receivers get
    /// [`RecvError`](crate::RecvError).
    ///
    /// Another one opens the channel again, so what holds the only one may be restarted.
    pub fn sender(&'static self) -> Sender<T> {
        Sender::counted(Held::in_static(&self.0))
    }

    /// A counted handle to receive through, for which the current value is seen.
    pub fn receiver(&'static self) -> Receiver<T> {
        Receiver::counted(Held::in_static(&self.0))
    }
}

impl<T> fmt::Debug for Watch<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.state.fmt_as("Watch", f)
    }
}
