//! Work that is done at the end of a scope, whatever ends it.

use super::{Scope, cleanups::Turn, shared::Shared, trace};
use crate::{
    cancel::WaitCancelled,
    context::Context as TaskContext,
    spawn::{Spawn, SpawnError},
    sync::Arc,
    task::TaskSpan,
    time::Clock,
};
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};
use pin_project_lite::pin_project;

impl<S, C: Clock> Scope<S, C> {
    /// Has `cleanup` done after everything else in the scope is gone, before what was deferred
    /// earlier.
    ///
    /// It runs as a task of its own, whatever becomes of the body: also when the scope is cancelled,
    /// or its future dropped. Only the time for [cleanups](super::ScopeBuilder::cleanup) ends it
    /// early. It is taken for as long as it can be done: after a request to stop, too, and from
    /// another cleanup.
    ///
    /// # Errors
    ///
    /// [`SpawnError`] with `cleanup` if the scope has ended, its cleanups included, or the executor
    /// did not take it.
    pub fn defer<F>(&self, cleanup: F) -> Result<(), SpawnError<F>>
    where
        F: Future<Output = ()>,
        S: Spawn<Deferred<F, C>>,
    {
        let shared = self.shared();
        let turn = Turn::new();
        if !shared.push_cleanup(turn.link()) {
            return Err(SpawnError::closed(Some(cleanup)));
        }
        let deferred = Deferred {
            cleanup: Some(cleanup),
            started: false,
            timer: None,
            come: turn.wait(),
            place: Place { shared: shared.clone(), turn },
            clock: self.runtime().clock().clone(),
            context: TaskContext::current().for_spawn(),
            span: TaskSpan::new("cleanup"),
        };
        self.runtime().spawner().spawn(deferred).map_err(|error| {
            let refused = error.refused.and_then(Deferred::into_inner);
            SpawnError { kind: error.kind, refused }
        })
    }
}

pin_project! {
    /// The task of one cleanup; made by [`Scope::defer`].
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Deferred<F, C: Clock> {
        #[pin]
        cleanup: Option<F>,
        started: bool,
        #[pin]
        timer: Option<C::Sleep>,
        #[pin]
        come: WaitCancelled,
        clock: C,
        context: TaskContext,
        span: TaskSpan,
        // The last field, so that whatever comes next comes after the cleanup is gone.
        place: Place,
    }

    impl<F, C: Clock> PinnedDrop for Deferred<F, C> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            this.span.enter(|| this.context.enter_mut(|| this.cleanup.set(None)));
        }
    }
}

/// A place among the cleanups; the next one's turn comes when it is dropped.
struct Place {
    shared: Arc<Shared>,
    turn: Turn,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.shared.cleanup_gone(&self.turn);
    }
}

impl<F, C: Clock> Deferred<F, C> {
    fn into_inner(mut self) -> Option<F> {
        self.cleanup.take()
    }
}

impl<F: Future<Output = ()>, C: Clock> Future for Deferred<F, C> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        if !*this.started {
            ready!(this.come.poll(cx));
            *this.started = true;
            let until = this.place.shared.cleanups_until();
            this.timer.set(Some(this.clock.sleep_until(until)));
        }
        let (context, cleanup) = (this.context, &mut this.cleanup);
        let done = this.span.enter(|| {
            context.enter_mut(|| {
                let done = match cleanup.as_mut().as_pin_mut() {
                    Some(cleanup) => cleanup.poll(cx).is_ready(),
                    None => true,
                };
                if done {
                    cleanup.set(None);
                }
                done
            })
        });
        if done {
            return Poll::Ready(());
        }
        if let Some(timer) = this.timer.as_pin_mut() {
            ready!(timer.poll(cx));
        }
        trace::cleanup_dropped();
        this.span.enter(|| context.enter_mut(|| cleanup.set(None)));
        Poll::Ready(())
    }
}

impl<F, C: Clock> fmt::Debug for Deferred<F, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deferred").field("started", &self.started).finish_non_exhaustive()
    }
}
