//! Rule R10: each wait of a retry is one `tracing` event.

mod by_hand;
mod virtual_clock;

use by_hand::ByHand;
use core::{fmt, future::ready, num::NonZeroU32, time::Duration};
use klaw::retry::{Backoff, Retry, retry};
use std::sync::Mutex;
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};
use virtual_clock::VirtualClock;

static SEEN: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Writes down every event with its fields.
struct Notes;

struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0 += &format!(" {field}={value:?}");
    }
}

impl Subscriber for Notes {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        assert_eq!((event.metadata().target(), *event.metadata().level()), ("klaw", Level::WARN));
        let mut fields = Fields(String::new());
        event.record(&mut fields);
        SEEN.lock().unwrap().push(fields.0);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

#[test]
fn r10_each_wait_is_one_event() {
    tracing::subscriber::set_global_default(Notes).unwrap();
    let clock = VirtualClock::new();
    let ms = Duration::from_millis(1);
    let policy = retry(Backoff::exponential(ms).attempts(NonZeroU32::new(3).unwrap()))
        .classify(|_: &&str, _| Retry::Yes);
    let mut run = ByHand::new(policy.run(&clock, || ready(Err::<(), _>("busy"))));
    assert!(run.poll().is_pending());
    assert_eq!(SEEN.lock().unwrap().len(), 1, "when the wait begins");
    clock.advance(ms);
    assert!(run.poll().is_pending());
    clock.advance(ms * 2);
    assert_eq!(run.ready().unwrap_err().last, "busy");
    let expected = [
        " message=retrying attempt=1 delay=1ms error=\"busy\"",
        " message=retrying attempt=2 delay=2ms error=\"busy\"",
    ];
    assert_eq!(*SEEN.lock().unwrap(), expected, "giving up is no wait");
}
