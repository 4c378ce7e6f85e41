//! The headers of a request: `traceparent` and `tracestate`.
#![no_main]

use klaw::context::{RequestId, TraceParent, TraceState};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    if let Some(parent) = TraceParent::parse(input) {
        let written = parent.to_bytes();
        assert_eq!(TraceParent::parse(written), Some(parent));
        assert_eq!(parent.to_string().as_bytes(), written);
        // Version 00 is written as it was read; a later one keeps its ids.
        if input.starts_with(b"00") {
            assert_eq!(input, written);
        } else {
            assert_eq!(input[3..52], written[3..52]);
        }
    }
    if let Some(state) = TraceState::parse(input) {
        assert_eq!(TraceState::parse(state.as_str()), Some(state));
    }
    if let Ok(text) = core::str::from_utf8(input)
        && let Ok(id) = RequestId::new(text)
    {
        assert_eq!(id.as_str(), text);
    }
});
