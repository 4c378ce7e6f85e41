//! Trying again: when, how often, and when no longer.
//!
//! A schedule says how long to wait between calls; it is any [`Iterator`] of durations, and
//! [`Backoff`] is the usual one. A [`Policy`] adds what bounds it: a budget of time, a deadline, a
//! judge of errors, a limit for each attempt. What to do after an error is decided by a pure state
//! machine ([`Attempts`]) that knows no clock and no future; [`Policy::run`] does what it says.
//!
//! A panic is not caught here, so it is never retried; nor is a
//! [`Cancelled`](crate::Cancelled), see [`is_cancelled`](crate::cancel::is_cancelled).

mod attempts;
mod backoff;
mod budget;
mod error;
#[cfg(feature = "alloc")]
mod history;
#[cfg(not(feature = "alloc"))]
#[path = "history_none.rs"]
mod history;
mod jitter;
mod judge;
#[cfg(feature = "alloc")]
mod keep;
mod limit;
#[cfg(all(test, loom))]
mod loom_tests;
mod policy;
#[cfg(feature = "tracing")]
mod trace;
#[cfg(not(feature = "tracing"))]
#[path = "trace_none.rs"]
mod trace;

pub use attempts::{Attempts, Decision};
pub use backoff::Backoff;
pub use budget::RetryBudget;
pub use error::{Cause, Exhausted};
pub use jitter::Jitter;
pub(crate) use jitter::Jittered;
pub use judge::{AnyError, Classify, Judge, Retry, RetryIf};
pub use limit::{AttemptLimit, PerAttempt, Unlimited};
pub use policy::{Policy, retry};
