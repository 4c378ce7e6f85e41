//! The life of a scope, from its body's first poll until nothing in it is left.

use super::{
    life::Life,
    node::{Node, expire},
};
use crate::{
    cancel::Cancelled,
    time::{Clock, Instant, Sleep},
};
use core::{
    future::poll_fn,
    pin::{Pin, pin},
    task::{Context, Poll},
    time::Duration,
};

/// A scope as what drives it sees it.
pub(super) trait Driven: Node {
    /// Makes a request from above its own, where requests do not come down by themselves.
    fn pass_on(&self);

    /// Lets nobody in any more, if nobody is left; false if someone is.
    fn close_if_empty(&self) -> bool;
}

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
///
/// `asked` completes when `scope` is asked to stop.
pub(super) async fn drive<B: Future, C: Clock>(
    body: B,
    scope: &impl Driven,
    asked: impl Future<Output = Cancelled>,
    clock: &C,
    grace: Duration,
) -> Option<B::Output> {
    let mut body = pin!(Some(body));
    // Not asked of `body` itself: a shared reference to a future that refers to itself ends what it
    // holds on to.
    let mut gone = false;
    let mut value = None;
    let mut asked = pin!(asked);
    let life = scope.life();
    let mut armed = life.deadline();
    let mut timer = pin!(clock.sleep_until(armed));
    let mut phase = Phase::Running;
    poll_fn(|cx| {
        life.driver().register(cx.waker());
        scope.pass_on();
        // First, since completion beats cancellation.
        if let Some(running) = body.as_mut().as_pin_mut()
            && let Poll::Ready(done) = running.poll(cx)
        {
            body.set(None);
            gone = true;
            value = Some(done);
        }
        loop {
            if gone && scope.close_if_empty() {
                return Poll::Ready(());
            }
            phase = match phase {
                Phase::Running if asked.as_mut().poll(cx).is_ready() => {
                    timer.as_mut().reset(clock.now().saturating_add(grace));
                    Phase::Grace
                }
                Phase::Running => {
                    if !past_deadline(life, &mut armed, timer.as_mut(), cx) {
                        return Poll::Pending;
                    }
                    expire(scope, clock.now());
                    scope.pass_on();
                    Phase::Running
                }
                Phase::Grace if grace.is_zero() || timer.as_mut().poll(cx).is_ready() => {
                    life.set_ending();
                    Phase::Aborting
                }
                Phase::Aborting if !life.is_shielded() => {
                    body.set(None);
                    gone = true;
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
    life: &Life,
    armed: &mut Instant,
    mut timer: Pin<&mut S>,
    cx: &mut Context<'_>,
) -> bool {
    let deadline = life.deadline();
    if deadline != *armed {
        *armed = deadline;
        timer.as_mut().reset(deadline);
    }
    timer.poll(cx).is_ready()
}
