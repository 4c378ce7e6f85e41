//! Tasks polled by hand: for what never waits, and for counting allocations without an executor's.

use super::LocalTask;
use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

/// The output of a future that has to be ready at once.
pub fn ready<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("it waited, with room for all"),
    }
}

/// Polls all tasks in turn until they are done.
pub fn in_turn(mut tasks: Vec<LocalTask>) {
    let mut context = Context::from_waker(Waker::noop());
    while !tasks.is_empty() {
        tasks.retain_mut(|task| task.as_mut().poll(&mut context).is_pending());
    }
}
