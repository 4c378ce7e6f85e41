//! The steps of parking that do not depend on the operation that waits.

use super::{Attempt, List, Waiter};
use crate::sync::INLINED;
use core::{
    pin::Pin,
    task::{Context, Waker},
};

/// Where an operation parks, whatever it is.
pub(crate) trait Parking {
    /// Takes `step` on the operation's list, under its lock.
    fn take(&self, step: &mut Step<'_>) -> bool;

    fn loan(&self) -> *const ();
}

impl<A: Attempt> Parking for A {
    fn take(&self, step: &mut Step<'_>) -> bool {
        self.with_list(|list, ready| {
            if const { INLINED } {
                step.take(list, ready)
            } else {
                step.take_out_of_line(list, ready)
            }
        })
    }

    fn loan(&self) -> *const () {
        Attempt::loan(self)
    }
}

/// What is done with a waiter under the lock of its list.
pub(crate) struct Step<'a> {
    waiter: Pin<&'a Waiter>,
    kind: Kind<'a>,
    /// What goes into the list, and afterwards what came out of it: so no waker is dropped under the
    /// lock (K4).
    waker: Option<Waker>,
}

enum Kind<'a> {
    /// Park, unless an attempt may succeed; what is lent meanwhile.
    Park(*const ()),
    /// Look whether another waker would wake the same task.
    Compare(&'a Waker),
    /// Have another waker in the place of the one there is.
    Replace,
    /// Leave the list.
    Leave,
    /// Take the next one out of the list, if an attempt may succeed.
    Next,
}

impl Step<'_> {
    /// Whether it could be done: not with a waiter that was woken before.
    ///
    /// The waiter's operation has one list, which is this one, and its owner calls this.
    #[inline]
    fn take(&mut self, list: &mut List, ready: bool) -> bool {
        let waiter = self.waiter;
        match self.kind {
            Kind::Park(_) | Kind::Next if ready != matches!(self.kind, Kind::Next) => false,
            Kind::Park(loan) => {
                let Some(waker) = self.waker.take() else { return false };
                // SAFETY: not linked; its owner, an `Until`, unlinks it before it is freed (W2).
                unsafe { list.link(waiter, waker, loan) };
                true
            }
            // SAFETY: it was linked into this list, if ever, and its owner calls this.
            Kind::Compare(other) => unsafe {
                INLINED && list.is_woken_by(waiter, other) == Some(true)
            },
            Kind::Replace => {
                let Some(waker) = self.waker.take() else { return false };
                // SAFETY: as above.
                let replaced = unsafe { list.replace_waker(waiter, waker) };
                let done = replaced.is_ok();
                let (Ok(waker) | Err(waker)) = replaced;
                self.waker = Some(waker);
                done
            }
            Kind::Leave => {
                // SAFETY: as above.
                self.waker = unsafe { list.remove(waiter) };
                self.waker.is_some()
            }
            Kind::Next => {
                self.waker = list.pop_front();
                true
            }
        }
    }

    #[inline(never)]
    fn take_out_of_line(&mut self, list: &mut List, ready: bool) -> bool {
        self.take(list, ready)
    }
}

/// Whether the waiter stays where it is, now with the waker of `cx`.
pub(super) fn stay<P: Parking + ?Sized>(place: &P, waiter: Pin<&Waiter>, cx: &Context<'_>) -> bool {
    if !waiter.is_linked() {
        return false;
    }
    // A clone may cost more than a look; where code is scarce, the look does.
    let compare = Kind::Compare(cx.waker());
    if const { INLINED } && place.take(&mut Step { waiter, kind: compare, waker: None }) {
        return true;
    }
    let waker = Some(cx.waker().clone());
    place.take(&mut Step { waiter, kind: Kind::Replace, waker })
}

/// Whether the waiter was parked; not if an attempt may succeed.
pub(super) fn park<P: Parking + ?Sized>(place: &P, waiter: Pin<&Waiter>, cx: &Context<'_>) -> bool {
    let waker = Some(cx.waker().clone());
    place.take(&mut Step { waiter, kind: Kind::Park(place.loan()), waker })
}

/// Takes the waiter out of the list; if it was woken already, the wake goes on to the next.
#[cold]
pub(super) fn leave<P: Parking + ?Sized>(place: &P, waiter: Pin<&Waiter>) {
    if waiter.is_linked() && place.take(&mut Step { waiter, kind: Kind::Leave, waker: None }) {
        return;
    }
    if waiter.is_woken() {
        waiter.reset();
        let mut next = Step { waiter, kind: Kind::Next, waker: None };
        place.take(&mut next);
        next.waker.into_iter().for_each(Waker::wake);
    }
}
