//! Handles that do not keep a channel open.

use super::handle::{Held, Receiver, Sender};
use crate::sync::{Shared, Sharing};
use core::fmt;

/// A sender that does not keep the channel open; made by [`Sender::downgrade`].
pub struct WeakSender<T, M: Sharing = Shared>(Held<T, M>);

/// A receiver that does not keep the channel open; made by [`Receiver::downgrade`].
pub struct WeakReceiver<T, M: Sharing = Shared>(Held<T, M>);

impl<T, M: Sharing> WeakSender<T, M> {
    pub(super) const fn new(held: Held<T, M>) -> Self {
        Self(held)
    }

    /// A sender again, or `None` if there is none any more or the channel is closed.
    pub fn upgrade(&self) -> Option<Sender<T, M>> {
        let open = self.0.get(|ring| ring).try_add_sender();
        open.then(|| Sender::adopt(self.0.clone()))
    }
}

impl<T, M: Sharing> WeakReceiver<T, M> {
    pub(super) const fn new(held: Held<T, M>) -> Self {
        Self(held)
    }

    /// A receiver again, or `None` if there is none any more.
    pub fn upgrade(&self) -> Option<Receiver<T, M>> {
        let alive = self.0.get(|ring| ring).try_add_receiver();
        alive.then(|| Receiver::adopt(self.0.clone()))
    }
}

impl<T, M: Sharing> Clone for WeakSender<T, M> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T, M: Sharing> Clone for WeakReceiver<T, M> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T, M: Sharing> fmt::Debug for WeakSender<T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.get(|ring| ring).fmt_as("WeakSender", f)
    }
}

impl<T, M: Sharing> fmt::Debug for WeakReceiver<T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.get(|ring| ring).fmt_as("WeakReceiver", f)
    }
}
