//! The `tracing` span that a task runs in.

use crate::context::task_span;
use alloc::boxed::Box;

/// A span for one task, entered at each of its polls and at its end.
///
/// In a box, so that a task for which nobody listens is no larger for it.
#[derive(Clone)]
pub(crate) struct TaskSpan(Option<Box<tracing::Span>>);

impl TaskSpan {
    pub(crate) fn new(name: &'static str) -> Self {
        let span = task_span(name);
        Self(if span.is_none() { None } else { Some(Box::new(span)) })
    }

    pub(crate) fn enter<R>(&self, f: impl FnOnce() -> R) -> R {
        match &self.0 {
            Some(span) => span.in_scope(f),
            None => f(),
        }
    }
}
