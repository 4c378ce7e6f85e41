//! One after the other, until one succeeds.

use super::{
    AllFailed,
    group::{IntoGroup, Uniform, succeeded},
};
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};
use pin_project_lite::pin_project;

/// Runs one future after the other until one succeeds; its value, or all errors.
///
/// Those after it are never polled, and dropped before it gives the value. A future does nothing
/// until it is polled, so these are as good as closures.
///
/// # Errors
///
/// [`AllFailed`] with the errors by input order; with none if there are no futures.
///
/// # Cancel safety
///
/// Dropping the returned future drops the futures, and the errors so far.
///
/// # Examples
///
/// ```
/// # futures_util::FutureExt::now_or_never(async {
/// use klaw::combine::first_ok;
///
/// let cached = async { Err("not in the cache") };
/// let loaded = async { Ok("from the disk") };
/// let fetched = async { unreachable!("polled without need") };
/// assert_eq!(first_ok((cached, loaded, fetched)).await, Ok("from the disk"));
/// # }).unwrap();
/// ```
pub fn first_ok<F: IntoGroup<Group: Uniform>>(futures: F) -> FirstOk<F::Group> {
    FirstOk { group: futures.into_group(), at: 0 }
}

pin_project! {
    /// One future after the other, until one succeeds; made by [`first_ok`].
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct FirstOk<G> {
        #[pin]
        group: G,
        // The one that runs.
        at: usize,
    }
}

impl<G: Uniform> Future for FirstOk<G> {
    type Output = Result<G::Value, AllFailed<G::Errors>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        while *this.at < this.group.as_mut().count() {
            if ready!(this.group.as_mut().poll_at(*this.at, cx)) {
                let value = succeeded(this.group.as_mut().take(*this.at));
                this.group.clear();
                return Poll::Ready(Ok(value));
            }
            *this.at += 1;
        }
        Poll::Ready(Err(AllFailed { errors: this.group.take_errors() }))
    }
}

impl<G> fmt::Debug for FirstOk<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FirstOk").finish_non_exhaustive()
    }
}
