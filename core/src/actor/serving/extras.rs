//! What an incarnation listens to besides its mailbox, on the heap from the first time on.

use super::{streams::Streams, timers::Timers};
use crate::sync::Lock;
use alloc::boxed::Box;
use core::task::{Context, Poll};

/// The timers and streams of one incarnation; a pointer, null as long as there were none.
// A lock that nobody ever waits for: a stream need not be `Sync`, and a shared `Ctx` is `Send`.
pub(in crate::actor) struct Extras<M>(Option<Box<Lock<Inputs<M>>>>);

pub(in crate::actor) struct Inputs<M> {
    pub(in crate::actor) timers: Timers<M>,
    pub(in crate::actor) streams: Streams<M>,
}

impl<M> Extras<M> {
    /// Whether there can be any.
    pub(in crate::actor) const ANY: bool = true;

    pub(in crate::actor) const fn new() -> Self {
        Self(None)
    }

    /// Whether there is nothing but the mailbox to listen to.
    #[inline]
    pub(in crate::actor) fn is_idle(&mut self) -> bool {
        match &mut self.0 {
            None => true,
            Some(inputs) => {
                let inputs = inputs.get_mut();
                inputs.timers.is_empty() && inputs.streams.count() == 0
            }
        }
    }

    pub(in crate::actor) fn existing(&mut self) -> Option<&mut Inputs<M>> {
        self.0.as_mut().map(|inputs| inputs.get_mut())
    }

    /// The same, made now if there were none.
    pub(in crate::actor) fn inputs(&mut self) -> &mut Inputs<M> {
        let fresh =
            || Box::new(Lock::new(Inputs { timers: Timers::new(), streams: Streams::new() }));
        self.0.get_or_insert_with(fresh).get_mut()
    }

    /// The message of a timer that is due in this round of timers.
    pub(in crate::actor) fn due(&mut self) -> Option<M> {
        self.existing()?.timers.due()
    }

    /// The message of the next timer, waiting for it.
    pub(in crate::actor) fn poll_timer(&mut self, cx: &mut Context<'_>) -> Poll<M> {
        self.existing().map_or(Poll::Pending, |inputs| inputs.timers.poll_due(cx))
    }

    /// How many streams there are.
    pub(in crate::actor) fn streams(&mut self) -> usize {
        self.existing().map_or(0, |inputs| inputs.streams.count())
    }

    /// The next message of the stream at `at`.
    pub(in crate::actor) fn poll_stream(&mut self, at: usize, cx: &mut Context<'_>) -> Poll<M> {
        self.existing().map_or(Poll::Pending, |inputs| inputs.streams.poll(at, cx))
    }

    /// Forgets the streams that have ended.
    pub(in crate::actor) fn forget_ended(&mut self) {
        if let Some(inputs) = self.existing() {
            inputs.streams.forget_ended();
        }
    }
}
