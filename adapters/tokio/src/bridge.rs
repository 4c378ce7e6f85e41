//! Tokens of tokio-util and of klaw.

use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};
use klaw::{CancelToken, cancel::WaitCancelled};
use pin_project_lite::pin_project;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

pin_project! {
    /// Passes a request to stop on, from a token of one kind to a new one of the other.
    ///
    /// Made from a `CancellationToken`, it has a [`CancelToken`] below that; made from a
    /// `CancelToken`, a `CancellationToken`. As in each tree of tokens, a request goes down and not
    /// up. Requests are passed on when this future is polled: spawn it, or await it beside what is to
    /// be stopped. It completes when either token is cancelled; dropping it unties them.
    ///
    /// # Examples
    ///
    /// ```
    /// use klaw_tokio::CancelBridge;
    /// use tokio_util::sync::CancellationToken;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let shutdown = CancellationToken::new();
    /// let bridge = CancelBridge::from(shutdown.clone());
    /// let token = bridge.cancel_token();
    /// tokio::spawn(bridge);
    /// shutdown.cancel();
    /// assert_eq!(token.cancelled().await.reason, "a CancellationToken was cancelled");
    /// # }
    /// ```
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct CancelBridge {
        klaw: CancelToken,
        tokio: CancellationToken,
        #[pin]
        klaws_turn: WaitCancelled,
        #[pin]
        tokios_turn: WaitForCancellationFutureOwned,
        down: Down,
    }
}

/// Which of the two is below.
#[derive(Clone, Copy)]
enum Down {
    Klaw,
    Tokio,
}

impl CancelBridge {
    fn new(klaw: CancelToken, tokio: CancellationToken, down: Down) -> Self {
        let klaws_turn = klaw.cancelled();
        let tokios_turn = tokio.clone().cancelled_owned();
        pass_on(&klaw, &tokio, down);
        Self { klaw, tokio, klaws_turn, tokios_turn, down }
    }

    /// The token on klaw's side.
    pub fn cancel_token(&self) -> CancelToken {
        self.klaw.clone()
    }

    /// The token on tokio's side.
    pub fn cancellation_token(&self) -> CancellationToken {
        self.tokio.clone()
    }
}

/// Cancels the one below if the one above is.
fn pass_on(klaw: &CancelToken, tokio: &CancellationToken, down: Down) {
    match down {
        Down::Klaw if tokio.is_cancelled() => {
            klaw.cancel("a CancellationToken was cancelled");
        }
        Down::Tokio if klaw.is_cancelled() => tokio.cancel(),
        Down::Klaw | Down::Tokio => {}
    }
}

impl From<CancellationToken> for CancelBridge {
    fn from(above: CancellationToken) -> Self {
        Self::new(CancelToken::new(), above, Down::Klaw)
    }
}

impl From<CancelToken> for CancelBridge {
    fn from(above: CancelToken) -> Self {
        Self::new(above, CancellationToken::new(), Down::Tokio)
    }
}

impl Future for CancelBridge {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        let klaw = this.klaws_turn.poll(cx).is_ready();
        let tokio = this.tokios_turn.poll(cx).is_ready();
        if !(klaw || tokio) {
            return Poll::Pending;
        }
        pass_on(this.klaw, this.tokio, *this.down);
        Poll::Ready(())
    }
}

impl fmt::Debug for CancelBridge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let above = match self.down {
            Down::Klaw => "CancellationToken",
            Down::Tokio => "CancelToken",
        };
        f.debug_struct("CancelBridge").field("above", &above).finish_non_exhaustive()
    }
}
