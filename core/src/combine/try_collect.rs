//! All values, or the error that came first.

use super::{
    group::{Group, IntoGroup},
    turn::Turn,
};
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};
use pin_project_lite::pin_project;

/// Runs all futures until one fails; all values, or the error that came first.
///
/// The others are dropped before it gives the error. None of nothing is `Ok`.
///
/// # Errors
///
/// The error that came first. Of several in the same poll it is the first of those polled, which
/// goes round.
///
/// # Cancel safety
///
/// Dropping the returned future drops the futures that are still running, and all results.
///
/// # Examples
///
/// ```
/// # futures_util::FutureExt::now_or_never(async {
/// use core::future::pending;
/// use klaw::combine::try_collect;
///
/// assert_eq!(try_collect((pending::<Result<u8, _>>(), async { Err::<u8, _>("no") })).await, Err("no"));
/// # }).unwrap();
/// ```
pub fn try_collect<F: IntoGroup>(futures: F) -> TryCollect<F::Group> {
    TryCollect { group: futures.into_group(), turn: Turn::new() }
}

pin_project! {
    /// All values, or the error that came first; made by [`try_collect`].
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct TryCollect<G> {
        #[pin]
        group: G,
        turn: Turn,
    }
}

impl<G: Group> Future for TryCollect<G> {
    type Output = Result<G::Values, G::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let mut pending = false;
        for at in this.turn.next(this.group.as_mut().count()) {
            match this.group.as_mut().poll_at(at, cx) {
                Poll::Ready(true) => {}
                Poll::Ready(false) => {
                    let error = this.group.as_mut().take_error(at);
                    this.group.clear();
                    return Poll::Ready(Err(error));
                }
                Poll::Pending => pending = true,
            }
        }
        if pending { Poll::Pending } else { Poll::Ready(Ok(this.group.take_values())) }
    }
}

impl<G> fmt::Debug for TryCollect<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TryCollect").finish_non_exhaustive()
    }
}
