//! What an actor's references share: its queue and, beside it, its control plane.

use super::{
    UNNAMED, at_end::AtEnd, control_word::ControlWord, seldom::Seldom, sending::envelope::Envelope,
    serving::stash::Stash,
};
use crate::{
    channel::{Compact, Ring, Slot},
    sync::{AtomicBool, AtomicUsize, Ordering, const_fn},
    wait::{Flag, WakerCell},
};
use core::task::{Context, Poll};

/// The identity of an actor; it outlives every incarnation.
pub(crate) struct Inbox<M, B: ?Sized = [Slot<Envelope<M>>]> {
    /// None if it was given none: then a mailbox that nobody uses is all zeros, which a program need not hold.
    name: Option<&'static str>,
    /// Whether the running incarnation has started, and that went well; asked by the task that runs it.
    ready: AtomicBool,
    /// The task that runs the incarnation.
    server: WakerCell,
    incarnations: AtomicUsize,
    /// Up once no further incarnation will come.
    ended: Flag,
    seldom: Seldom<Envelope<M>>,
    ring: Ring<Envelope<M>, B, Compact>,
}

impl<M, B> Inbox<M, B> {
    const_fn! {
        pub(crate) const fn new(
            name: Option<&'static str>,
            ring: Ring<Envelope<M>, B, Compact>,
        ) -> Self {
            Self {
                name,
                ready: AtomicBool::new(false),
                server: WakerCell::new(),
                incarnations: AtomicUsize::new(0),
                ended: Flag::new(),
                seldom: Seldom::new(),
                ring,
            }
        }
    }
}

impl<M> Inbox<M> {
    pub(super) const fn name(&self) -> &'static str {
        match self.name {
            Some(name) => name,
            None => UNNAMED,
        }
    }

    pub(super) const fn ring(&self) -> &Ring<Envelope<M>, [Slot<Envelope<M>>], Compact> {
        &self.ring
    }

    pub(super) const fn seldom(&self) -> &Seldom<Envelope<M>> {
        &self.seldom
    }

    pub(super) const fn stash(&self) -> Stash<'_, Envelope<M>> {
        Stash::new(&self.seldom)
    }

    pub(super) const fn at_end(&self) -> AtEnd<'_, Envelope<M>> {
        AtEnd::new(&self.seldom)
    }

    pub(super) const fn ended(&self) -> &Flag {
        &self.ended
    }

    #[inline]
    pub(super) fn control(&self) -> ControlWord<'_> {
        ControlWord(self.ring.gate())
    }

    pub(super) fn stop(&self) {
        self.ring.close();
    }

    pub(super) fn stop_now(&self) {
        self.control().stop_now();
        // Dropped last: a destructor that panics does not keep the queue from closing.
        let _stashed = self.stash().close();
        self.ring.close_and_clear();
    }

    pub(super) fn is_stopping_now(&self) -> bool {
        self.control().is_stopping_now()
    }

    pub(super) fn kill(&self) {
        self.control().kill();
        self.server.wake();
    }

    pub(super) fn end_incarnation(&self) {
        self.control().end_incarnation();
        self.server.wake();
    }

    /// Ready when the running incarnation has to be dropped.
    pub(super) fn poll_killed(&self, cx: &Context<'_>) -> Poll<()> {
        self.server.register(cx.waker());
        if self.control().is_killed() { Poll::Ready(()) } else { Poll::Pending }
    }

    /// There will be another incarnation; requests that the one before should end are forgotten.
    ///
    /// Not when it begins: on a task of its own that may be after it was asked to end.
    pub(super) fn adopted(&self) {
        self.control().go_on();
    }

    /// A new incarnation starts; a kill that was meant for the one before is forgotten.
    // Once in a program for all types of actors with the same messages.
    #[inline(never)]
    pub(super) fn begin(&self) {
        self.control().spare();
        self.ready.store(false, Ordering::Relaxed);
        let incarnation = self.incarnations.load(Ordering::Relaxed);
        // A kill by who has seen this number comes after the one before was forgotten.
        self.incarnations.store(incarnation.wrapping_add(1), Ordering::Release);
    }

    /// The running incarnation has started, and that went well.
    pub(super) fn set_ready(&self) {
        self.ready.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Relaxed)
    }

    /// The number of the incarnation that asks.
    pub(super) fn incarnation(&self) -> usize {
        self.incarnations.load(Ordering::Relaxed).wrapping_sub(1)
    }

    /// How many incarnations have started.
    pub(super) fn incarnations(&self) -> usize {
        self.incarnations.load(Ordering::Acquire)
    }

    /// No further incarnation will come: whoever waits for an answer gets none, now.
    pub(super) fn retire(&self) {
        // Last, also if the destructor of a message panics: first what is to be done, then it is told.
        let _ended = Raise(&self.ended);
        let _done = self.at_end().when_dropped();
        drop(self.server.take());
        let _stashed = self.stash().close();
        self.ring.close_and_clear();
    }
}

/// Tells of the end when it is dropped.
struct Raise<'a>(&'a Flag);

impl Drop for Raise<'_> {
    fn drop(&mut self) {
        self.0.raise();
    }
}

#[cfg(all(test, not(loom), feature = "std"))]
mod tests {
    use super::*;

    /// Whatever its capacity and its messages; its slots come with use. The counts of its `Arc` come
    /// on top, two words.
    #[test]
    fn an_idle_heap_mailbox_is_at_most_42_words() {
        let most = 42 * size_of::<usize>();
        assert!(size_of::<Inbox<u64, [Slot<Envelope<u64>>; 0]>>() <= most);
        assert!(size_of::<Inbox<[u8; 1000], [Slot<Envelope<[u8; 1000]>>; 0]>>() <= most);
    }
}
