//! The id of a request, in a place of its own.

use core::{error::Error, fmt, str};
use heapless::String;

/// Names a request as its origin did, in at most 64 bytes and without a heap.
///
/// # Examples
///
/// ```
/// use klaw::context::RequestId;
///
/// let id = RequestId::new("7f9c2ba4-e88f-827d-6160-455079c4e3d2")?;
/// assert_eq!(id.as_str().len(), 36);
/// assert!(RequestId::new(&"x".repeat(65)).is_err());
/// # Ok::<(), klaw::context::RequestIdTooLong>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RequestId(String<{ Self::MAX_LEN }>);

impl RequestId {
    /// How long it may be, in bytes.
    pub const MAX_LEN: usize = 64;

    /// An id that is `text`.
    ///
    /// # Errors
    ///
    /// [`RequestIdTooLong`] if it has more than [`MAX_LEN`](Self::MAX_LEN) bytes. It is not cut: two
    /// requests could have the same id then.
    pub fn new(text: &str) -> Result<Self, RequestIdTooLong> {
        let too_long = RequestIdTooLong { len: text.len() };
        String::try_from(text).map(Self).map_err(|_| too_long)
    }

    /// The text of it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl str::FromStr for RequestId {
    type Err = RequestIdTooLong;

    fn from_str(text: &str) -> Result<Self, RequestIdTooLong> {
        Self::new(text)
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

/// The text is too long to be a [`RequestId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestIdTooLong {
    /// How long it is, in bytes.
    pub len: usize,
}

impl fmt::Display for RequestIdTooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let most = RequestId::MAX_LEN;
        write!(f, "a request id of {} bytes, where {most} are the most", self.len)
    }
}

impl Error for RequestIdTooLong {}
