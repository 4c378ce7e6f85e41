//! Random trees of actors under load in the simulator, and what has to hold of their histories.

mod control;
mod history;
mod load;
mod restarts;
mod tree;
mod worker;
mod world;

pub(crate) use control::control;
pub(crate) use history::Tally;
pub(crate) use load::client;
pub(crate) use tree::{Hand, supervise};
pub(crate) use world::{LetGo, Plan, World};

use core::{future::poll_fn, task::Poll, time::Duration};

pub(crate) const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Pending once, and ready again at once.
pub(crate) async fn yield_now() {
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
