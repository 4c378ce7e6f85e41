//! Threads on cores of their own.
//!
//! Left alone, the scheduler often keeps two threads that wake each other on one core for a whole
//! sample, and whether it does is a lottery that moves a result by a factor of two.

use std::sync::atomic::{AtomicBool, Ordering};

static PINS: AtomicBool = AtomicBool::new(true);

/// Leaves it to the scheduler from now on.
pub fn never() {
    PINS.store(false, Ordering::Relaxed);
}

/// Keeps the calling thread on the core with this number, of those that the process may use.
pub fn to_core(number: usize) {
    if PINS.load(Ordering::Relaxed) {
        pin(number);
    }
}

#[cfg(target_os = "linux")]
fn pin(number: usize) {
    use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

    let Ok(ours) = sched_getaffinity(None) else { return };
    let mut cores = (0..CpuSet::MAX_CPU).filter(|core| ours.is_set(*core));
    if let Some(core) = cores.nth(number) {
        let mut only = CpuSet::new();
        only.set(core);
        sched_setaffinity(None, &only).ok();
    }
}

#[cfg(not(target_os = "linux"))]
fn pin(_: usize) {}
