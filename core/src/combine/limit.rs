//! The combinators for many futures, of which so many run at a time.

use super::{AllFailed, window::Window};
use alloc::vec::Vec;
use core::num::NonZeroUsize;

/// The combinators for many futures, of which at most `width` run at a time.
///
/// The futures come from an iterator, which is asked for the next one when there is room; so memory
/// is taken for `width` of them, however many there are, besides the results.
///
/// # Examples
///
/// ```
/// # futures_util::FutureExt::now_or_never(async {
/// use core::num::NonZeroUsize;
/// use klaw::combine::limit;
///
/// let ten = NonZeroUsize::new(10).unwrap();
/// let squares = limit(ten).collect((0..1000_u64).map(async |n| n.checked_mul(n).ok_or(n)));
/// assert_eq!(squares.await.unwrap()[999], 998_001);
/// # }).unwrap();
/// ```
pub const fn limit(width: NonZeroUsize) -> Limit {
    Limit { width }
}

/// How many futures run at a time; made by [`limit`].
#[derive(Clone, Copy, Debug)]
#[must_use = "it does nothing by itself"]
pub struct Limit {
    width: NonZeroUsize,
}

impl Limit {
    /// Runs all futures to their ends; all values, or the first error by input order.
    ///
    /// # Errors
    ///
    /// The error of the first future of those that failed.
    ///
    /// # Cancel safety
    ///
    /// Dropping the returned future drops the futures that are running, and all results.
    pub async fn collect<T, E, I>(self, futures: I) -> Result<Vec<T>, E>
    where
        I: IntoIterator<Item: Future<Output = Result<T, E>>>,
    {
        let mut window = Window::new(self.width, futures);
        let (mut values, mut first) = (Vec::new(), None);
        while let Some((at, result)) = window.next().await {
            match result {
                Ok(value) if first.is_none() => values.push((at, value)),
                Ok(_) => {}
                Err(error) => {
                    values = Vec::new(); // nobody will see them
                    if first.as_ref().is_none_or(|&(earlier, _)| at < earlier) {
                        first = Some((at, error));
                    }
                }
            }
        }
        first.map_or_else(|| Ok(in_order(values)), |(_, error)| Err(error))
    }

    /// Runs all futures until one fails; all values, or the error that came first.
    ///
    /// Those that run are dropped before it gives the error; no more are made.
    ///
    /// # Errors
    ///
    /// The error that came first.
    ///
    /// # Cancel safety
    ///
    /// Dropping the returned future drops the futures that are running, and all results.
    pub async fn try_collect<T, E, I>(self, futures: I) -> Result<Vec<T>, E>
    where
        I: IntoIterator<Item: Future<Output = Result<T, E>>>,
    {
        let mut window = Window::new(self.width, futures);
        let mut values = Vec::new();
        while let Some((at, result)) = window.next().await {
            values.push((at, result?));
        }
        Ok(in_order(values))
    }

    /// Runs all futures until one succeeds; the value that came first, or all errors.
    ///
    /// Those that run are dropped before it gives the value; no more are made. With a width of one
    /// this is [`first_ok`](super::first_ok) for futures from an iterator.
    ///
    /// # Errors
    ///
    /// [`AllFailed`] with the errors by input order; with none if there are no futures.
    ///
    /// # Cancel safety
    ///
    /// Dropping the returned future drops the futures that are running, and all results.
    pub async fn race_ok<T, E, I>(self, futures: I) -> Result<T, AllFailed<Vec<E>>>
    where
        I: IntoIterator<Item: Future<Output = Result<T, E>>>,
    {
        let mut window = Window::new(self.width, futures);
        let mut errors = Vec::new();
        while let Some((at, result)) = window.next().await {
            match result {
                Ok(value) => return Ok(value),
                Err(error) => errors.push((at, error)),
            }
        }
        Err(AllFailed { errors: in_order(errors) })
    }

    /// Runs all futures to their ends; their values and their errors, each in input order.
    ///
    /// # Cancel safety
    ///
    /// Dropping the returned future drops the futures that are running, and all results.
    pub async fn partition<T, E, I>(self, futures: I) -> (Vec<T>, Vec<E>)
    where
        I: IntoIterator<Item: Future<Output = Result<T, E>>>,
    {
        let mut window = Window::new(self.width, futures);
        let (mut values, mut errors) = (Vec::new(), Vec::new());
        while let Some((at, result)) = window.next().await {
            match result {
                Ok(value) => values.push((at, value)),
                Err(error) => errors.push((at, error)),
            }
        }
        (in_order(values), in_order(errors))
    }

    /// Runs all futures to their ends; the values of those that succeeded, in input order.
    ///
    /// # Cancel safety
    ///
    /// Dropping the returned future drops the futures that are running, and all results.
    pub async fn filter_ok<T, E, I>(self, futures: I) -> Vec<T>
    where
        I: IntoIterator<Item: Future<Output = Result<T, E>>>,
    {
        let mut window = Window::new(self.width, futures);
        let mut values = Vec::new();
        while let Some((at, result)) = window.next().await {
            values.extend(result.ok().map(|value| (at, value)));
        }
        in_order(values)
    }
}

fn in_order<T>(mut results: Vec<(usize, T)>) -> Vec<T> {
    results.sort_unstable_by_key(|&(at, _)| at);
    results.into_iter().map(|(_, result)| result).collect()
}
