//! The context that is handed on by hand: rules X2, X5, X7 and X8, with and without a heap.

mod seeded;

use klaw::context::{RequestContext, RequestId, RequestIdTooLong, TraceFlags, TraceParent};
use seeded::Seeded;

const HEADER: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn id(text: &str) -> RequestId {
    RequestId::new(text).unwrap()
}

#[test]
fn x5_the_empty_one_has_nothing_and_stays_so() {
    let empty = RequestContext::EMPTY;
    assert!(empty.is_empty());
    assert_eq!(empty, RequestContext::default());
    assert_eq!((empty.request_id(), empty.trace_id(), empty.span_id()), (None, None, None));
    assert_eq!(
        (empty.parent_span_id(), empty.trace_flags(), empty.traceparent()),
        (None, None, None)
    );
    assert_eq!(empty.child(&mut Seeded(0)), empty, "there is no trace to go on with");
}

#[test]
fn x2_a_change_gives_another_one() {
    let first = RequestContext::EMPTY.with_request_id(id("r-1"));
    let second = first.with_request_id(id("r-2")).new_trace(TraceFlags::SAMPLED, &mut Seeded(0));
    assert_eq!(first.request_id().map(RequestId::as_str), Some("r-1"));
    assert_eq!(first.trace_id(), None);
    assert_eq!(second.request_id().map(RequestId::as_str), Some("r-2"));
    assert!(
        !first.is_empty()
            && !RequestContext::EMPTY.new_trace(TraceFlags::NONE, &mut Seeded(0)).is_empty()
    );
}

#[test]
fn x7_a_callers_trace_goes_on_and_is_passed_on() {
    let caller = TraceParent::parse(HEADER).unwrap();
    let context = RequestContext::EMPTY.continue_trace(caller, &mut Seeded(6));
    assert_eq!(context.trace_id(), Some(caller.trace_id));
    assert_eq!(context.parent_span_id(), Some(caller.span_id));
    assert_eq!(context.trace_flags(), Some(TraceFlags::SAMPLED));
    let header = context.traceparent().unwrap();
    assert_eq!(&header.to_bytes(), b"00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000007-01");
}

#[test]
fn x8_each_task_has_a_span_of_its_own_in_the_same_trace() {
    let entropy = &mut Seeded(0);
    let request = RequestContext::EMPTY.with_request_id(id("r-1"));
    let request = request.new_trace(TraceFlags::RANDOM, entropy);
    assert_eq!(request.parent_span_id(), None);
    let tasks = [request.child(entropy), request.child(entropy)];
    assert_ne!(tasks[0].span_id(), tasks[1].span_id());
    let inner = tasks[0].child(entropy);
    assert_eq!(inner.parent_span_id(), tasks[0].span_id());
    for task in &tasks {
        assert_ne!(task.span_id(), request.span_id());
        assert_eq!(task.parent_span_id(), request.span_id());
        assert_eq!(task.trace_id(), request.trace_id());
        assert_eq!(task.trace_flags(), Some(TraceFlags::RANDOM));
        assert_eq!(task.request_id(), request.request_id());
    }
}

#[test]
fn equal_sources_give_equal_ids() {
    let made = |from| RequestContext::EMPTY.new_trace(TraceFlags::NONE, &mut Seeded(from));
    assert_eq!(made(3), made(3));
    assert_ne!(made(3), made(4));
    let trace = made(0).trace_id().unwrap().get();
    assert_eq!((trace, made(0).span_id().unwrap().get()), (1 << 64 | 2, 3));
}

#[test]
fn a_request_id_is_kept_whole_or_refused() {
    let longest = "ü".repeat(32);
    assert_eq!(id(&longest).as_str(), longest);
    assert_eq!(id("").as_str(), "");
    let refused = RequestId::new(&"x".repeat(65)).unwrap_err();
    assert_eq!(refused, RequestIdTooLong { len: 65 });
    assert_eq!(refused.to_string(), "a request id of 65 bytes, where 64 are the most");
    assert_eq!("r-1".parse(), Ok(id("r-1")));
    assert_eq!(
        (id("r-1").to_string(), format!("{:?}", id("r-1"))),
        ("r-1".into(), "\"r-1\"".into())
    );
}
