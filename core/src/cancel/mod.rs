//! Cancellation that is asked for: tokens, and timeouts.

mod timeout;
mod token;
#[cfg(feature = "alloc")]
mod token_heap;

pub use timeout::{Elapsed, Timeout, timeout};
pub use token::{Cancel, CancelToken, Cancelled, RunUntilCancelled, WaitCancelled};
