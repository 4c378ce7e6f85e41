//! The headers of the W3C recommendation Trace Context.

use klaw::context::{SpanId, TraceFlags, TraceId, TraceParent};
use proptest::prelude::*;

const TRACE: u128 = 0x1234_5678_9012_3456_7890_1234_5678_9012;
const SPAN: u64 = 0x1234_5678_9012_3456;

#[test]
fn x7_what_the_recommendation_has_accepted() {
    let flags = TraceFlags::from_bits;
    for (header, expected) in [
        ("00-12345678901234567890123456789012-1234567890123456-00", flags(0)),
        ("00-12345678901234567890123456789012-1234567890123456-01", TraceFlags::SAMPLED),
        ("00-12345678901234567890123456789012-1234567890123456-03", flags(3)),
        // Flags without a meaning are left out.
        ("00-12345678901234567890123456789012-1234567890123456-fd", TraceFlags::SAMPLED),
        // Later versions: as far as 00 goes, and then nothing or a dash.
        ("cc-12345678901234567890123456789012-1234567890123456-01", TraceFlags::SAMPLED),
        ("cc-12345678901234567890123456789012-1234567890123456-03", TraceFlags::SAMPLED),
        ("01-12345678901234567890123456789012-1234567890123456-00", flags(0)),
        ("fe-12345678901234567890123456789012-1234567890123456-00-", flags(0)),
        (
            "cc-12345678901234567890123456789012-1234567890123456-01-what-the-future-will-be-like",
            TraceFlags::SAMPLED,
        ),
    ] {
        let parsed = TraceParent::parse(header).unwrap_or_else(|| panic!("{header} is valid"));
        assert_eq!(parsed.trace_id.get(), TRACE, "{header}");
        assert_eq!(parsed.span_id.get(), SPAN, "{header}");
        assert_eq!(parsed.flags, expected, "{header}");
    }
}

#[test]
fn x7_what_is_malformed_is_absent() {
    for header in [
        "",
        "00",
        "00-",
        // Version.
        "ff-12345678901234567890123456789012-1234567890123456-01",
        "FF-12345678901234567890123456789012-1234567890123456-01",
        "cC-12345678901234567890123456789012-1234567890123456-01",
        ".0-12345678901234567890123456789012-1234567890123456-01",
        "0.-12345678901234567890123456789012-1234567890123456-01",
        "000-12345678901234567890123456789012-1234567890123456-01",
        "0000-12345678901234567890123456789012-1234567890123456-01",
        "0-12345678901234567890123456789012-1234567890123456-01",
        // What follows.
        "00-12345678901234567890123456789012-1234567890123456-01.",
        "00-12345678901234567890123456789012-1234567890123456-01-",
        "00-12345678901234567890123456789012-1234567890123456-01-what-the-future-will-be-like",
        "cc-12345678901234567890123456789012-1234567890123456-01.what-the-future-will-not-be-like",
        "cc-12345678901234567890123456789012-1234567890123456-010",
        // Trace id.
        "00-00000000000000000000000000000000-1234567890123456-01",
        "00-.2345678901234567890123456789012-1234567890123456-01",
        "00-1234567890123456789012345678901.-1234567890123456-01",
        "00-1234567890123456789012345678901A-1234567890123456-01",
        "00-123456789012345678901234567890123-1234567890123456-01",
        "00-1234567890123456789012345678901-1234567890123456-01",
        "00-1234567890123456789012345678901-12345678901234567-01",
        // Span id.
        "00-12345678901234567890123456789012-0000000000000000-01",
        "00-12345678901234567890123456789012-.234567890123456-01",
        "00-12345678901234567890123456789012-123456789012345.-01",
        "00-12345678901234567890123456789012-123456789012345F-01",
        "00-12345678901234567890123456789012-12345678901234567-01",
        "00-12345678901234567890123456789012-123456789012345-01",
        "00-12345678901234567890123456789012-123456789012345-001",
        // Flags.
        "00-12345678901234567890123456789012-1234567890123456-.0",
        "00-12345678901234567890123456789012-1234567890123456-0.",
        "00-12345678901234567890123456789012-1234567890123456-0A",
        "00-12345678901234567890123456789012-1234567890123456-001",
        "00-12345678901234567890123456789012-1234567890123456-1",
        "00-12345678901234567890123456789012-1234567890123456",
        "00-12345678901234567890123456789012-1234567890123456-",
        // Dashes and what looks like digits.
        "00_12345678901234567890123456789012-1234567890123456-01",
        "00-12345678901234567890123456789012_1234567890123456-01",
        "00-12345678901234567890123456789012-1234567890123456_01",
        "00-+2345678901234567890123456789012-1234567890123456-01",
        " 0-12345678901234567890123456789012-1234567890123456-01",
        "00-１2345678901234567890123456789-1234567890123456-01",
    ] {
        assert_eq!(TraceParent::parse(header), None, "{header}");
    }
}

