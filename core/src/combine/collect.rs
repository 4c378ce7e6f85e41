//! All values, or the first error by input order.

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

/// Runs all futures to their ends; all values, or the first error by input order.
///
/// Which error it gives does not depend on which came first. None of nothing is `Ok`.
///
/// # Errors
///
/// The error of the first future of those that failed.
///
/// # Cancel safety
///
/// Dropping the returned future drops the futures that are still running, and all results.
///
/// # Examples
///
/// ```
/// # futures_util::FutureExt::now_or_never(async {
/// use klaw::combine::collect;
///
/// let answers = collect((async { Ok(42) }, async { Ok::<_, &str>("forty-two") })).await;
/// assert_eq!(answers, Ok((42, "forty-two")));
///
/// let parsed = collect(["1", "two", "x"].map(async |text| text.parse::<u8>().map_err(|_| text)));
/// assert_eq!(parsed.await, Err("two"));
/// # }).unwrap();
/// ```
pub fn collect<F: IntoGroup>(futures: F) -> Collect<F::Group> {
    Collect { group: futures.into_group(), turn: Turn::new(), failed: None }
}

pin_project! {
    /// All values, or the first error by input order; made by [`collect`].
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Collect<G> {
        #[pin]
        group: G,
        turn: Turn,
        failed: Option<usize>,
    }
}

impl<G: Group> Future for Collect<G> {
    type Output = Result<G::Values, G::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let mut pending = false;
        for at in this.turn.next(this.group.as_mut().count()) {
            match this.group.as_mut().poll_at(at, cx) {
                Poll::Ready(true) => {}
                Poll::Ready(false) => *this.failed = Some(this.failed.map_or(at, |f| f.min(at))),
                Poll::Pending => pending = true,
            }
        }
        if pending {
            return Poll::Pending;
        }
        Poll::Ready(match this.failed.take() {
            None => Ok(this.group.take_values()),
            Some(at) => {
                let error = this.group.as_mut().take_error(at);
                this.group.clear();
                Err(error)
            }
        })
    }
}

impl<G> fmt::Debug for Collect<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collect").finish_non_exhaustive()
    }
}
