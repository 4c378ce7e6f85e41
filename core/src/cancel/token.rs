//! A sticky request to stop, and the handle by which it is made and heard.

use super::{
    Asking, Cancelled, Cause,
    children::{self, Children},
    request::Request,
    token_heap::Child,
};
use crate::{
    sync::{Arc, const_fn},
    wait::{Attempt, List, Until},
};
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};
use pin_project_lite::pin_project;

/// A request to stop, kept in a `static` where there is no heap.
///
/// # Examples
///
/// ```
/// static SHUTDOWN: klaw::Cancel = klaw::Cancel::new();
/// let token = SHUTDOWN.token();
/// token.cancel("battery low");
/// assert_eq!(token.reason(), Some("battery low"));
/// ```
pub struct Cancel {
    request: Request,
    children: Children,
}

/// A handle on one request to stop; clones are the same request.
///
/// The request is sticky: once made it stays, and every await on it returns at once. The first
/// reason is kept.
#[derive(Clone)]
pub struct CancelToken(pub(super) Held);

#[derive(Clone)]
pub(super) enum Held {
    Static(&'static Cancel),
    #[allow(dead_code, reason = "made only where there is a heap")]
    Shared(Arc<Cancel>),
    #[allow(dead_code, reason = "made only where there is a heap")]
    Child(Arc<Child>),
}

impl Cancel {
    const_fn! {
        /// A request that has not been made.
        #[must_use]
        pub const fn new() -> Self {
            Self { request: Request::new(), children: Children::new() }
        }
    }

    pub(super) fn raise(&self, cancelled: Cancelled) -> bool {
        self.request.raise(cancelled)
    }

    pub(super) fn answer(&self) -> Option<Cancelled> {
        self.request.answer()
    }

    #[allow(dead_code, reason = "there are none without a heap")]
    pub(super) const fn children(&self) -> &Children {
        &self.children
    }

    /// A handle on this request.
    pub const fn token(&'static self) -> CancelToken {
        CancelToken(Held::Static(self))
    }
}

impl Default for Cancel {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Cancel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cancel").field("cancelled", &self.answer()).finish_non_exhaustive()
    }
}

impl CancelToken {
    #[inline]
    pub(super) fn get(&self) -> &Cancel {
        match &self.0 {
            Held::Static(cancel) => cancel,
            Held::Shared(cancel) => cancel,
            Held::Child(child) => child.cancel(),
        }
    }

    #[inline]
    pub(crate) fn request(&self) -> &Request {
        &self.get().request
    }

    /// Asks everyone who holds this token or one below it to stop; true if nobody had asked before.
    ///
    /// The first request is kept: a later one, and one that comes from above, changes nothing.
    pub fn cancel(&self, reason: &'static str) -> bool {
        self.cancel_for(Cause::Asked, reason)
    }

    pub(crate) fn cancel_for(&self, cause: Cause, reason: &'static str) -> bool {
        self.cancel_as(self.request().answer_for(cause, reason))
    }

    /// Makes the request with an answer that was made elsewhere.
    pub(crate) fn cancel_as(&self, cancelled: Cancelled) -> bool {
        let cancel = self.get();
        let first = cancel.raise(cancelled);
        if first {
            children::pass_on(cancel.children.close(), |child| child.raise(cancelled));
        }
        first
    }

    /// Whether a stop was asked for.
    #[inline]
    pub fn is_cancelled(&self) -> bool {
        self.request().is_made()
    }

    /// Why a stop was asked for, if it was.
    pub fn reason(&self) -> Option<&'static str> {
        self.answer().map(|cancelled| cancelled.reason)
    }

    pub(crate) fn answer(&self) -> Option<Cancelled> {
        self.get().answer()
    }

    /// An early return for loops: an error once a stop was asked for.
    ///
    /// # Errors
    ///
    /// [`Cancelled`] with the reason.
    pub fn checkpoint(&self) -> Result<(), Cancelled> {
        self.request().checkpoint()
    }

    /// Waits until a stop is asked for.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future costs nothing.
    pub fn cancelled(&self) -> WaitCancelled {
        WaitCancelled { until: Until::new(self.clone()) }
    }
}

impl fmt::Debug for CancelToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancelToken").field("reason", &self.reason()).finish()
    }
}

impl Attempt for CancelToken {
    type Output = Cancelled;

    fn attempt(&mut self) -> Poll<Cancelled> {
        self.checkpoint().err().map_or(Poll::Pending, Poll::Ready)
    }

    fn with_list<R>(&self, f: impl FnOnce(&mut List, bool) -> R) -> R {
        self.request().with_list(f)
    }
}

/// For those who borrow the request instead of holding a token.
impl Attempt for &Request {
    type Output = Cancelled;

    fn attempt(&mut self) -> Poll<Cancelled> {
        self.checkpoint().err().map_or(Poll::Pending, Poll::Ready)
    }

    fn with_list<R>(&self, f: impl FnOnce(&mut List, bool) -> R) -> R {
        Request::with_list(self, f)
    }
}

pin_project! {
    /// Completes when a stop is asked for; made by [`CancelToken::cancelled`].
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct WaitCancelled {
        #[pin]
        until: Until<CancelToken>,
    }
}

impl Asking for WaitCancelled {
    fn answer(&self) -> Option<Cancelled> {
        self.token().answer()
    }
}

impl WaitCancelled {
    const fn token(&self) -> &CancelToken {
        self.until.operation()
    }
}

impl Future for WaitCancelled {
    type Output = Cancelled;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Cancelled> {
        self.project().until.poll(cx)
    }
}

impl fmt::Debug for WaitCancelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WaitCancelled").field(self.token()).finish()
    }
}
