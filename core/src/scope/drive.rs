//! The life of a scope, from its body's first poll to its last cleanup.

use super::shared::Shared;
use crate::{
    cancel::{Cancelled, Cause},
    time::{Clock, Instant, Sleep},
};
use core::{
    future::poll_fn,
    pin::{Pin, pin},
    task::{Context, Poll},
    time::Duration,
};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Running,
    /// Asked to stop; polled on.
    Grace,
    /// To be dropped, as soon as no shield is up.
    Aborting,
    Aborted,
}

/// Runs `body` and waits for the tasks; the body's value if it ran to its end.
pub(super) async fn drive<B: Future, C: Clock>(
    body: B,
    shared: &Shared,
    clock: &C,
    grace: Duration,
) -> Option<B::Output> {
    let mut body = pin!(Some(body));
    // Not asked of `body` itself: a shared reference to a future that refers to itself ends what it
    // holds on to.
    let mut running = true;
    let mut value = None;
    let mut asked = pin!(shared.token.cancelled());
    let mut armed = shared.deadline();
    let mut timer = pin!(clock.sleep_until(armed));
    let mut phase = Phase::Running;
    poll_fn(|cx| {
        shared.driver().register(cx.waker());
        // First, since completion beats cancellation.
        if let Some(polled) = body.as_mut().as_pin_mut()
            && let Poll::Ready(done) = polled.poll(cx)
        {
            body.set(None);
            running = false;
            value = Some(done);
        }
        loop {
            if !running && shared.close_if_empty() {
                return Poll::Ready(());
            }
            phase = match phase {
                Phase::Running if asked.as_mut().poll(cx).is_ready() => {
                    timer.as_mut().reset(clock.now().saturating_add(grace));
                    Phase::Grace
                }
                Phase::Running => {
                    if !past_deadline(shared, &mut armed, timer.as_mut(), cx) {
                        return Poll::Pending;
                    }
                    shared.token.cancel_for(Cause::Timeout, "the deadline of a scope has passed");
                    Phase::Running
                }
                Phase::Grace if grace.is_zero() || timer.as_mut().poll(cx).is_ready() => {
                    shared.set_ending();
                    Phase::Aborting
                }
                Phase::Aborting if !shared.is_shielded() => {
                    body.set(None);
                    running = false;
                    shared.abort.cancel("the time of grace is over");
                    Phase::Aborted
                }
                Phase::Grace | Phase::Aborting | Phase::Aborted => return Poll::Pending,
            };
        }
    })
    .await;
    value
}

/// Whether the deadline, which may have been moved, has passed.
fn past_deadline<S: Sleep>(
    shared: &Shared,
    armed: &mut Instant,
    mut timer: Pin<&mut S>,
    cx: &mut Context<'_>,
) -> bool {
    let deadline = shared.deadline();
    if deadline != *armed {
        *armed = deadline;
        timer.as_mut().reset(deadline);
    }
    timer.poll(cx).is_ready()
}

/// Lets the cleanups run and waits for them.
pub(super) async fn clean_up<C: Clock>(shared: &Shared, clock: &C, limit: Duration) {
    if !shared.has_cleanups() {
        return;
    }
    shared.start_cleanups(clock.now().saturating_add(limit));
    poll_fn(|cx| {
        shared.driver().register(cx.waker());
        if shared.has_cleanups() { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
}

/// What the scope answers.
pub(super) fn outcome<T>(shared: &Shared, value: Option<T>) -> Result<T, Cancelled> {
    let cancelled = shared.cancelled();
    // Its own code may end its tasks; that is no failure.
    let cut_short =
        cancelled.is_some_and(|by| by.cause != Cause::Asked || !by.is_from(&shared.token));
    match value {
        Some(value) if shared.join.is_success(shared.tally(), cut_short) => Ok(value),
        _ => {
            // Of no effect unless nothing else ended it.
            shared.token.cancel_for(Cause::Failed, "no task of the scope succeeded");
            Err(shared.cancelled().unwrap_or_else(|| unreachable!("cancelled in the line above")))
        }
    }
}
