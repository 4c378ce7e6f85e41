//! Receiving from several channels at once.

mod any;
mod array;
mod either;
#[cfg(all(test, loom))]
mod loom_tests;
#[cfg(feature = "alloc")]
mod slice;
mod source;
mod timeout;
mod tuple;

pub use any::Select;
pub use array::Array;
pub use either::{Either, Either3, Either4, Either5, Either6};
#[cfg(feature = "alloc")]
pub use slice::Slice;
pub use source::Source;
pub use timeout::{SelectTimeout, select_timeout};
pub use tuple::{Select2, Select3, Select4, Select5, Select6};

/// What [`select`] takes: an array, a slice, a vector or a tuple of references to receivers.
pub trait IntoSelect {
    /// What is received, and where from.
    type Output;
    /// The future that receives it.
    type IntoFuture: Future<Output = Result<Self::Output, super::RecvError>>;

    /// Begins to receive.
    fn into_select(self) -> Self::IntoFuture;
}

/// Receives the first message that any of `receivers` has.
///
/// An array of references gives the index of the receiver and the message, and allocates nothing; so do
/// slices and vectors, where there is a heap, for sets of any size. A tuple of up to six may mix types
/// and gives an [`Either`].
///
/// Which one wins when several have a message goes round with each message received, so that none is
/// left out for ever. Nothing is taken from the others. Closed channels are passed over.
///
/// # Errors
///
/// [`RecvError`](super::RecvError) if all of them are closed and empty, or there are none.
///
/// # Cancel safety
///
/// Dropping the future costs the places in the queues; no message is lost.
///
/// # Examples
///
/// ```
/// # futures_util::FutureExt::now_or_never(async {
/// use klaw::channel::{Either, select};
///
/// let (urgent, urgent_rx) = klaw::bounded(10);
/// let (numbers, numbers_rx) = klaw::bounded(10);
/// numbers.try_send(7).unwrap();
/// match select((&urgent_rx, &numbers_rx)).await? {
///     Either::First(text) => panic!("nobody sent {text}"),
///     Either::Second(number) => assert_eq!(number, 7),
/// }
///
/// urgent.try_send("now").unwrap();
/// let (other, other_rx) = klaw::bounded::<&str>(10);
/// drop(other); // closed, and passed over
/// assert_eq!(select([&other_rx, &urgent_rx]).await, Ok((1, "now")));
/// # Ok::<(), klaw::RecvError>(())
/// # }).unwrap().unwrap();
/// ```
pub fn select<S: IntoSelect>(receivers: S) -> S::IntoFuture {
    receivers.into_select()
}
