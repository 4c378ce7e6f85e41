//! Who still works on a map.

use super::crew::Crew;
use crate::{
    cancel::Cancelled,
    sync::{Arc, Lock},
    wait::WakerCell,
};
use core::task::{Context, Poll};

/// How many workers there are, and the consumer that waits for them or for their results.
///
/// It is apart from the crew, so that a worker that has left holds nothing of the user's.
pub(super) struct Roll {
    present: Lock<usize>,
    pub(super) consumer: WakerCell,
}

impl Roll {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { present: Lock::new(0), consumer: WakerCell::new() })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.present.with(|present| *present == 0)
    }

    /// Waits until everyone has left.
    pub(super) fn poll_empty(&self, cx: &Context<'_>) -> Poll<()> {
        self.consumer.register(cx.waker());
        if self.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    }

    fn leave(&self) {
        let last = self.present.with(|present| {
            *present -= 1;
            *present == 0
        });
        if last {
            self.consumer.wake();
        }
    }
}

/// A worker's place in a crew; dropped last, so that the map ends after everything of its workers.
pub(super) struct Member<I, F, O> {
    crew: Option<Arc<Crew<I, F, O>>>,
    roll: Arc<Roll>,
}

impl<I, F, O> Member<I, F, O> {
    pub(super) fn join(crew: &Arc<Crew<I, F, O>>) -> Self {
        crew.roll.present.with(|present| *present += 1);
        Self { crew: Some(crew.clone()), roll: crew.roll.clone() }
    }

    /// Why the workers of the crew are to stop, if they are.
    pub(super) fn stopped(&self) -> Option<Cancelled> {
        self.crew.as_ref()?.stop.checkpoint().err()
    }
}

impl<I, F, O> Drop for Member<I, F, O> {
    fn drop(&mut self) {
        self.crew = None;
        self.roll.leave();
    }
}
