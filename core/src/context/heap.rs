//! A context on the heap: ids, and values of any type.

use super::{
    ContextBuilder, Key, SpanId, TraceFlags, TraceId, TraceParent, TraceState, WithContext,
    ambient, key::Values, trace::Span,
};
use crate::sync::Arc;
use alloc::boxed::Box;
use core::{any::Any, fmt};

/// The ids and values that belong to a request, wherever it is worked on.
///
/// Cheap to clone: it is one pointer, and none if it is empty.
#[derive(Clone, Default)]
pub struct Context(pub(super) Option<Arc<Data>>);

#[derive(Clone, Default)]
pub(super) struct Data {
    pub(super) request: Option<Arc<Box<str>>>,
    pub(super) span: Option<Span>,
    pub(super) values: Values,
}

impl Context {
    /// The context without ids and values.
    pub const fn empty() -> Self {
        Self(None)
    }

    /// The context of the task or job that this is called in; the empty one outside of any.
    ///
    /// Without the feature `std` it is always the empty one.
    pub fn current() -> Self {
        ambient::current()
    }

    /// Whether there is nothing in it.
    pub const fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// A context that differs from this one by what `change` makes of it.
    #[must_use]
    pub fn with(&self, change: impl FnOnce(ContextBuilder) -> ContextBuilder) -> Self {
        change(ContextBuilder(self.0.as_deref().cloned().unwrap_or_default())).build()
    }

    /// The value that was set for `key`.
    pub fn get<T: Any + Send + Sync>(&self, key: &'static Key<T>) -> Option<&T> {
        self.0.as_ref()?.values.get(key)
    }

    /// The id of the request, as its origin gave it.
    pub fn request_id(&self) -> Option<&str> {
        Some(self.0.as_ref()?.request.as_ref()?)
    }

    /// The id of the trace.
    pub fn trace_id(&self) -> Option<TraceId> {
        Some(self.span()?.trace.id)
    }

    /// The id of the part of the trace that this context stands for.
    pub fn span_id(&self) -> Option<SpanId> {
        Some(self.span()?.id)
    }

    /// The id of the span that this one was started from.
    pub fn parent_span_id(&self) -> Option<SpanId> {
        self.span()?.parent
    }

    /// The flags of the trace.
    pub fn trace_flags(&self) -> Option<TraceFlags> {
        Some(self.span()?.trace.flags)
    }

    /// What the systems that a trace came through say of it, to be passed on as it is.
    pub fn trace_state(&self) -> Option<&TraceState> {
        self.span()?.trace.state.as_ref()
    }

    /// What to tell a callee, as the header `traceparent`: its parent is the span of this context.
    pub fn traceparent(&self) -> Option<TraceParent> {
        let span = self.span()?;
        Some(TraceParent { trace_id: span.trace.id, span_id: span.id, flags: span.trace.flags })
    }

    /// The same with a new span, whose parent is the present one; without a trace, the same.
    #[must_use]
    pub fn child(&self) -> Self {
        let Some(data) = self.0.as_deref() else { return Self::empty() };
        let Some(span) = &data.span else { return self.clone() };
        ContextBuilder(Data { span: Some(span.child()), ..data.clone() }).build()
    }

    /// The context of a task started from here: a [`child`](Self::child) without local values.
    ///
    /// See [`Key::local`].
    #[must_use]
    pub fn for_spawn(&self) -> Self {
        let Some(data) = self.0.as_deref() else { return Self::empty() };
        if data.span.is_none() && !data.values.has_local() {
            return self.clone();
        }
        let span = data.span.as_ref().map(Span::child);
        let values = data.values.without_local();
        ContextBuilder(Data { request: data.request.clone(), span, values }).build()
    }

    /// Calls `f` with this as the current context; without the feature `std`, just calls it.
    ///
    /// The one before is current again afterwards, also if `f` panics.
    pub fn enter<R>(&self, f: impl FnOnce() -> R) -> R {
        ambient::enter(&mut self.clone(), f)
    }

    /// As [`enter`](Self::enter), for an owner: this saves counting a reference up and down.
    pub fn enter_mut<R>(&mut self, f: impl FnOnce() -> R) -> R {
        ambient::enter(self, f)
    }

    /// A future that is polled and dropped with this as the current context.
    ///
    /// For a task of its own use [`for_spawn`](Self::for_spawn) first.
    ///
    /// # Cancel safety
    ///
    /// Dropping the returned future drops `future`, nothing else.
    pub const fn run<F: Future>(self, future: F) -> WithContext<F> {
        WithContext::new(self, future)
    }

    fn span(&self) -> Option<&Span> {
        self.0.as_ref()?.span.as_ref()
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(data) = &self.0 else { return f.write_str("Context(empty)") };
        let mut fields = f.debug_struct("Context");
        if let Some(id) = self.request_id() {
            fields.field("request_id", &id);
        }
        if let Some(span) = &data.span {
            fields.field("trace_id", &span.trace.id).field("span_id", &span.id);
            fields.field("parent_span_id", &span.parent);
        }
        fields.field("values", &data.values).finish()
    }
}
