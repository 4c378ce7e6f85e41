//! Without a heap an incarnation listens to its mailbox and to what it was given with it.

use core::{
    marker::PhantomData,
    task::{Context, Poll},
};

/// No timers and no streams.
pub(super) struct Extras<M>(PhantomData<fn() -> M>);

impl<M> Extras<M> {
    /// Whether there can be any.
    pub(super) const ANY: bool = false;

    pub(super) const fn new() -> Self {
        Self(PhantomData)
    }

    pub(super) const fn is_idle(&mut self) -> bool {
        true
    }

    pub(super) const fn due(&mut self) -> Option<M> {
        None
    }

    pub(super) const fn poll_timer(&mut self, _: &mut Context<'_>) -> Poll<M> {
        Poll::Pending
    }

    pub(super) const fn streams(&mut self) -> usize {
        0
    }

    pub(super) const fn poll_stream(&mut self, _: usize, _: &mut Context<'_>) -> Poll<M> {
        Poll::Pending
    }

    pub(super) const fn forget_ended(&mut self) {}
}
