//! The two sides of one question.

use super::table::{At, Questions, Ticket};
use crate::{
    actor::AskError,
    sync::{Arc, UnsafeCell},
};
use core::{
    marker::{PhantomData, PhantomPinned},
    pin::Pin,
    task::{Context, Poll, Waker},
};

/// Where the answer goes.
type Place<R> = UnsafeCell<Option<R>>;

/// Waits for the answer, which is put into it; dropping it makes a late answer go nowhere.
pub(crate) struct Answer<R> {
    questions: Arc<Questions>,
    /// The entry, until it is known to be closed.
    at: Option<At>,
    place: Place<R>,
    _pinned: PhantomPinned,
}

// SAFETY: the place is shared with the `Asker` alone, as Q3 allows, and the answer moves between
// threads only if it may (Q4).
unsafe impl<R: Send> Send for Answer<R> {}
// SAFETY: nothing is done by `&Answer`.
unsafe impl<R: Send> Sync for Answer<R> {}

/// The replying side: it reaches the place of the answer as long as somebody waits there.
pub(crate) struct Asker<R> {
    questions: Arc<Questions>,
    at: Option<At>,
    answer: PhantomData<UnsafeCell<Option<R>>>,
}

// SAFETY: it moves an `R` to where the `Answer` is polled; Q4.
unsafe impl<R: Send> Send for Asker<R> {}
// SAFETY: nothing is done by `&Asker`.
unsafe impl<R: Send> Sync for Asker<R> {}

impl<R> Answer<R> {
    pub(crate) fn new(questions: Arc<Questions>) -> Self {
        Self { questions, at: None, place: UnsafeCell::new(None), _pinned: PhantomPinned }
    }

    /// Opens the question. It can be asked whether it still is, and there is one who may answer it.
    pub(crate) fn open(self: Pin<&mut Self>) -> (Ticket, Asker<R>) {
        // SAFETY: nothing is moved.
        let this = unsafe { self.get_unchecked_mut() };
        debug_assert!(this.at.is_none(), "one answer waits for one question");
        // Pinned, and `drop` closes the entry (Q2).
        let at = this.questions.open((&raw const this.place).cast());
        this.at = Some(at);
        let questions = this.questions.clone();
        let asker = Asker { questions: questions.clone(), at: Some(at), answer: PhantomData };
        (Ticket::new(questions, at), asker)
    }
}

impl<R> Future for Answer<R> {
    type Output = Result<R, AskError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // SAFETY: nothing is moved but the answer, which is not pinned.
        let this = unsafe { self.get_unchecked_mut() };
        if this.at.is_some_and(|at| this.questions.park(at, cx.waker())) {
            return Poll::Pending;
        }
        this.at = None;
        // SAFETY: seen to be closed (Q3).
        let answer = this.place.with_mut(|place| unsafe { (*place).take() });
        Poll::Ready(answer.ok_or(AskError::NoReply))
    }
}

impl<R> Drop for Answer<R> {
    fn drop(&mut self) {
        if let Some(at) = self.at.take() {
            drop(self.questions.close(at, |_| ()));
        }
    }
}

impl<R> Asker<R> {
    /// Answers the question; if it is closed already, the answer is dropped.
    pub(crate) fn send(mut self, answer: R) {
        self.settle(Some(answer));
    }

    fn settle(&mut self, mut answer: Option<R>) {
        let Some(at) = self.at.take() else { return };
        let closed = self.questions.close(at, |place| {
            // SAFETY: a live place for this type (Q2), and ours now (Q3). It is empty, so nothing is
            // dropped by writing to it.
            unsafe { &*place.cast::<Place<R>>() }
                .with_mut(|place| unsafe { place.write(answer.take()) });
        });
        drop(answer); // outside the lock: its destructor is foreign code (K4)
        closed.and_then(|closed| closed.asker).into_iter().for_each(Waker::wake);
    }
}

impl<R> Drop for Asker<R> {
    fn drop(&mut self) {
        self.settle(None);
    }
}
