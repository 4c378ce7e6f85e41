//! What a request carries along: its ids, its trace and typed values.
//!
//! A [`Context`] is immutable: [`Context::with`] gives a new one, which is seen by what is started
//! with it and by nobody else. With the feature `std` there is a *current* context, which lasts for
//! one poll or one call: a [`WithContext`] future enters its own before every poll and when it is
//! dropped, and leaves it afterwards, on unwinding too. There is no guard that could be held across
//! an `await`. What klaw starts in the background (supervised children, actors, jobs of `klaw-std`)
//! runs in the context of the call that started it. With `alloc` alone contexts are passed by hand.
//!
//! Without `alloc` there is [`RequestContext`], with the same ids in the same terms and no values: a plain
//! value that is handed on by hand.
//!
//! A message to an actor carries the context of its sender, and its handler runs in it; messages in
//! channels carry none: put one into the message where it is wanted.
//!
//! # Examples
//!
//! ```
//! use klaw::{Context, Key, context::{ThreadEntropy, TraceFlags, TraceParent}};
//!
//! static USER: Key<&str> = Key::new("user");
//!
//! let header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
//! let request = Context::empty().with(|context| {
//!     let context = context.request_id("r-17").set(&USER, "ann");
//!     match TraceParent::parse(header) {
//!         Some(caller) => context.continue_trace(caller, None, &mut ThreadEntropy),
//!         None => context.new_trace(TraceFlags::NONE, &mut ThreadEntropy),
//!     }
//! });
//! request.enter(|| {
//!     let current = Context::current();
//!     assert_eq!(current.get(&USER), Some(&"ann"));
//!     assert_eq!(current.trace_id().unwrap().to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
//! });
//! assert!(Context::current().is_empty());
//! ```

#[cfg(feature = "std")]
mod ambient;
#[cfg(all(feature = "alloc", not(feature = "std")))]
#[path = "ambient_none.rs"]
mod ambient;
#[cfg(feature = "alloc")]
mod builder;
#[cfg(feature = "alloc")]
mod heap;
mod id;
#[cfg(feature = "alloc")]
mod key;
mod request;
mod request_id;
#[cfg(feature = "tracing")]
mod task_span;
#[cfg(feature = "std")]
mod thread_entropy;
#[cfg(feature = "alloc")]
mod trace;
mod traceparent;
#[cfg(feature = "alloc")]
mod tracestate;
#[cfg(feature = "alloc")]
mod with_context;

pub use id::{SpanId, TraceFlags, TraceId};
pub use request::RequestContext;
pub use request_id::{RequestId, RequestIdTooLong};
#[cfg(feature = "tracing")]
pub use task_span::task_span;
#[cfg(feature = "std")]
pub use thread_entropy::ThreadEntropy;
pub use traceparent::TraceParent;
#[cfg(feature = "alloc")]
pub use {
    builder::ContextBuilder, heap::Context, key::Key, tracestate::TraceState,
    with_context::WithContext,
};
