//! Each wait as a `tracing` event.

use core::{fmt::Debug, time::Duration};
use tracing::warn;

/// Call number `attempt` failed with `error`, and the next one comes in `delay`.
pub(super) fn waiting(attempt: u32, delay: Duration, error: &dyn Debug) {
    warn!(target: "klaw", attempt, ?delay, ?error, "retrying");
}
