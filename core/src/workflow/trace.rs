//! What is worth knowing of a workflow as `tracing` events.

use super::key::StepKey;
use tracing::warn;

/// The workflow `id` ended without asking for `steps`.
pub(super) fn unused(id: &str, steps: &[StepKey]) {
    if let Some(first) = steps.first() {
        let count = steps.len();
        warn!(target: "klaw", workflow = id, count, %first, "recorded steps were not asked for");
    }
}
