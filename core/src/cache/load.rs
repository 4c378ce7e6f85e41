//! The task that loads one value.

use super::{
    error::LoadError,
    flight::{Flight, Outcome},
    shared::Shared,
};
use crate::{
    cancel::WaitCancelled,
    context::{Context, WithContext},
    panic::catch,
    spawn::SpawnErrorKind,
    sync::Arc,
    task::TaskSpan,
    time::Clock,
};
use core::{
    fmt,
    pin::Pin,
    task::{self, Poll},
};
use pin_project_lite::pin_project;

pin_project! {
    /// Loads one value for a cache; what its executor runs.
    ///
    /// It runs in the [context](crate::context) of the caller who began it, as every task that is
    /// started there.
    ///
    /// # Cancel safety
    ///
    /// Dropping it before it is done gives those who wait [`LoadError::Dropped`].
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Load<K, V, E, C, F>
    where
        K: Ord,
        K: Clone,
        C: Clock,
    {
        // Dropped before `landing`, which tells those who wait.
        #[pin]
        future: Option<WithContext<F>>,
        #[pin]
        abandoned: WaitCancelled,
        span: TaskSpan,
        landing: Landing<K, V, E, C>,
    }

    impl<K, V, E, C, F> PinnedDrop for Load<K, V, E, C, F>
    where
        K: Ord,
        K: Clone,
        C: Clock,
    {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            this.span.enter(|| this.future.set(None));
        }
    }
}

impl<K: Ord + Clone, V, E, C: Clock, F: Future> Load<K, V, E, C, F> {
    pub(super) fn new(future: F, landing: Landing<K, V, E, C>) -> Self {
        let abandoned = landing.flight.abandoned.cancelled();
        let future = Some(Context::current().for_spawn().run(future));
        Self { future, abandoned, span: TaskSpan::new("load"), landing }
    }

    /// The executor did not take it.
    pub(super) fn refuse(self, kind: SpawnErrorKind) {
        self.landing.land(Err(LoadError::Refused(kind)));
    }
}

impl<K: Ord + Clone, V, E, C: Clock, F: Future<Output = Result<V, E>>> Future
    for Load<K, V, E, C, F>
{
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<()> {
        let mut this = self.project();
        // First, so that a load that was given up goes no step further.
        let abandoned = this.abandoned.poll(cx).is_ready();
        let Some(future) = this.future.as_mut().as_pin_mut() else { return Poll::Ready(()) };
        let outcome = if abandoned {
            Err(LoadError::Dropped) // for nobody
        } else {
            match catch(|| this.span.enter(|| future.poll(cx))) {
                Ok(Poll::Pending) => return Poll::Pending,
                Ok(Poll::Ready(Ok(value))) => Ok(Arc::new(value)),
                Ok(Poll::Ready(Err(error))) => Err(LoadError::Failed(Arc::new(error))),
                Err(panic) => Err(LoadError::Panicked(Arc::new(panic))),
            }
        };
        let outcome = match catch(|| this.span.enter(|| this.future.set(None))) {
            Ok(()) => outcome,
            Err(panic) => Err(LoadError::Panicked(Arc::new(panic))),
        };
        this.landing.land(outcome);
        Poll::Ready(())
    }
}

impl<K: Ord + Clone, V, E, C: Clock, F> fmt::Debug for Load<K, V, E, C, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Load").finish_non_exhaustive()
    }
}

/// The duty to tell those who wait what came of a load.
pub(super) struct Landing<K: Ord + Clone, V, E, C: Clock> {
    pub(super) shared: Arc<Shared<K, V, E, C>>,
    pub(super) key: K,
    pub(super) flight: Arc<Flight<V, E>>,
}

impl<K: Ord + Clone, V, E, C: Clock> Landing<K, V, E, C> {
    fn land(&self, outcome: Outcome<V, E>) {
        self.shared.land(&self.key, &self.flight, outcome);
    }
}

impl<K: Ord + Clone, V, E, C: Clock> Drop for Landing<K, V, E, C> {
    fn drop(&mut self) {
        if !self.flight.is_landed() {
            self.land(Err(LoadError::Dropped));
        }
    }
}
