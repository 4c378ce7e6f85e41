//! Several futures of results as one.
//!
//! An array, a tuple of up to six, or, with a heap, a vector of futures, all run at the same time
//! inside the one that awaits them: an array and a tuple allocate nothing, a vector once. Only what
//! runs in a task of its own runs in parallel.
//!
//! | function | runs | gives |
//! |---|---|---|
//! | [`collect`] | all, to their ends | all values, or the first error by input order |
//! | [`try_collect`] | all, until one fails | all values, or the error that came first |
//! | [`race_ok`] | all, until one succeeds | the value that came first, or all errors |
//! | [`first_ok`] | one after the other, until one succeeds | its value, or all errors |
//! | [`partition`] | all, to their ends | values and errors |
//! | [`filter_ok`] | all, to their ends | values |
//!
//! Values and errors are given in input order, whatever the order they came in.
//!
//! All are polled with the waker of the task, so each wake polls all that are still running,
//! beginning at another one each time. For more than a few dozen use `limit`: it makes the futures
//! as they are wanted, and runs only so many at a time.
//!
//! [`AsyncResult`] has what `Result` has, for a single future.

mod async_result;
mod child;
mod collect;
mod error;
#[cfg(feature = "alloc")]
mod error_heap;
mod filter_ok;
mod first_ok;
mod group;
#[cfg(feature = "alloc")]
mod limit;
mod partition;
mod race_ok;
mod row;
#[cfg(feature = "alloc")]
mod row_heap;
mod try_collect;
mod tuple;
mod turn;
#[cfg(feature = "alloc")]
mod window;

pub use async_result::AsyncResult;
pub use child::Child;
pub use collect::{Collect, collect};
pub use error::AllFailed;
pub use filter_ok::{FilterOk, filter_ok};
pub use first_ok::{FirstOk, first_ok};
pub use group::{Group, IntoGroup, Uniform};
#[cfg(feature = "alloc")]
pub use limit::{Limit, limit};
pub use partition::{Partition, partition};
pub use race_ok::{RaceOk, race_ok};
pub use try_collect::{TryCollect, try_collect};
pub use tuple::{Group1, Group2, Group3, Group4, Group5, Group6};
