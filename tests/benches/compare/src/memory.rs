//! Counts allocations, while asked to.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
};

/// The system's allocator. It counts only on request, since counting would slow down those peers
/// that allocate.
pub struct Counting;

static COUNTS: AtomicBool = AtomicBool::new(false);
static CALLS: AtomicU64 = AtomicU64::new(0);
static TAKEN: AtomicU64 = AtomicU64::new(0);
static GIVEN: AtomicU64 = AtomicU64::new(0);

/// What was allocated meanwhile.
#[derive(Clone, Copy)]
pub struct Memory {
    pub calls: u64,
    pub bytes: u64,
    /// Bytes that were still there in the end.
    pub held: u64,
}

/// Runs with all allocations of the process counted; nothing else should run.
pub fn count<R>(run: impl FnOnce() -> R) -> (R, Memory) {
    let count = Count::start();
    let result = run();
    (result, count.end())
}

/// All allocations of the process, counted from the start of this to its end; nothing else should
/// run meanwhile.
pub struct Count([u64; 3]);

impl Count {
    pub fn start() -> Self {
        let before = read();
        COUNTS.store(true, Ordering::SeqCst);
        Self(before)
    }

    pub fn end(self) -> Memory {
        COUNTS.store(false, Ordering::SeqCst);
        let after = read();
        let [calls, bytes, given] = [0, 1, 2].map(|at| after[at] - self.0[at]);
        Memory { calls, bytes, held: bytes.saturating_sub(given) }
    }
}

fn read() -> [u64; 3] {
    [&CALLS, &TAKEN, &GIVEN].map(|counter| counter.load(Ordering::SeqCst))
}

fn taken(bytes: usize) {
    if COUNTS.load(Ordering::Relaxed) {
        CALLS.fetch_add(1, Ordering::Relaxed);
        TAKEN.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

fn given(bytes: usize) {
    if COUNTS.load(Ordering::Relaxed) {
        GIVEN.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

// SAFETY: all is passed on to the system's allocator as it came; counting does not allocate.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        taken(layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        taken(layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        given(layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        taken(size);
        given(layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.realloc(place, layout, size) }
    }
}
