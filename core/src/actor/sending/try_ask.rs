//! Asking only if there is room.

use super::{envelope::Envelope, questions::Answer};
use crate::actor::{ActorRef, AskError, Reply};
use crate::channel::{Permit, TrySendError};
use core::{error::Error, fmt, pin::pin};

/// Why a question that would not wait for room has no answer.
///
/// A question that was not put comes back as it was given: no message was made of it yet.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TryAskError<Q> {
    /// No room in the mailbox; the question was not asked.
    Full(Q),
    /// The actor takes no more messages; the question was not asked.
    Closed(Q),
    /// The question was asked, and dropped without an answer.
    NoReply,
}

impl<M> ActorRef<M> {
    /// Asks a question if there is room in the mailbox, and waits for the answer.
    ///
    /// Whether there is room is seen when the future is first polled, and as in [`ask`](Self::ask) the
    /// question is asked then.
    ///
    /// # Errors
    ///
    /// [`TryAskError`], with `question` itself if there is no room or the actor takes no more messages.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future before its first poll: not asked. After: it may still be handled, and the
    /// late answer is discarded.
    ///
    /// # Examples
    ///
    /// ```
    /// # use core::{pin::pin, task::{Context, Poll, Waker}};
    /// # let cx = &mut Context::from_waker(Waker::noop());
    /// use klaw::{Reply, actor::TryAskError, mailbox};
    ///
    /// struct Get(Reply<u32>);
    /// let full = mailbox::<Get>(1);
    /// let mut first = pin!(full.try_ask(Get));
    /// assert!(first.as_mut().poll(cx).is_pending());
    /// let second = pin!(full.try_ask(Get));
    /// assert!(matches!(second.poll(cx), Poll::Ready(Err(TryAskError::Full(_get)))));
    /// ```
    pub async fn try_ask<R: 'static, Q: FnOnce(Reply<R>) -> M>(
        &self,
        question: Q,
    ) -> Result<R, TryAskError<Q>> {
        let permit = match Permit::try_new(self.inbox().ring()) {
            Ok(permit) => permit,
            Err(TrySendError::Full(())) => return Err(TryAskError::Full(question)),
            Err(TrySendError::Closed(())) => return Err(TryAskError::Closed(question)),
        };
        let mut answer = pin!(Answer::new(self.inbox().questions()));
        let (_, asker) = answer.as_mut().open();
        // Refused if the mailbox was closed since: then the message is dropped, the reply with it.
        drop(permit.send(Envelope::new(question(Reply::to(asker)))));
        answer.await.map_err(|error| {
            debug_assert_eq!(error, AskError::NoReply);
            TryAskError::NoReply
        })
    }
}

impl<Q> fmt::Debug for TryAskError<Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full(_) => "Full(..)",
            Self::Closed(_) => "Closed(..)",
            Self::NoReply => "NoReply",
        })
    }
}

impl<Q> fmt::Display for TryAskError<Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full(_) => "the mailbox is full",
            Self::Closed(_) => "the actor takes no more messages",
            Self::NoReply => "the actor dropped the question without an answer",
        })
    }
}

impl<Q> Error for TryAskError<Q> {}
