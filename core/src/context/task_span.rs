//! The `tracing` span of a task.

use tracing::{Span, debug_span};

/// A span `task` for the task `name`, or the current span if that level is disabled.
///
/// So what the task emits stays below the span of who started it, whatever the level.
pub fn task_span(name: &'static str) -> Span {
    debug_span!(target: "klaw", "task", name).or_current()
}
