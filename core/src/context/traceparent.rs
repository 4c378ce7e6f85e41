//! The header `traceparent` of the W3C recommendation Trace Context.

use super::id::{SpanId, TraceFlags, TraceId};
use core::fmt;

/// How many characters a `traceparent` of version 00 has.
const LEN: usize = 55;

/// Where a trace stands, as one process tells another: the header `traceparent`.
///
/// # Examples
///
/// ```
/// use klaw::context::TraceParent;
///
/// let header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
/// let caller = TraceParent::parse(header).unwrap();
/// assert_eq!(caller.span_id.get(), 0x00f067aa0ba902b7);
/// assert_eq!(caller.to_string(), header);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TraceParent {
    /// The trace.
    pub trace_id: TraceId,
    /// The span of the caller.
    pub span_id: SpanId,
    /// What the caller says of the trace.
    pub flags: TraceFlags,
}

impl TraceParent {
    /// Reads the value of a header, without white space around it; `None` if it is malformed.
    ///
    /// The recommendation has a malformed header treated like a missing one. Later versions than 00
    /// are read as far as 00 goes, and of their flags only [`TraceFlags::SAMPLED`].
    pub fn parse(header: impl AsRef<[u8]>) -> Option<Self> {
        let (head, rest) = header.as_ref().split_first_chunk::<LEN>()?;
        let version = hex(&head[..2])?;
        let known = match version {
            0x00 if rest.is_empty() => u8::MAX,
            0x01..=0xfe if rest.first().is_none_or(|&next| next == b'-') => {
                TraceFlags::SAMPLED.bits()
            }
            _ => return None,
        };
        if [head[2], head[35], head[52]] != *b"---" {
            return None;
        }
        Some(Self {
            trace_id: TraceId::new(hex(&head[3..35])?)?,
            span_id: SpanId::new(u64::try_from(hex(&head[36..52])?).ok()?)?,
            flags: TraceFlags::from_bits(u8::try_from(hex(&head[53..])?).ok()? & known),
        })
    }

    /// The value of the header, in ASCII and version 00.
    pub fn to_bytes(self) -> [u8; LEN] {
        let mut header = [b'-'; LEN];
        write_hex(&mut header[..2], 0);
        write_hex(&mut header[3..35], self.trace_id.get());
        write_hex(&mut header[36..52], self.span_id.get().into());
        write_hex(&mut header[53..], self.flags.bits().into());
        header
    }
}

/// The value of at most 32 lower-case hexadecimal digits.
fn hex(digits: &[u8]) -> Option<u128> {
    digits.iter().try_fold(0, |value, digit| {
        let digit = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return None,
        };
        Some(value << 4 | u128::from(digit))
    })
}

/// Fills `digits` with the last digits of `value`.
fn write_hex(digits: &mut [u8], mut value: u128) {
    for digit in digits.iter_mut().rev() {
        *digit = b"0123456789abcdef"[(value & 0xf) as usize];
        value >>= 4;
    }
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{}-{}-{:02x}", self.trace_id, self.span_id, self.flags.bits())
    }
}