#[test]
fn x7_the_header_is_55_characters_in_lower_case() {
    let parent = TraceParent {
        trace_id: TraceId::new(0xABC).unwrap(),
        span_id: SpanId::new(0xDEF).unwrap(),
        flags: TraceFlags::SAMPLED,
    };
    let header = parent.to_bytes();
    assert_eq!(&header, b"00-00000000000000000000000000000abc-0000000000000def-01");
    assert_eq!(parent.to_string().as_bytes(), header);
}

#[cfg(feature = "alloc")]
#[test]
fn x7_a_tracestate_is_opaque_bounded_and_fit_for_a_header() {
    let kept =
        |text: &str| klaw::context::TraceState::parse(text).map(|state| state.as_str().to_owned());
    for text in ["a=1", "not a list at all!", " a=1\t, b = 2 ,,", &"x".repeat(512)] {
        assert_eq!(kept(text).as_deref(), Some(text));
    }
    for text in ["", "a=1\n", "a=1\r\nCookie: b", "a=\0", "a=\x7f", "a=ü", &"x".repeat(513)] {
        assert_eq!(kept(text), None, "{text:?}");
    }
}

/// Text that is a header but for a few characters.
fn nearly() -> impl Strategy<Value = Vec<u8>> {
    let edits = prop::collection::vec((0_usize..60, any::<u8>()), 0..3);
    ("[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-[a-z]{0,4})?", edits).prop_map(
        |(header, edits)| {
            let mut header = header.into_bytes();
            for (at, byte) in edits {
                match header.get_mut(at) {
                    Some(place) => *place = byte,
                    None => header.truncate(at - 10),
                }
            }
            header
        },
    )
}

proptest! {
    #[test]
    fn x7_formatting_and_parsing_are_inverse(
        trace in 1_u128.., span in 1_u64.., bits: u8,
    ) {
        let parent = TraceParent {
            trace_id: TraceId::new(trace).unwrap(),
            span_id: SpanId::new(span).unwrap(),
            flags: TraceFlags::from_bits(bits),
        };
        prop_assert_eq!(TraceParent::parse(parent.to_bytes()), Some(parent));
        prop_assert_eq!(TraceParent::parse(parent.to_string()), Some(parent));
    }

    #[test]
    fn x7_no_input_panics(bytes: Vec<u8>) {
        let _parent = TraceParent::parse(&bytes);
        #[cfg(feature = "alloc")]
        let _state = klaw::context::TraceState::parse(&bytes);
    }

    #[test]
    fn x7_what_is_accepted_has_the_form(header in nearly()) {
        let Some(parent) = TraceParent::parse(&header) else { return Ok(()) };
        prop_assert!(header.len() == 55 || (header[..2] != *b"00" && header[55] == b'-'));
        prop_assert_ne!(&header[..2], b"ff");
        // The ids are taken as they stand.
        prop_assert_eq!(&parent.to_bytes()[2..53], &header[2..53]);
    }
}
