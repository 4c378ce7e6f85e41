//! A context without a heap: the ids of a request, handed on by hand.

use super::{RequestId, SpanId, TraceFlags, TraceId, TraceParent};
use crate::time::Entropy;

/// The ids that belong to a request, as one value that is handed on by hand.
///
/// What [`Context`](crate::Context) is where there is a heap, as
/// far as that goes without one: no values, and nothing is current. It is immutable: what changes it
/// gives another one. It does not keep a source of span ids, so [`child`](Self::child) takes one.
///
/// # Examples
///
/// ```
/// use klaw::{Entropy, context::{RequestContext, RequestId, TraceParent}};
///
/// fn on_request(header: &[u8], rng: &mut impl Entropy) -> Option<RequestContext> {
///     let request = RequestContext::EMPTY
///         .with_request_id(RequestId::new("r-17").ok()?)
///         .continue_trace(TraceParent::parse(header)?, rng);
///     read_sensor(&request.child(rng));
///     Some(request)
/// }
///
/// fn read_sensor(context: &RequestContext) {
///     assert_eq!(context.request_id().map(RequestId::as_str), Some("r-17"));
/// }
/// # struct Count(u64);
/// # impl Entropy for Count { fn next_u64(&mut self) -> u64 { self.0 += 1; self.0 } }
/// # let header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
/// # on_request(header.as_bytes(), &mut Count(0)).unwrap();
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestContext {
    request_id: Option<RequestId>,
    span: Option<TraceParent>,
    parent: Option<SpanId>,
}

impl RequestContext {
    /// The context without ids.
    pub const EMPTY: Self = Self { request_id: None, span: None, parent: None };

    /// Whether there is nothing in it.
    pub const fn is_empty(&self) -> bool {
        self.request_id.is_none() && self.span.is_none()
    }

    /// The same with the name of the request.
    #[must_use]
    pub fn with_request_id(&self, id: RequestId) -> Self {
        Self { request_id: Some(id), ..self.clone() }
    }

    /// The same in a new trace, with its first span; ids are made from `entropy`.
    #[must_use]
    pub fn new_trace(&self, flags: TraceFlags, entropy: &mut impl Entropy) -> Self {
        let trace_id = TraceId::random(entropy);
        let span = TraceParent { trace_id, span_id: SpanId::random(entropy), flags };
        Self { request_id: self.request_id.clone(), span: Some(span), parent: None }
    }

    /// The same in a caller's trace: in a new span, whose parent is the caller's.
    #[must_use]
    pub fn continue_trace(&self, caller: TraceParent, entropy: &mut impl Entropy) -> Self {
        let span = TraceParent { span_id: SpanId::random(entropy), ..caller };
        let request_id = self.request_id.clone();
        Self { request_id, span: Some(span), parent: Some(caller.span_id) }
    }

    /// The same in a new span, whose parent is the present one; without a trace, the same.
    ///
    /// For every task that is started from here.
    #[must_use]
    pub fn child(&self, entropy: &mut impl Entropy) -> Self {
        match self.span {
            Some(span) => self.continue_trace(span, entropy),
            None => self.clone(),
        }
    }

    /// The id of the request, as its origin gave it.
    pub const fn request_id(&self) -> Option<&RequestId> {
        self.request_id.as_ref()
    }

    /// The id of the trace.
    pub fn trace_id(&self) -> Option<TraceId> {
        Some(self.span?.trace_id)
    }

    /// The id of the part of the trace that this context stands for.
    pub fn span_id(&self) -> Option<SpanId> {
        Some(self.span?.span_id)
    }

    /// The id of the span that this one was started from.
    pub const fn parent_span_id(&self) -> Option<SpanId> {
        self.parent
    }

    /// The flags of the trace.
    pub fn trace_flags(&self) -> Option<TraceFlags> {
        Some(self.span?.flags)
    }

    /// What to tell a callee, as the header `traceparent`: its parent is the span of this context.
    pub const fn traceparent(&self) -> Option<TraceParent> {
        self.span
    }
}
