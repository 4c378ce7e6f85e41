//! The current context: a place for each thread, filled while one poll or one call lasts.

use super::Context;
use core::{
    cell::Cell,
    mem::{ManuallyDrop, take},
};
use std::thread_local;

thread_local! {
    // What is entered is left again, so at a thread's end this is empty and needs no destructor;
    // without one, the place takes no registration, which would allocate.
    static CURRENT: Cell<ManuallyDrop<Context>> =
        const { Cell::new(ManuallyDrop::new(Context::empty())) };
}

fn replace(context: Context) -> Context {
    CURRENT.with(|current| ManuallyDrop::into_inner(current.replace(ManuallyDrop::new(context))))
}

/// A copy of the current context.
#[inline]
pub(super) fn current() -> Context {
    let current = replace(Context::empty());
    let copy = current.clone();
    let empty = replace(current);
    debug_assert!(empty.is_empty(), "cloning a context entered another one");
    copy
}

/// Calls `f` with `context` as the current one.
#[inline]
pub(super) fn enter<R>(context: &mut Context, f: impl FnOnce() -> R) -> R {
    let entered = Entered::new(context);
    let result = f();
    drop(entered);
    result
}

/// While it lives, the current context and the one in `place` are exchanged.
struct Entered<'a> {
    place: &'a mut Context,
}

impl<'a> Entered<'a> {
    fn new(place: &'a mut Context) -> Self {
        *place = replace(take(place));
        Self { place }
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        *self.place = replace(take(self.place));
    }
}
