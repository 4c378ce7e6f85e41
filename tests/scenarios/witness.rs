//! What is seen of a scenario from outside: what happened, in which order, and what was dropped.

use core::{
    future::{pending, poll_fn},
    sync::atomic::{AtomicUsize, Ordering},
    task::Poll,
};
use std::sync::{Arc, Mutex};

/// Counts how often it is dropped.
#[derive(Clone, Default)]
pub(crate) struct Drops(Arc<AtomicUsize>);

pub(crate) struct Dropped(pub(crate) Drops);

impl Drops {
    pub(crate) fn guard(&self) -> Dropped {
        Dropped(self.clone())
    }

    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// What happened, in order.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<&'static str>>>);

impl Log {
    pub(crate) fn push(&self, what: &'static str) {
        self.0.lock().unwrap().push(what);
    }

    pub(crate) fn take(&self) -> Vec<&'static str> {
        core::mem::take(&mut self.0.lock().unwrap())
    }
}

/// Notes when it is dropped.
pub(crate) struct Noted(pub(crate) Log, pub(crate) &'static str);

impl Drop for Noted {
    fn drop(&mut self) {
        self.0.push(self.1);
    }
}

/// Lets others run, a few times.
pub(crate) async fn yield_a_little() {
    for _ in 0..3 {
        let mut yielded = false;
        poll_fn(|cx| {
            if core::mem::replace(&mut yielded, true) {
                return Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }
}

/// Runs on for ever, until it is dropped.
pub(crate) async fn busy(dropped: Dropped) {
    let _dropped = dropped;
    pending::<()>().await;
}
