//! Cancellation that is asked for: tokens and their trees, and timeouts.

mod cancelled;
#[cfg(feature = "alloc")]
#[path = "children_heap.rs"]
mod children;
#[cfg(not(feature = "alloc"))]
#[path = "children_none.rs"]
mod children;
mod is_cancelled;
#[cfg(all(test, loom))]
mod loom_tests;
mod request;
mod run;
mod timeout;
mod token;
#[cfg(feature = "alloc")]
mod token_heap;
#[cfg(not(feature = "alloc"))]
#[path = "token_none.rs"]
mod token_heap;

pub use cancelled::{Cancelled, Cause, Origin};
pub use is_cancelled::is_cancelled;
pub(crate) use request::Request;
pub(crate) use run::Asking;
pub use run::RunUntilCancelled;
pub use timeout::{Elapsed, Timeout, TimeoutError, timeout};
pub use token::{Cancel, CancelToken, WaitCancelled};
