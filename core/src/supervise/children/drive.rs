//! How children are made and run.

use super::incarnation::{Incarnation, Outcome, Retire};
use crate::{actor::Exit, panic::catch};
use core::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use pin_project_lite::pin_project;

/// Makes one incarnation of a child after the other; any `FnMut() -> impl Incarnation` is one.
pub trait Factory {
    /// One incarnation.
    type Future: Incarnation;

    /// Makes the next incarnation.
    fn make(&mut self) -> Self::Future;

    /// What outlives the incarnations, if it is known before the first one is made.
    fn control(&self) -> Option<&<Self::Future as Incarnation>::Control> {
        None
    }

    /// How long to wait before the next restart.
    ///
    /// It is `quiet` if the last incarnation has run for longer than the restart window.
    fn delay(&mut self, quiet: bool) -> Duration {
        let _ = quiet;
        Duration::ZERO
    }
}

impl<F: Incarnation, M: FnMut() -> F> Factory for M {
    type Future = F;

    fn make(&mut self) -> F {
        self()
    }
}

/// The error type of an incarnation.
pub(in crate::supervise) type ErrorOf<F> = <<F as Future>::Output as Outcome>::Error;

/// A way to run incarnations of the type `F`.
pub trait Drive<F: Incarnation>: Clone {
    /// The place of a running incarnation; `Default` when none runs.
    type Run: Default;

    /// Begins to run `future`; the place is empty.
    fn start(&self, run: Pin<&mut Self::Run>, future: F);

    /// Waits for the end of the incarnation, its destructors included; then the place is empty.
    fn poll_exit(run: Pin<&mut Self::Run>, cx: &mut Context<'_>) -> Poll<Exit<ErrorOf<F>>>;

    /// Whether the incarnation is ready, or was before it ended.
    fn is_ready(run: Pin<&mut Self::Run>) -> bool;

    /// Drops the incarnation where it stands; its end is reported by `poll_exit`.
    fn kill(run: Pin<&mut Self::Run>);

    /// The supervisor is dropped, and whatever runs with it; then `last`, after its destructors.
    fn abandon(run: Pin<&mut Self::Run>, last: Retire<F::Control>);
}

/// Runs children inside the supervisor's own future, polled with its waker; allocates nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct InPlace;

pin_project! {
    /// The place of a child that runs in place.
    #[derive(Debug)]
    pub struct Place<F> {
        #[pin]
        future: Option<F>,
        // It was dropped, and that has not been reported yet.
        killed: bool,
        ready: bool,
    }
}

impl<F> Default for Place<F> {
    fn default() -> Self {
        Self { future: None, killed: false, ready: false }
    }
}

/// Polls the incarnation that lies in `place`, which is empty when it has ended.
#[inline]
pub(in crate::supervise) fn poll_in_place<F: Incarnation>(
    mut place: Pin<&mut Option<F>>,
    ready: &mut bool,
    cx: &mut Context<'_>,
) -> Poll<Exit<ErrorOf<F>>> {
    let Some(mut future) = place.as_mut().as_pin_mut() else { return Poll::Pending };
    let polled = catch(|| future.as_mut().poll(cx));
    *ready = *ready || future.as_mut().is_ready();
    let exit = match polled {
        Ok(Poll::Pending) => return Poll::Pending,
        Ok(Poll::Ready(outcome)) => outcome.into_exit(),
        Err(panic) => Exit::Panicked(panic),
    };
    Poll::Ready(match catch(|| place.set(None)) {
        Ok(()) => exit,
        Err(panic) => Exit::Panicked(panic),
    })
}

impl<F: Incarnation> Drive<F> for InPlace {
    type Run = Place<F>;

    fn start(&self, mut run: Pin<&mut Place<F>>, future: F) {
        run.set(Place { future: Some(future), killed: false, ready: false });
    }

    fn poll_exit(run: Pin<&mut Place<F>>, cx: &mut Context<'_>) -> Poll<Exit<ErrorOf<F>>> {
        let this = run.project();
        if core::mem::take(this.killed) {
            return Poll::Ready(Exit::Killed);
        }
        poll_in_place(this.future, this.ready, cx)
    }

    fn is_ready(run: Pin<&mut Place<F>>) -> bool {
        *run.project().ready
    }

    fn kill(run: Pin<&mut Place<F>>) {
        let mut this = run.project();
        *this.killed = true;
        // A destructor that panics has still ended the incarnation; it counts as killed.
        let _: Result<(), _> = catch(|| this.future.set(None));
    }

    fn abandon(mut run: Pin<&mut Place<F>>, last: Retire<F::Control>) {
        run.set(Place::default());
        drop(last);
    }
}
