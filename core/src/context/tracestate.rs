//! The header `tracestate`: passed on, never looked into.

use alloc::{boxed::Box, string::String};
use core::fmt;

/// What the systems that a trace came through say of it: the header `tracestate`, passed on as it is.
///
/// # Examples
///
/// ```
/// use klaw::context::TraceState;
///
/// let state = TraceState::parse("rojo=00f067aa0ba902b7,congo=t61rcWkgMzE").unwrap();
/// assert_eq!(state.as_str(), "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE");
/// assert!(TraceState::parse("a=1\r\nCookie: b").is_none());
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TraceState(Box<str>);

impl TraceState {
    /// How long it may be, in bytes: what the recommendation has everyone pass on at least.
    pub const MAX_LEN: usize = 512;

    /// Keeps the value of a header; `None` if it is empty, too long, or cannot stand in a header.
    pub fn parse(header: impl AsRef<[u8]>) -> Option<Self> {
        let header = header.as_ref();
        let stands = |&byte: &u8| matches!(byte, b'\t' | b' '..=b'~');
        if header.is_empty() || header.len() > Self::MAX_LEN || !header.iter().all(stands) {
            return None;
        }
        let text: String = header.iter().map(|&byte| char::from(byte)).collect();
        Some(Self(text.into()))
    }

    /// The value of the header.
    pub const fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TraceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for TraceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}
