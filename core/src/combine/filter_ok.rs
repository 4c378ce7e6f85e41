//! The values of those that succeed.

use super::{
    group::{IntoGroup, Uniform},
    turn::Turn,
};
use core::{
    fmt,
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll},
};
use pin_project_lite::pin_project;

/// Runs all futures to their ends; the values of those that succeeded, in input order.
///
/// The errors are dropped, a [`Cancelled`](crate::Cancelled) like any other. What the values are put
/// into is the caller's choice, as with [`Iterator::collect`].
///
/// # Cancel safety
///
/// Dropping the returned future drops the futures that are still running, and all results.
///
/// # Examples
///
/// ```
/// # futures_util::FutureExt::now_or_never(async {
/// use klaw::combine::filter_ok;
///
/// let numbers: Vec<u8> = filter_ok(["1", "two", "3"].map(async |text| text.parse())).await;
/// assert_eq!(numbers, [1, 3]);
/// # }).unwrap();
/// ```
pub fn filter_ok<F: IntoGroup<Group: Uniform>, A>(futures: F) -> FilterOk<F::Group, A> {
    FilterOk { group: futures.into_group(), turn: Turn::new(), into: PhantomData }
}

pin_project! {
    /// The values of those that succeed; made by [`filter_ok`].
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct FilterOk<G, A> {
        #[pin]
        group: G,
        turn: Turn,
        into: PhantomData<fn() -> A>,
    }
}

impl<G: Uniform, A: FromIterator<G::Value>> Future for FilterOk<G, A> {
    type Output = A;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<A> {
        let mut this = self.project();
        let count = this.group.as_mut().count();
        let mut pending = false;
        for at in this.turn.next(count) {
            pending |= this.group.as_mut().poll_at(at, cx).is_pending();
        }
        if pending {
            return Poll::Pending;
        }
        Poll::Ready((0..count).filter_map(|at| this.group.as_mut().take(at).ok()).collect())
    }
}

impl<G, A> fmt::Debug for FilterOk<G, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FilterOk").finish_non_exhaustive()
    }
}
