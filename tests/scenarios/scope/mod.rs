//! What holds of scopes on every executor; the numbers are those of the rules in `klaw::scope`.

#![allow(clippy::clone_on_copy, reason = "the clock of another executor is none")]

mod cancel;
mod deadline;
mod ended;
mod ending;
mod in_place;
mod shield;
mod tasks;

use super::{AnyFuture, AnyScope, Rt, run, run_few};
use core::{
    future::{pending, poll_fn},
    pin::pin,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    task::Poll,
    time::Duration,
};
use futures_util::FutureExt;
use klaw::{
    Cancelled, Cause, Clock, Instant, JoinError, SpawnErrorKind,
    scope::{Join, cancel_scope, scope},
    timeout,
};
use std::sync::{Arc, Mutex};

const TICK: Duration = Duration::from_millis(10);
const LONG: Duration = Duration::from_secs(3_600);

/// Counts how often it is dropped.
#[derive(Clone, Default)]
struct Drops(Arc<AtomicUsize>);

struct Dropped(Drops);

impl Drops {
    fn guard(&self) -> Dropped {
        Dropped(self.clone())
    }

    fn count(&self) -> usize {
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
struct Log(Arc<Mutex<Vec<&'static str>>>);

impl Log {
    fn push(&self, what: &'static str) {
        self.0.lock().unwrap().push(what);
    }

    fn take(&self) -> Vec<&'static str> {
        core::mem::take(&mut self.0.lock().unwrap())
    }
}

/// Notes when it is dropped.
struct Noted(Log, &'static str);

impl Drop for Noted {
    fn drop(&mut self) {
        self.0.push(self.1);
    }
}

/// Lets others run, a few times.
async fn yield_a_little() {
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
async fn busy(dropped: Dropped) {
    let _dropped = dropped;
    pending::<()>().await;
}
