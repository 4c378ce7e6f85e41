//! A sticky request to stop, and the handle by which it is made and heard.

use crate::{
    sync::{Arc, Lock, const_fn},
    wait::{Attempt, Flag, List, Until},
};
use core::{
    error::Error,
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
    asked: Flag,
    reason: Lock<Option<&'static str>>,
}

/// A handle on one request to stop; clones are the same request.
///
/// The request is sticky: once made it stays, and every await on it returns at once. The first
/// reason is kept.
#[derive(Clone)]
pub struct CancelToken(Held);

#[derive(Clone)]
enum Held {
    Static(&'static Cancel),
    #[allow(dead_code, reason = "made only where there is a heap")]
    Shared(Arc<Cancel>),
}

/// The answer of something that was asked to stop before it was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cancelled {
    /// Why, in the words of who asked first.
    pub reason: &'static str,
}

impl Cancel {
    const_fn! {
        /// A request that has not been made.
        #[must_use]
        pub const fn new() -> Self {
            Self { asked: Flag::new(), reason: Lock::new(None) }
        }
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
        f.debug_struct("Cancel").field("reason", &self.reason.with(|reason| *reason)).finish()
    }
}

impl CancelToken {
    #[allow(dead_code, reason = "made only where there is a heap")]
    pub(super) const fn shared(cancel: Arc<Cancel>) -> Self {
        Self(Held::Shared(cancel))
    }

    fn get(&self) -> &Cancel {
        match &self.0 {
            Held::Static(cancel) => cancel,
            Held::Shared(cancel) => cancel,
        }
    }

    /// Asks everyone who holds this token to stop; true if nobody had asked before.
    pub fn cancel(&self, reason: &'static str) -> bool {
        let first = self.get().reason.with(|slot| {
            let first = slot.is_none();
            slot.get_or_insert(reason);
            first
        });
        self.get().asked.raise();
        first
    }

    /// Whether a stop was asked for.
    pub fn is_cancelled(&self) -> bool {
        self.get().asked.is_raised()
    }

    /// Why a stop was asked for, if it was.
    pub fn reason(&self) -> Option<&'static str> {
        self.get().reason.with(|reason| *reason)
    }

    /// An early return for loops: an error once a stop was asked for.
    ///
    /// # Errors
    ///
    /// [`Cancelled`] with the reason.
    pub fn checkpoint(&self) -> Result<(), Cancelled> {
        if self.is_cancelled() { Err(self.answer()) } else { Ok(()) }
    }

    /// Waits until a stop is asked for.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future costs nothing.
    pub fn cancelled(&self) -> WaitCancelled {
        WaitCancelled { until: Until::new(self.clone()) }
    }

    /// Runs `future` until it is done or a stop is asked for; then it is dropped.
    ///
    /// A future that is done in the poll in which the request arrives gives its value. If the
    /// request was made before, the future is not polled at all.
    ///
    /// # Errors
    ///
    /// [`Cancelled`] if the request came first.
    ///
    /// # Cancel safety
    ///
    /// Dropping the returned future drops `future`, nothing else.
    pub fn run<F: Future>(&self, future: F) -> RunUntilCancelled<F> {
        RunUntilCancelled { future, started: false, cancelled: self.cancelled() }
    }

    fn answer(&self) -> Cancelled {
        Cancelled { reason: self.reason().unwrap_or("cancelled") }
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
        self.get().asked.with_list(f)
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

impl WaitCancelled {
    fn token(&self) -> &CancelToken {
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

pin_project! {
    /// Runs a future until a stop is asked for; made by [`CancelToken::run`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct RunUntilCancelled<F> {
        #[pin]
        future: F,
        started: bool,
        #[pin]
        cancelled: WaitCancelled,
    }
}

impl<F: Future> Future for RunUntilCancelled<F> {
    type Output = Result<F::Output, Cancelled>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if !core::mem::replace(this.started, true)
            && let Err(cancelled) = this.cancelled.token().checkpoint()
        {
            return Poll::Ready(Err(cancelled));
        }
        if let Poll::Ready(value) = this.future.poll(cx) {
            return Poll::Ready(Ok(value));
        }
        this.cancelled.poll(cx).map(Err)
    }
}

impl fmt::Display for Cancelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cancelled: {}", self.reason)
    }
}

impl Error for Cancelled {}
