//! A supervision tree that runs in the background.

use crate::{
    cancel::{CancelToken, WaitCancelled},
    context::{self, WithContext},
    supervise::{
        ChildId, ChildSet, GaveUp, Supervise, SupervisorError, TreeSnapshot, TreeView, View,
    },
    sync::{Arc, Lock},
    time::{Clock, Instant},
    wait::{Attempt, Flag, List, Until},
};
use core::{
    error::Error,
    fmt,
    pin::Pin,
    task::{Context, Poll},
};
use pin_project_lite::pin_project;

/// A handle on a supervision tree; dropping it lets the tree run on.
#[derive(Clone)]
pub struct Tree {
    stop: CancelToken,
    end: Arc<End>,
    view: TreeView,
}

struct End {
    result: Lock<Option<Result<(), TreeError>>>,
    over: Flag,
}

/// Why a supervision tree ended before it was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TreeError {
    /// A child failed before it was ready, as the tree started.
    StartFailed {
        /// Which child.
        child: ChildId,
    },
    /// A child needed one restart too many.
    GaveUp(GaveUp),
    /// The executor was dropped with the tree.
    Abandoned,
}

impl Tree {
    pub(super) fn new() -> Self {
        let end = End { result: Lock::new(None), over: Flag::new() };
        Self { stop: CancelToken::new(), end: Arc::new(end), view: TreeView(View::new()) }
    }

    pub(super) fn stop_requested(&self) -> WaitCancelled {
        self.stop.cancelled()
    }

    pub(super) fn task<Set: ChildSet, C: Clock, Stop, O, R>(
        &self,
        mut future: Supervise<Set, C, Stop, O, R>,
    ) -> TreeTask<Supervise<Set, C, Stop, O, R>>
    where
        Supervise<Set, C, Stop, O, R>: Future,
    {
        future.seen_by(&self.view);
        let future = context::Context::current().for_spawn().run(future);
        TreeTask { future: Some(future), report: Report(self.end.clone()) }
    }

    /// Asks the tree to stop, its children in reverse start order, and waits until it has ended.
    ///
    /// How long that takes is up to the children's [`Shutdown`](crate::Shutdown).
    ///
    /// # Errors
    ///
    /// [`TreeError`] if the tree had given up or was abandoned.
    ///
    /// # Cancel safety
    ///
    /// The request is made when this is called; dropping the future costs nothing.
    pub fn stop(&self) -> Joined {
        self.stop.cancel("the tree is stopped");
        self.join()
    }

    /// Waits until the tree has ended.
    ///
    /// # Errors
    ///
    /// [`TreeError`] if the tree gave up or was abandoned.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future costs nothing; the tree runs on.
    pub fn join(&self) -> Joined {
        Joined { until: Until::new(Over(self.end.clone())) }
    }

    /// The children as they are, `now` on the clock of the tree; see [`TreeView::snapshot`].
    pub fn snapshot(&self, now: Instant) -> TreeSnapshot {
        self.view.snapshot(now)
    }

    /// What can be seen of the children, without the means to stop them.
    pub const fn view(&self) -> &TreeView {
        &self.view
    }

    /// Whether the tree has ended.
    pub fn is_over(&self) -> bool {
        self.end.over.is_raised()
    }
}

struct Over(Arc<End>);

impl Attempt for Over {
    type Output = Result<(), TreeError>;

    fn attempt(&mut self) -> Poll<Self::Output> {
        if !self.0.over.is_raised() {
            return Poll::Pending;
        }
        self.0.result.with(|result| *result).map_or(Poll::Pending, Poll::Ready)
    }

    fn with_list<R>(&self, f: impl FnOnce(&mut List, bool) -> R) -> R {
        self.0.over.with_list(f)
    }
}

pin_project! {
    /// Completes when a supervision tree has ended; made by [`Tree::join`].
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Joined {
        #[pin]
        until: Until<Over>,
    }
}

impl Future for Joined {
    type Output = Result<(), TreeError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().until.poll(cx)
    }
}

pin_project! {
    /// The task of a supervision tree, which reports its end to its [`Tree`].
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct TreeTask<F> {
        #[pin]
        future: Option<WithContext<F>>,
        report: Report,
    }
}

struct Report(Arc<End>);

impl Report {
    fn send(&self, result: Result<(), TreeError>) {
        self.0.result.with(|slot| {
            slot.get_or_insert(result);
        });
        self.0.over.raise();
    }
}

impl Drop for Report {
    fn drop(&mut self) {
        self.send(Err(TreeError::Abandoned));
    }
}

impl<F: Future<Output = Result<(), SupervisorError>>> Future for TreeTask<F> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        let Some(future) = this.future.as_mut().as_pin_mut() else { return Poll::Ready(()) };
        let result = core::task::ready!(future.poll(cx));
        this.future.set(None);
        this.report.send(result.map_err(TreeError::from));
        Poll::Ready(())
    }
}

impl fmt::Display for TreeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StartFailed { child } => SupervisorError::StartFailed { child: *child }.fmt(f),
            Self::GaveUp(gave_up) => gave_up.fmt(f),
            Self::Abandoned => f.write_str("the executor was dropped with the supervision tree"),
        }
    }
}

impl Error for TreeError {}

impl From<SupervisorError> for TreeError {
    fn from(error: SupervisorError) -> Self {
        match error {
            SupervisorError::StartFailed { child } => Self::StartFailed { child },
            SupervisorError::GaveUp(gave_up) => Self::GaveUp(gave_up),
        }
    }
}

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tree").field("is_over", &self.is_over()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Joined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Joined").finish_non_exhaustive()
    }
}

impl<F> fmt::Debug for TreeTask<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TreeTask").finish_non_exhaustive()
    }
}
