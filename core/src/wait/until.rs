//! The shape of every waiting operation: try, and if that fails park and try again when woken.

use super::{
    List, Waiter,
    parking::{self, Parking},
};
use crate::sync::INLINED;
use core::{
    pin::Pin,
    ptr,
    task::{Context, Poll},
};

/// Calls a step of parking: made for each operation, or once in a program where code is scarce.
macro_rules! once {
    ($step:path, &$operation:expr $(, $argument:expr)*) => {
        if const { INLINED } {
            $step(&$operation $(, $argument)*)
        } else {
            $step($operation.place() $(, $argument)*)
        }
    };
}

/// An operation that may have to wait.
pub(crate) trait Attempt {
    type Output;

    /// Does the operation if it can be done now.
    fn attempt(&mut self) -> Poll<Self::Output>;

    /// The same when first polled: to be inlined, with the common case only, where that pays.
    #[inline(always)]
    fn attempt_first(&mut self) -> Poll<Self::Output> {
        self.attempt()
    }

    /// Waits a moment, without parking, for an attempt to succeed; false if it is not worth it.
    fn spin(&self) -> bool {
        false
    }

    /// What it lends, while it is parked, to the holder of the list's lock; null if nothing.
    fn loan(&self) -> *const () {
        ptr::null()
    }

    /// Runs `f` on the list to park in, under its lock, saying whether an attempt may succeed.
    ///
    /// It is the same list at every call. Whatever makes an attempt succeed later must take this
    /// lock afterwards and pop the list; that orders "made ready, then looked for waiters" against
    /// "parked, then looked again".
    fn with_list<R>(&self, f: impl FnOnce(&mut List, bool) -> R) -> R;

    /// Where it parks; the same for all ways to do one operation, so that its code is there once.
    fn place(&self) -> &dyn Parking
    where
        Self: Sized,
    {
        self
    }
}

impl<A: Attempt> Attempt for &mut A {
    type Output = A::Output;

    #[inline(always)]
    fn attempt(&mut self) -> Poll<A::Output> {
        (**self).attempt()
    }

    #[inline(always)]
    fn attempt_first(&mut self) -> Poll<A::Output> {
        (**self).attempt_first()
    }

    fn spin(&self) -> bool {
        (**self).spin()
    }

    fn loan(&self) -> *const () {
        (**self).loan()
    }

    fn with_list<R>(&self, f: impl FnOnce(&mut List, bool) -> R) -> R {
        (**self).with_list(f)
    }

    fn place(&self) -> &dyn Parking {
        (**self).place()
    }
}

/// A future that is done when an attempt at the operation succeeds.
///
/// Dropping it costs the place in the queue; a wake that it got goes on to the next in line.
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub(crate) struct Until<A: Attempt> {
    operation: A,
    // Whether the waiter may be in use. A plain flag, which the compiler sees through: an operation
    // that need not wait never touches its waiter.
    parked: bool,
    // Whether the operation was attempted a moment ago, where that is inlined; then it parks first.
    tried: bool,
    waiter: Waiter,
}

impl<A: Attempt> Until<A> {
    #[inline]
    pub(crate) fn new(operation: A) -> Self {
        Self { operation, parked: false, tried: false, waiter: Waiter::new() }
    }

    /// The same for an operation that has just been attempted in vain.
    #[inline]
    pub(crate) fn tried(operation: A) -> Self {
        Self { operation, parked: false, tried: true, waiter: Waiter::new() }
    }

    pub(crate) const fn operation(&self) -> &A {
        &self.operation
    }

    /// Gives up waiting: what dropping does, and the operation can still be used.
    pub(crate) fn give_up(self: Pin<&mut Self>) -> &mut A {
        // SAFETY: nothing is moved out of `this`, and the operation is not pinned: `Attempt` has
        // no use for it.
        let this = unsafe { self.get_unchecked_mut() };
        if this.parked {
            // SAFETY: a part of `self`, which is pinned.
            once!(parking::leave, &this.operation, unsafe { Pin::new_unchecked(&this.waiter) });
            this.parked = false;
        }
        &mut this.operation
    }
}

impl<A: Attempt> Future for Until<A> {
    type Output = A::Output;

    #[inline(always)]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<A::Output> {
        self.poll_as(cx, |operation| operation)
    }
}

impl<A: Attempt> Until<A> {
    /// Polls what `view` makes of the operation: another way to do the same, on the same list.
    #[inline(always)]
    pub(crate) fn poll_as<'s, B: Attempt>(
        self: Pin<&'s mut Self>,
        cx: &mut Context<'_>,
        view: impl FnOnce(&'s mut A) -> B,
    ) -> Poll<B::Output> {
        // SAFETY: nothing is moved out of `this`; the waiter stays where it is until it is dropped.
        let this = unsafe { self.get_unchecked_mut() };
        let mut operation = view(&mut this.operation);
        let tried = INLINED && core::mem::replace(&mut this.tried, false);
        // Where code is scarce it is tried in one place, out of line.
        if const { INLINED }
            && !this.parked
            && !tried
            && let Poll::Ready(output) = operation.attempt_first()
        {
            return Poll::Ready(output);
        }
        // SAFETY: a part of `self`, which is pinned.
        let waiter = unsafe { Pin::new_unchecked(&this.waiter) };
        let polled = park(operation, &mut this.parked, waiter, cx);
        if polled.is_ready() {
            this.parked = false; // as it is already, but here the compiler sees it
        }
        polled
    }

    /// Says, in a place where the compiler does not see it, that nothing is left to do when this is
    /// dropped. What an `await` gives is copied less often then.
    #[inline]
    pub(crate) fn settled(self: Pin<&mut Self>) {
        debug_assert!(!self.parked);
        // SAFETY: nothing is moved.
        unsafe { self.get_unchecked_mut() }.parked = false;
    }
}

#[inline(never)]
fn park<A: Attempt>(
    mut operation: A,
    parked: &mut bool,
    waiter: Pin<&Waiter>,
    cx: &mut Context<'_>,
) -> Poll<A::Output> {
    // Before anything is linked, so that unwinding from anywhere below takes the waiter out again.
    let first = !core::mem::replace(parked, true);
    if !first && once!(parking::stay, &operation, waiter, cx) {
        return Poll::Pending;
    }
    // Tried a moment ago: park first, and look again only if something came up since.
    let mut tried = const { INLINED } && first && !operation.spin();
    loop {
        if !core::mem::replace(&mut tried, false)
            && let Poll::Ready(output) = operation.attempt()
        {
            waiter.reset();
            *parked = false;
            return Poll::Ready(output);
        }
        if once!(parking::park, &operation, waiter, cx) {
            return Poll::Pending;
        }
    }
}

impl<A: Attempt> Drop for Until<A> {
    #[inline]
    fn drop(&mut self) {
        if self.parked {
            // SAFETY: parked, so it has been pinned by `poll`, and stays so here.
            once!(parking::leave, &self.operation, unsafe { Pin::new_unchecked(&self.waiter) });
        }
    }
}
