//! The right to answer one question.

use super::{questions::Asker, reply_slot::SlotAsker};
use core::{error::Error, fmt};

/// The right to answer one question; dropping it tells the asker that no answer will come.
#[must_use = "dropping a reply tells the asker that no answer will come"]
pub struct Reply<R: 'static>(To<R>);

enum To<R: 'static> {
    /// A slot that the question brought along.
    Slot(SlotAsker<R>),
    /// The future that waits for the answer.
    #[allow(dead_code, reason = "made only where there is a heap")]
    Asker(Asker<R>),
}

/// Why a question has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AskError {
    /// The actor takes no more messages; the question was not asked.
    Closed,
    /// The question was asked, and dropped without an answer.
    NoReply,
    /// The question was not asked: actors would have waited for each other in a circle, or that could
    /// not be ruled out. See [`Ctx::ask`](crate::actor::Ctx#method.ask).
    Cycle,
}

impl<R> Reply<R> {
    pub(in crate::actor) const fn in_slot(asker: SlotAsker<R>) -> Self {
        Self(To::Slot(asker))
    }

    #[allow(dead_code, reason = "used only where there is a heap")]
    pub(in crate::actor) const fn to(asker: Asker<R>) -> Self {
        Self(To::Asker(asker))
    }

    /// Answers the question; an answer that nobody waits for any more is dropped.
    pub fn send(self, answer: R) {
        match self.0 {
            To::Slot(asker) => asker.send(answer),
            To::Asker(asker) => asker.send(answer),
        }
    }
}

impl<R> fmt::Debug for Reply<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply").finish_non_exhaustive()
    }
}

impl fmt::Display for AskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closed => "the actor takes no more messages",
            Self::NoReply => "the actor dropped the question without an answer",
            Self::Cycle => "actors would wait for each other in a circle",
        })
    }
}

impl Error for AskError {}
