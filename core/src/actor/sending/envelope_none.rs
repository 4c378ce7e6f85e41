//! A message where there are no contexts.

use core::{
    convert::Infallible,
    marker::PhantomData,
    mem::ManuallyDrop,
    pin::Pin,
    task::{Context, Poll},
};

/// A message as it lies in the queue.
pub(crate) struct Envelope<M>(M);

impl<M> Envelope<M> {
    #[inline]
    pub(in crate::actor) const fn new(msg: M) -> Self {
        Self(msg)
    }

    /// A message that nobody sent.
    #[inline]
    pub(in crate::actor) const fn own(msg: M) -> Self {
        Self(msg)
    }

    #[inline]
    pub(in crate::actor) fn into_msg(self) -> M {
        self.0
    }

    /// The message; whoever sent it had no context.
    #[inline]
    pub(in crate::actor) fn open(this: ManuallyDrop<Self>) -> (ManuallyDrop<M>, Option<Sender>) {
        (ManuallyDrop::new(ManuallyDrop::into_inner(this).0), None)
    }
}

/// The context of a sender: a type without values.
pub(in crate::actor) struct Sender(Infallible);

impl Sender {
    pub(in crate::actor) fn run<F: Future>(self, _: impl FnOnce() -> F) -> Never<F> {
        match self.0 {}
    }
}

/// A future that is never made; a handler is then compiled once, for the case that there is.
pub(in crate::actor) struct Never<F>(Infallible, PhantomData<F>);

impl<F: Future> Future for Never<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<F::Output> {
        match self.0 {}
    }
}
