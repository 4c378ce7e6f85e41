//! A message and the context of who sent it.

use crate::context::{Context, WithContext};
use core::{cell::Cell, mem::ManuallyDrop};

/// A message as it lies in the queue.
pub(crate) struct Envelope<M> {
    /// In a cell only so that no `Option` around it is encoded in the message's own bytes: that would be
    /// taken apart and put together again at each step of its way, and a processor waits for each.
    msg: Cell<M>,
    context: Context,
}

impl<M> Envelope<M> {
    /// A message from whoever this is called by.
    #[inline]
    pub(in crate::actor) fn new(msg: M) -> Self {
        let context = Context::current();
        Self { msg: Cell::new(msg), context }
    }

    /// A message that nobody sent: the actor's own, handled in its own context.
    #[inline]
    pub(in crate::actor) fn own(msg: M) -> Self {
        Self { msg: Cell::new(msg), context: Context::empty() }
    }

    #[inline]
    pub(in crate::actor) fn into_msg(self) -> M {
        self.msg.into_inner()
    }

    /// The message, and the context of its sender if there is one; nothing fails meanwhile.
    #[inline(always)]
    pub(in crate::actor) fn open(this: ManuallyDrop<Self>) -> (ManuallyDrop<M>, Option<Sender>) {
        let Self { msg, context } = ManuallyDrop::into_inner(this);
        let msg = ManuallyDrop::new(msg.into_inner());
        if context.is_empty() {
            let _nothing = ManuallyDrop::new(context); // whose destructor might fail
            (msg, None)
        } else {
            (msg, Some(Sender(context)))
        }
    }
}

/// Who sent a message, as far as its handler is concerned.
pub(in crate::actor) struct Sender(Context);

impl Sender {
    /// What `handler` makes, in a span of its own in the sender's context.
    pub(in crate::actor) fn run<F: Future>(self, handler: impl FnOnce() -> F) -> WithContext<F> {
        let mut context = self.0.for_spawn();
        let future = context.enter_mut(handler);
        context.run(future)
    }
}
