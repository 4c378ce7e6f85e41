//! The value that comes first, or all errors.

use super::{
    AllFailed,
    group::{IntoGroup, Uniform, succeeded},
    turn::Turn,
};
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};
use pin_project_lite::pin_project;

/// Runs all futures until one succeeds; the value that came first, or all errors.
///
/// The others are dropped before it gives the value.
///
/// # Errors
///
/// [`AllFailed`] with the errors by input order; with none if there are no futures.
///
/// # Cancel safety
///
/// Dropping the returned future drops the futures that are still running, and all results.
///
/// # Examples
///
/// ```
/// # futures_util::FutureExt::now_or_never(async {
/// use klaw::combine::race_ok;
///
/// assert_eq!(race_ok((async { Err("down") }, async { Ok(7) })).await, Ok(7));
/// let failed = race_ok([async { Err::<(), _>("down") }]).await.unwrap_err();
/// assert_eq!(failed.errors, ["down"]);
/// # }).unwrap();
/// ```
pub fn race_ok<F: IntoGroup<Group: Uniform>>(futures: F) -> RaceOk<F::Group> {
    RaceOk { group: futures.into_group(), turn: Turn::new() }
}

pin_project! {
    /// The value that comes first, or all errors; made by [`race_ok`].
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct RaceOk<G> {
        #[pin]
        group: G,
        turn: Turn,
    }
}

impl<G: Uniform> Future for RaceOk<G> {
    type Output = Result<G::Value, AllFailed<G::Errors>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let mut pending = false;
        for at in this.turn.next(this.group.as_mut().count()) {
            match this.group.as_mut().poll_at(at, cx) {
                Poll::Ready(true) => {
                    let value = succeeded(this.group.as_mut().take(at));
                    this.group.clear();
                    return Poll::Ready(Ok(value));
                }
                Poll::Ready(false) => {}
                Poll::Pending => pending = true,
            }
        }
        if pending {
            return Poll::Pending;
        }
        Poll::Ready(Err(AllFailed { errors: this.group.take_errors() }))
    }
}

impl<G> fmt::Debug for RaceOk<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RaceOk").finish_non_exhaustive()
    }
}
