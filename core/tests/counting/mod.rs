//! An allocator that counts, for tests of what must not allocate.

#![allow(dead_code, reason = "every test binary uses a part of it")]

use core::{
    cell::Cell,
    pin::Pin,
    task::{Context, Poll, Waker},
};
use std::alloc::{GlobalAlloc, Layout, System};

struct Counting;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
    static HELD: Cell<isize> = const { Cell::new(0) };
}

fn count(allocations: usize, bytes: isize) {
    // Not reachable while a thread goes down, which is not measured.
    let _ = COUNT.try_with(|count| count.set(count.get() + allocations));
    let _ = HELD.try_with(|held| held.set(held.get() + bytes));
}

// SAFETY: everything is passed on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(1, layout.size().cast_signed());
        // SAFETY: the caller's promise, passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        count(0, -layout.size().cast_signed());
        // SAFETY: the caller's promise, passed on.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(1, layout.size().cast_signed());
        // SAFETY: the caller's promise, passed on.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(1, size.cast_signed() - layout.size().cast_signed());
        // SAFETY: the caller's promise, passed on.
        unsafe { System.realloc(memory, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// How often `f` allocates.
pub(crate) fn allocations(f: impl FnOnce()) -> usize {
    allocated(f).1
}

/// How often `f` allocates, and how many bytes more are held after it.
pub(crate) fn allocated<R>(f: impl FnOnce() -> R) -> (R, usize, isize) {
    let before = (COUNT.get(), HELD.get());
    let result = f();
    (result, COUNT.get() - before.0, HELD.get() - before.1)
}

/// Polls once, as a task that nobody wakes.
pub(crate) fn poll<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}
