//! A scope in place with something to do at its end, whatever ends it.

use super::{InPlaceBuilder, InPlaceScope};
use crate::{
    cancel::{Cancelled, timeout},
    scope::{
        Shield,
        node::{Handle, Node},
        trace,
    },
    time::Clock,
};

/// The scope that another one is in, as what is shielded from it holds it.
struct Around<'a>(&'a dyn Node);

impl Handle for Around<'_> {
    fn node(&self) -> &dyn Node {
        self.0
    }
}

impl<C: Clock> InPlaceBuilder<'_, C> {
    /// Runs `body` as [`run`](Self::run) does, then `cleanup`, whatever ended the body.
    ///
    /// The body is gone by then, with all that it held, and so are the scopes inside, whose cleanups ran
    /// before. No request to stop and no deadline reaches `cleanup`, from here or from above: the scopes
    /// around, whose time of grace may be over, wait until it is done, and they wait for the time of grace of
    /// this one before. Only the time for [cleanups](Self::cleanup) ends it early.
    ///
    /// If the scope is cancelled before it begins, neither of the two is polled. What `body` and
    /// `cleanup` both use they share, by shared references.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the body and the cleanup, wherever they are, and so does a panic of the
    /// body: without tasks there is nobody to hand the cleanup to. Scopes do not drop it, but a `select` or a
    /// timeout around it does; what must not be lost then belongs into a destructor.
    ///
    /// # Examples
    ///
    /// ```
    /// # async fn example<C: klaw::Clock>(clock: &C, radio: &Radio) -> Result<(), klaw::Cancelled> {
    /// # use core::time::Duration;
    /// # use klaw::scope::in_place;
    /// in_place(clock)
    ///     .timeout(Duration::from_secs(5))
    ///     .cleanup(Duration::from_millis(100))
    ///     .run_with_cleanup(async |_| radio.receive().await, radio.power_down())
    ///     .await
    /// # }
    /// # struct Radio;
    /// # impl Radio {
    /// #     async fn receive(&self) {}
    /// #     async fn power_down(&self) {}
    /// # }
    /// ```
    pub async fn run_with_cleanup<T>(
        self,
        body: impl AsyncFnOnce(&InPlaceScope<'_, C>) -> T,
        cleanup: impl Future<Output = ()>,
    ) -> Result<T, Cancelled> {
        let scope = self.open();
        let state = scope.state();
        let whole = async {
            if !state.begins() {
                return None;
            }
            let value = self.drive(body(&scope), state).await;
            if timeout(self.clock(), self.cleanup_limit(), cleanup).await.is_err() {
                trace::cleanup_dropped();
            }
            value
        };
        let value = match state.around() {
            Some(around) => Shield::new(whole, Around(around)).await,
            None => whole.await,
        };
        value.ok_or_else(|| state.why())
    }
}
