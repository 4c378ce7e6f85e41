//! The answer to one question.

use crate::sync::{Arc, Lock, const_fn};
use core::{
    error::Error,
    fmt,
    pin::Pin,
    task::{Context, Poll, Waker},
};

/// Room for the answer to one question at a time, in a `static` where there is no heap.
///
/// Every question that uses it has a number of its own: an answer that comes after its question
/// was given up is discarded, and never reaches the next one.
pub struct ReplySlot<R>(Lock<Room<R>>);

struct Room<R> {
    question: u32,
    answer: State<R>,
    asker: Option<Waker>,
}

enum State<R> {
    Waiting,
    Given(R),
    Refused,
}

/// The right to answer one question; dropping it tells the asker that no answer will come.
#[must_use = "dropping a reply tells the asker that no answer will come"]
pub struct Reply<R: 'static> {
    holder: Option<ReplyHolder<R>>,
    question: u32,
}

pub(super) enum ReplyHolder<R: 'static> {
    Static(&'static ReplySlot<R>),
    #[allow(dead_code, reason = "made only where there is a heap")]
    Shared(Arc<ReplySlot<R>>),
}

/// Waits for the answer; dropping it makes a late answer go nowhere.
pub(super) struct Answer<R: 'static> {
    holder: ReplyHolder<R>,
    question: u32,
}

/// Why a question has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AskError {
    /// The actor takes no more messages; the question was not asked.
    Closed,
    /// The question was asked, and dropped without an answer.
    NoReply,
}

impl<R> ReplySlot<R> {
    const_fn! {
        /// An empty slot.
        #[must_use]
        pub const fn new() -> Self {
            Self(Lock::new(Room { question: 0, answer: State::Refused, asker: None }))
        }
    }

    /// Ends the question before, if one is open, and begins the next.
    fn begin(&self) -> u32 {
        let (question, before, asker) = self.0.with(|room| {
            room.question = room.question.wrapping_add(1);
            let before = core::mem::replace(&mut room.answer, State::Waiting);
            (room.question, before, room.asker.take())
        });
        drop(before);
        asker.into_iter().for_each(Waker::wake);
        question
    }

    /// Gives the answer if the question is still open.
    fn settle(&self, question: u32, answer: State<R>) {
        let (late, asker) = self.0.with(|room| {
            if room.question != question {
                return (Some(answer), None);
            }
            (Some(core::mem::replace(&mut room.answer, answer)), room.asker.take())
        });
        drop(late); // outside the lock: an answer's destructor is foreign code (K4)
        asker.into_iter().for_each(Waker::wake);
    }

    fn poll(&self, question: u32, cx: &Context<'_>) -> Poll<Result<R, AskError>> {
        let waker = cx.waker().clone();
        let (poll, spare) = self.0.with(|room| {
            if room.question != question {
                return (Poll::Ready(Err(AskError::NoReply)), Some(waker));
            }
            match core::mem::replace(&mut room.answer, State::Refused) {
                State::Given(answer) => (Poll::Ready(Ok(answer)), Some(waker)),
                State::Refused => (Poll::Ready(Err(AskError::NoReply)), Some(waker)),
                State::Waiting => {
                    room.answer = State::Waiting;
                    (Poll::Pending, room.asker.replace(waker))
                }
            }
        });
        drop(spare);
        poll
    }

    /// Gives up the question, if it is still the open one.
    fn end(&self, question: u32) {
        let left = self.0.with(|room| {
            if room.question != question {
                return None;
            }
            room.question = room.question.wrapping_add(1);
            let answer = core::mem::replace(&mut room.answer, State::Refused);
            Some((answer, room.asker.take()))
        });
        drop(left);
    }
}

impl<R> ReplyHolder<R> {
    fn slot(&self) -> &ReplySlot<R> {
        match self {
            Self::Static(slot) => slot,
            Self::Shared(slot) => slot,
        }
    }

    pub(super) fn open(self) -> (Reply<R>, Answer<R>) {
        let question = self.slot().begin();
        let holder = match &self {
            Self::Static(slot) => Self::Static(slot),
            Self::Shared(slot) => Self::Shared(slot.clone()),
        };
        (Reply { holder: Some(holder), question }, Answer { holder: self, question })
    }
}

impl<R> Reply<R> {
    /// Answers the question; an answer that nobody waits for any more is dropped.
    pub fn send(mut self, answer: R) {
        if let Some(holder) = self.holder.take() {
            holder.slot().settle(self.question, State::Given(answer));
        }
    }
}

impl<R> Drop for Reply<R> {
    fn drop(&mut self) {
        if let Some(holder) = self.holder.take() {
            holder.slot().settle(self.question, State::Refused);
        }
    }
}

impl<R> Future for Answer<R> {
    type Output = Result<R, AskError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.holder.slot().poll(self.question, cx)
    }
}

impl<R> Drop for Answer<R> {
    fn drop(&mut self) {
        self.holder.slot().end(self.question);
    }
}

impl<R> Default for ReplySlot<R> {
    fn default() -> Self {
        Self::new()
    }
}

impl<R> fmt::Debug for ReplySlot<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplySlot").finish_non_exhaustive()
    }
}

impl<R> fmt::Debug for Reply<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply").field("question", &self.question).finish_non_exhaustive()
    }
}

impl fmt::Display for AskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closed => "the actor takes no more messages",
            Self::NoReply => "the actor dropped the question without an answer",
        })
    }
}

impl Error for AskError {}
