//! A sender that waits until its receivers have come so far.
//!
//! The same for every peer, so it hides differences rather than making any.

use futures_util::task::AtomicWaker;
use std::{
    future::poll_fn,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::Poll,
};

#[derive(Clone, Default)]
pub struct Gate(Arc<Inner>);

#[derive(Default)]
struct Inner {
    passed: AtomicU64,
    waiting: AtomicWaker,
}

impl Gate {
    /// One more has passed; every `group`-th wakes the sender.
    pub fn pass(&self, group: u64) {
        if (self.0.passed.fetch_add(1, Ordering::AcqRel) + 1).is_multiple_of(group) {
            self.0.waiting.wake();
        }
    }

    /// Waits until so many have passed.
    pub async fn wait_for(&self, passed: u64) {
        poll_fn(|context| {
            let there = || self.0.passed.load(Ordering::Acquire) >= passed;
            if there() {
                return Poll::Ready(());
            }
            self.0.waiting.register(context.waker());
            if there() { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}
