//! Without a heap an incarnation listens to its mailbox and to what it was given with it.

use core::{
    marker::PhantomData,
    task::{Context, Poll},
};

/// No timers and no streams.
pub(in crate::actor) struct Extras<M>(PhantomData<fn() -> M>);

impl<M> Extras<M> {
    /// Whether there can be any.
    pub(in crate::actor) const ANY: bool = false;

    pub(in crate::actor) const fn new() -> Self {
        Self(PhantomData)
    }

    pub(in crate::actor) const fn is_idle(&mut self) -> bool {
        true
    }

    pub(in crate::actor) const fn due(&mut self) -> Option<M> {
        None
    }

    pub(in crate::actor) const fn poll_timer(&mut self, _: &mut Context<'_>) -> Poll<M> {
        Poll::Pending
    }

    pub(in crate::actor) const fn streams(&mut self) -> usize {
        0
    }

    pub(in crate::actor) const fn poll_stream(&mut self, _: usize, _: &mut Context<'_>) -> Poll<M> {
        Poll::Pending
    }

    pub(in crate::actor) const fn forget_ended(&mut self) {}
}
