//! The answer of something that was asked to stop.

use super::CancelToken;
use core::{error::Error, fmt, ptr};

/// The answer of something that was asked to stop before it was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cancelled {
    /// Why, in the words of who asked first.
    pub reason: &'static str,
    /// What kind of request it was.
    pub cause: Cause,
    /// Whose request it was: everything below it in the tree gives the same answer.
    pub origin: Origin,
}

/// What asked something to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
// A whole word, since it is also where `Result<T, JoinError>` has its tag: bytes of padding beside that
// would be copied along, in pieces that overlap, for which a processor waits.
#[repr(usize)]
pub enum Cause {
    /// A call of `cancel`.
    Asked,
    /// The deadline of a scope.
    Timeout,
    /// A task of a scope that failed or panicked, and whose scope ends the others then.
    Failed,
    /// The future that had to wait for it was dropped.
    Dropped,
}

/// The token that a request to stop was made on, to be compared.
///
/// It tells tokens apart as long as that token lives.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Origin(usize);

impl Origin {
    pub(crate) fn of<T>(request: &T) -> Self {
        Self(ptr::from_ref(request).addr())
    }
}

impl Cancelled {
    /// Whether the request was made on `token` itself, and not above it.
    ///
    /// # Examples
    ///
    /// ```
    /// let outer = klaw::CancelToken::new();
    /// let inner = outer.child_token();
    /// outer.cancel("shutdown");
    /// let cancelled = inner.checkpoint().unwrap_err();
    /// assert!(cancelled.is_from(&outer) && !cancelled.is_from(&inner));
    /// ```
    pub fn is_from(&self, token: &CancelToken) -> bool {
        self.origin == Origin::of(token.request())
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Origin({:#x})", self.0)
    }
}

impl fmt::Display for Cancelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cancelled: {}", self.reason)
    }
}

impl Error for Cancelled {}
