//! Telling other actors from inside a handler.

use super::{
    envelope::Envelope,
    wait_for::{Pending, Waiting},
};
use crate::actor::{ActorRef, Ctx};
use crate::channel::{Send, SendError, TrySendError, try_send};
use core::{error::Error, fmt, pin::pin};

/// Why a handler's message was not sent; with the message.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TellError<M> {
    /// The actor takes no more messages.
    Closed(M),
    /// The mailbox is full, and actors would have waited for each other in a circle, or that could not
    /// be ruled out.
    Cycle(M),
}

impl<M> TellError<M> {
    /// The message.
    pub fn into_inner(self) -> M {
        match self {
            Self::Closed(msg) | Self::Cycle(msg) => msg,
        }
    }
}

impl<'a, M> Ctx<'a, M> {
    /// Sends `msg` to `other` as [`ActorRef::tell`] does, but does not wait for room in a circle.
    ///
    /// Only a full mailbox makes an actor wait. If that of `other` is full and its handler waits, over
    /// however many others, for this actor, then neither would go on: this is seen and refused. An actor
    /// that tells itself with a full mailbox is refused too. What is seen are the waits of [`tell`],
    /// [`ask_in`] and `ask` of the context; an actor whose wait is over counts as waiting for room
    /// until it has run.
    ///
    /// [`tell`]: Self::tell
    /// [`ask_in`]: Self::ask_in
    ///
    /// # Errors
    ///
    /// [`TellError`] with the message if the actor takes no more, or waiting would close a circle.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future costs the place in the queue; the message is then not sent.
    pub fn tell<'f, N: 'static>(
        &self,
        other: &'f ActorRef<N>,
        msg: N,
    ) -> impl Future<Output = Result<(), TellError<N>>> + use<'a, 'f, M, N> {
        let me: &'a ActorRef<M> = self.reference();
        let envelope = Envelope::new(msg);
        async move {
            let ring = other.inbox().ring();
            let envelope = match try_send(ring, envelope) {
                Ok(()) => return Ok(()),
                Err(TrySendError::Closed(envelope)) => {
                    return Err(TellError::Closed(envelope.into_msg()));
                }
                Err(TrySendError::Full(envelope)) => envelope,
            };
            let mut waiting = pin!(Waiting::new(me.node(), other.node(), Pending::Room));
            let Ok(()) = waiting.as_mut().begin() else {
                return Err(TellError::Cycle(envelope.into_msg()));
            };
            Send::new(ring, envelope)
                .await
                .map_err(|SendError(envelope)| TellError::Closed(envelope.into_msg()))
        }
    }
}

impl<M> fmt::Debug for TellError<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closed(_) => "Closed(..)",
            Self::Cycle(_) => "Cycle(..)",
        })
    }
}

impl<M> fmt::Display for TellError<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closed(_) => "the actor takes no more messages",
            Self::Cycle(_) => "actors would wait for each other in a circle",
        })
    }
}

impl<M> Error for TellError<M> {}
