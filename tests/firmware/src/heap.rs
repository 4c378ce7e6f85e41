//! A heap that must not be used.

use core::alloc::{GlobalAlloc, Layout};

/// Panics when something is allocated.
pub struct NoHeap;

// SAFETY: it never gives out memory.
unsafe impl GlobalAlloc for NoHeap {
    unsafe fn alloc(&self, _: Layout) -> *mut u8 {
        panic!("something was allocated");
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {
        panic!("something was freed that cannot have been allocated");
    }
}
