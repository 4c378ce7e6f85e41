//! The shape of every waiting operation: try, and if that fails park and try again when woken.

use super::{List, Waiter};
use core::{
    pin::Pin,
    task::{Context, Poll, Waker},
};

/// An operation that may have to wait.
pub(crate) trait Attempt {
    type Output;

    /// Does the operation if it can be done now.
    fn attempt(&mut self) -> Option<Self::Output>;

    /// Runs `f` on the list to park in, under its lock, saying whether an attempt may succeed.
    ///
    /// It is the same list at every call. Whatever makes an attempt succeed later must take this
    /// lock afterwards and pop the list; that orders "made ready, then looked for waiters" against
    /// "parked, then looked again".
    fn with_list<R>(&self, f: impl FnOnce(&mut List, bool) -> R) -> R;
}

/// A future that is done when an attempt at the operation succeeds.
///
/// Dropping it costs the place in the queue; a wake that it got goes on to the next in line.
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub(crate) struct Until<A: Attempt> {
    operation: A,
    waiter: Waiter,
}

impl<A: Attempt> Until<A> {
    pub(crate) fn new(operation: A) -> Self {
        Self { operation, waiter: Waiter::new() }
    }

    pub(crate) const fn operation(&self) -> &A {
        &self.operation
    }
}

impl<A: Attempt> Future for Until<A> {
    type Output = A::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<A::Output> {
        // SAFETY: nothing is moved out of `this`; the waiter stays where it is until it is dropped.
        let this = unsafe { self.get_unchecked_mut() };
        // SAFETY: a part of `self`, which is pinned.
        let waiter = unsafe { Pin::new_unchecked(&this.waiter) };
        if !waiter.is_linked()
            && let Some(output) = this.operation.attempt()
        {
            waiter.reset();
            return Poll::Ready(output);
        }
        park(&mut this.operation, waiter, cx)
    }
}

#[cold]
fn park<A: Attempt>(
    operation: &mut A,
    waiter: Pin<&Waiter>,
    cx: &mut Context<'_>,
) -> Poll<A::Output> {
    if waiter.is_linked() {
        let waker = cx.waker().clone();
        // SAFETY: an operation has one list, so the waiter was linked into this one; we own it.
        let replaced = operation.with_list(|list, _| unsafe { list.replace_waker(waiter, waker) });
        if replaced.is_ok() {
            return Poll::Pending;
        }
    } else {
        // Tried a moment ago: park first, and look again only if something came up since.
        if park_unless_ready(operation, waiter, cx) {
            return Poll::Pending;
        }
    }
    loop {
        if let Some(output) = operation.attempt() {
            waiter.reset();
            return Poll::Ready(output);
        }
        if park_unless_ready(operation, waiter, cx) {
            return Poll::Pending;
        }
    }
}

fn park_unless_ready<A: Attempt>(operation: &A, waiter: Pin<&Waiter>, cx: &Context<'_>) -> bool {
    let waker = cx.waker().clone();
    let parked = operation.with_list(|list, ready| {
        if ready {
            return Err(waker);
        }
        // SAFETY: not linked; its owner, an `Until`, unlinks it before it is freed (W2).
        unsafe { list.link(waiter, waker) };
        Ok(())
    });
    parked.is_ok() // a refused waker is dropped here, outside the lock (K4)
}

impl<A: Attempt> Drop for Until<A> {
    fn drop(&mut self) {
        // SAFETY: if the waiter is linked or woken it has been pinned by `poll`, and stays so here.
        let waiter = unsafe { Pin::new_unchecked(&self.waiter) };
        if waiter.is_linked() {
            // SAFETY: an operation has one list, so the waiter was linked into this one; we own it.
            let removed = self.operation.with_list(|list, _| unsafe { list.remove(waiter) });
            if removed.is_some() {
                return;
            }
        }
        if waiter.is_woken() {
            let next =
                self.operation.with_list(|list, ready| if ready { list.pop_front() } else { None });
            next.into_iter().for_each(Waker::wake);
        }
    }
}
