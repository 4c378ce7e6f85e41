//! Room for answers where there is no heap.

use super::reply::Reply;
use crate::actor::AskError;
use crate::sync::{Lock, const_fn};
use core::{
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

/// The replying side of a question in a slot.
pub(in crate::actor) struct SlotAsker<R: 'static> {
    slot: &'static ReplySlot<R>,
    question: Option<u32>,
}

/// Waits for the answer in a slot; dropping it makes a late answer go nowhere.
pub(in crate::actor) struct SlotAnswer<R: 'static> {
    slot: &'static ReplySlot<R>,
    question: u32,
}

/// What a question in a slot can be asked without knowing its answer.
pub(in crate::actor) trait Asked {
    fn is_open(&self, question: u32) -> bool;
}

impl<R> Asked for ReplySlot<R> {
    fn is_open(&self, question: u32) -> bool {
        self.0.with(|room| room.question == question && matches!(room.answer, State::Waiting))
    }
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

impl<R> SlotAnswer<R> {
    /// Opens the question, and gives the right to answer it.
    pub(in crate::actor) fn open(slot: &'static ReplySlot<R>) -> (Self, Reply<R>) {
        let question = slot.begin();
        let asker = SlotAsker { slot, question: Some(question) };
        (Self { slot, question }, Reply::in_slot(asker))
    }

    pub(in crate::actor) const fn question(&self) -> u32 {
        self.question
    }
}

impl<R> SlotAsker<R> {
    pub(in crate::actor) fn send(mut self, answer: R) {
        if let Some(question) = self.question.take() {
            self.slot.settle(question, State::Given(answer));
        }
    }
}

impl<R> Drop for SlotAsker<R> {
    fn drop(&mut self) {
        if let Some(question) = self.question.take() {
            self.slot.settle(question, State::Refused);
        }
    }
}

impl<R> Future for SlotAnswer<R> {
    type Output = Result<R, AskError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.slot.poll(self.question, cx)
    }
}

impl<R> Drop for SlotAnswer<R> {
    fn drop(&mut self) {
        self.slot.end(self.question);
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
