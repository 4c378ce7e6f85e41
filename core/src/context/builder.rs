//! A context in the making.

use super::{
    Context,
    heap::Data,
    id::TraceFlags,
    key::Key,
    trace::{Span, Trace},
    traceparent::TraceParent,
    tracestate::TraceState,
};
use crate::{sync::Arc, time::Entropy};
use alloc::boxed::Box;
use core::{any::Any, fmt};

/// Makes one context from another; see [`Context::with`].
#[must_use = "a builder does nothing unless it is returned to `Context::with`"]
pub struct ContextBuilder(pub(super) Data);

impl ContextBuilder {
    /// Names the request, for example by what its sender called it.
    pub fn request_id(mut self, id: impl Into<Box<str>>) -> Self {
        self.0.request = Some(Arc::new(id.into()));
        self
    }

    /// Begins a trace, with its first span.
    ///
    /// All ids of spans that are started from it are made from `entropy` too: equal seeds give equal
    /// ids. [`ThreadEntropy`](super::ThreadEntropy) will do where nothing else is wanted.
    pub fn new_trace(mut self, flags: TraceFlags, entropy: &mut impl Entropy) -> Self {
        self.0.span = Some(Span::first(Trace::new(flags, entropy)));
        self
    }

    /// Goes on with a caller's trace, in a new span whose parent is the caller's.
    ///
    /// Ids of spans are made from `entropy`, as by [`new_trace`](Self::new_trace).
    pub fn continue_trace(
        mut self,
        caller: TraceParent,
        state: Option<TraceState>,
        entropy: &mut impl Entropy,
    ) -> Self {
        let trace = Trace::continued(caller, state, entropy);
        self.0.span = Some(Span { parent: Some(caller.span_id), ..Span::first(trace) });
        self
    }

    /// Sets the value of `key`, in place of one that was there.
    pub fn set<T: Any + Send + Sync>(mut self, key: &'static Key<T>, value: T) -> Self {
        self.0.values = self.0.values.with(key, value);
        self
    }

    /// Takes the value of `key` away.
    pub fn remove<T: Any + Send + Sync>(mut self, key: &'static Key<T>) -> Self {
        self.0.values = self.0.values.without(key);
        self
    }

    pub(super) fn build(self) -> Context {
        let Data { request, span, values } = &self.0;
        let empty = request.is_none() && span.is_none() && values.is_empty();
        Context((!empty).then(|| Arc::new(self.0)))
    }
}

impl fmt::Debug for ContextBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContextBuilder").field("values", &self.0.values).finish_non_exhaustive()
    }
}
