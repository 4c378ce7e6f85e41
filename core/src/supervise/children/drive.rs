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

    /// Whether [`delay`](Self::delay) may give another time than none; if not, it is not asked.
    const DELAYS: bool = true;

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

    const DELAYS: bool = false;

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

    /// Whether its children may be asked to end; if not, a program is linked without their ways to.
    const ASKS: bool = true;

    /// Whether anybody is shown the errors that its children end by.
    const ERRORS: bool = true;

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

/// Waits for the end of the incarnation that lies in `place`, which `poll` polls and which is empty then.
#[inline]
pub(in crate::supervise) fn poll_in_place<F: Incarnation>(
    mut place: Pin<&mut Option<F>>,
    ready: &mut bool,
    poll: impl FnOnce(Pin<&mut F>) -> Poll<F::Output>,
) -> Poll<Exit<ErrorOf<F>>> {
    let Some(mut future) = place.as_mut().as_pin_mut() else { return Poll::Pending };
    let polled = catch(|| poll(future.as_mut()));
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
        poll_place(run, |future| future.poll(cx))
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

/// The same for a child, which may have been killed.
#[inline]
pub(super) fn poll_place<F: Incarnation>(
    run: Pin<&mut Place<F>>,
    poll: impl FnOnce(Pin<&mut F>) -> Poll<F::Output>,
) -> Poll<Exit<ErrorOf<F>>> {
    let this = run.project();
    if core::mem::take(this.killed) {
        return Poll::Ready(Exit::Killed);
    }
    poll_in_place(this.future, this.ready, poll)
}
