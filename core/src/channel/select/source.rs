//! What messages can be received from.

use crate::{
    channel::{Channel, Receiver, Recv},
    sync::Sharing,
};

/// A [`Receiver`], or a [`Channel`] used in place; sealed.
pub trait Source: sealed::Sealed {
    /// What it receives.
    type Message;
    /// Who shares its channel.
    type Sharing: Sharing;

    #[doc(hidden)]
    fn begin(&self) -> Recv<'_, Self::Message, Self::Sharing>;
}

mod sealed {
    pub trait Sealed {}
}

impl<T, M: Sharing> sealed::Sealed for Receiver<T, M> {}

impl<T, M: Sharing> Source for Receiver<T, M> {
    type Message = T;
    type Sharing = M;

    fn begin(&self) -> Recv<'_, T, M> {
        self.recv()
    }
}

impl<T, const N: usize, M: Sharing> sealed::Sealed for Channel<T, N, M> {}

impl<T, const N: usize, M: Sharing> Source for Channel<T, N, M> {
    type Message = T;
    type Sharing = M;

    fn begin(&self) -> Recv<'_, T, M> {
        self.recv()
    }
}
