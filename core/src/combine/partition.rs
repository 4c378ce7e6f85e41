//! Values and errors.

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

/// Runs all futures to their ends; their values and their errors, each in input order.
///
/// What they are put into is the caller's choice, as with [`Iterator::partition`]: vectors, or
/// `heapless::Vec` where there is no heap.
///
/// # Cancel safety
///
/// Dropping the returned future drops the futures that are still running, and all results.
///
/// # Examples
///
/// ```
/// # futures_util::FutureExt::now_or_never(async {
/// use klaw::combine::partition;
///
/// let parsed = ["1", "two", "3"].map(async |text| text.parse::<u8>().map_err(|_| text));
/// let (numbers, others): (Vec<_>, Vec<_>) = partition(parsed).await;
/// assert_eq!((numbers, others), (vec![1, 3], vec!["two"]));
/// # }).unwrap();
/// ```
pub fn partition<F: IntoGroup<Group: Uniform>, A, B>(futures: F) -> Partition<F::Group, A, B> {
    Partition { group: futures.into_group(), turn: Turn::new(), into: PhantomData }
}

pin_project! {
    /// Values and errors; made by [`partition`].
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Partition<G, A, B> {
        #[pin]
        group: G,
        turn: Turn,
        into: PhantomData<fn() -> (A, B)>,
    }
}

impl<G: Uniform, A, B> Future for Partition<G, A, B>
where
    A: Default + Extend<G::Value>,
    B: Default + Extend<G::Error>,
{
    type Output = (A, B);

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<(A, B)> {
        let mut this = self.project();
        let count = this.group.as_mut().count();
        let mut pending = false;
        for at in this.turn.next(count) {
            pending |= this.group.as_mut().poll_at(at, cx).is_pending();
        }
        if pending {
            return Poll::Pending;
        }
        let (mut values, mut errors) = (A::default(), B::default());
        for at in 0..count {
            match this.group.as_mut().take(at) {
                Ok(value) => values.extend([value]),
                Err(error) => errors.extend([error]),
            }
        }
        Poll::Ready((values, errors))
    }
}

impl<G, A, B> fmt::Debug for Partition<G, A, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Partition").finish_non_exhaustive()
    }
}
