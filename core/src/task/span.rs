//! The `tracing` span that a task runs in.

use crate::context::task_span;

/// A span for one task, entered at each of its polls and at its end.
#[derive(Clone)]
pub(crate) struct TaskSpan(tracing::Span);

impl TaskSpan {
    pub(crate) fn new(name: &'static str) -> Self {
        Self(task_span(name))
    }

    pub(crate) fn enter<R>(&self, f: impl FnOnce() -> R) -> R {
        self.0.in_scope(f)
    }
}
