//! Many random histories, each named by its seed.

use core::sync::atomic::{AtomicU64, Ordering};
use std::{env, thread};

/// How many histories are tried unless `KLAW_CRASH_HISTORIES` says otherwise.
const HISTORIES: u64 = 300;

/// Runs `history` with many seeds, on all cores; with the one in `KLAW_CRASH_SEED` if that is set.
pub(crate) fn histories(history: impl Fn(u64) + Sync) {
    let number = |name| env::var(name).ok().map(|n: String| n.parse().expect("a number"));
    if let Some(seed) = number("KLAW_CRASH_SEED") {
        return history(seed);
    }
    let (count, next) = (number("KLAW_CRASH_HISTORIES").unwrap_or(HISTORIES), AtomicU64::new(0));
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= count {
                break;
            }
            let _named = Named(seed);
            history(seed);
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
}

/// Says which history failed.
struct Named(u64);

impl Drop for Named {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("history {0} failed; this one alone: KLAW_CRASH_SEED={0}", self.0);
        }
    }
}

/// A small generator of random numbers (xorshift64*), so that a seed names a history.
#[derive(Clone)]
pub(crate) struct Random(u64);

impl Default for Random {
    fn default() -> Self {
        Self::new(0)
    }
}

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % n
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}
