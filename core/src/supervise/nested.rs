//! A supervisor as a child of another one.
//!
//! What its children leave when it ends, mailboxes above all, is not closed but handed to the next
//! run of it. The outermost supervisor that says that no run will follow closes it.

use super::{
    changes::requests::Requests,
    children::child::ChildSpec,
    children::drive::Factory,
    children::incarnation::{Control, Incarnation, Visible},
    children::set::{Chain, ChildSet},
    entry::Entry,
    events::event::{ChildId, SupervisorError},
    events::observer::Observer,
    run::Supervise,
    spec::{Restart, Shutdown},
    supervisor::Supervisor,
    tree::info::ChildKind,
    tree::snapshot::TreeView,
    tree::view::View,
};
use crate::{
    cancel::{CancelToken, WaitCancelled},
    sync::{Arc, AtomicBool, Lock, Ordering},
    time::Clock,
};
use core::{
    fmt,
    future::Pending,
    pin::Pin,
    task::{Context, Poll},
};
use pin_project_lite::pin_project;

/// Makes a child of a supervisor; for one that is added from the beginning use
/// [`Supervisor::supervisor`].
///
/// # Cancel safety
///
/// Dropping the future drops the children, in no particular order.
pub fn nested<Set, C, O, R>(running: Supervise<Set, C, Pending<()>, O, R>) -> Nested<Set, C, O, R>
where
    Set: ChildSet,
    C: Clock,
{
    let view = View::new();
    let order = Arc::new(Order {
        token: CancelToken::new(),
        for_good: AtomicBool::new(false),
        estate: Lock::new(Estate::Open),
        view: view.clone(),
    });
    let mut running = running.until(order.token.cancelled());
    running.view = view;
    running.machine.policy.may_return = true;
    running.children.keep();
    Nested { running, order, ready: false }
}

pin_project! {
    /// One run of a supervisor that is a child of another one; made by [`nested`].
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Nested<Set: ChildSet, C: Clock, O, R> {
        #[pin]
        running: Supervise<Set, C, WaitCancelled, O, R>,
        order: Arc<Order<Set::Left>>,
        ready: bool,
    }

    impl<Set: ChildSet, C: Clock, O, R> PinnedDrop for Nested<Set, C, O, R> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            let left = this.running.project().children.leave();
            this.order.leave(left);
        }
    }
}

/// What a nested supervisor is told, and what it leaves.
struct Order<L> {
    token: CancelToken,
    for_good: AtomicBool,
    estate: Lock<Estate<L>>,
    view: View,
}

enum Estate<L> {
    Open,
    Left(L),
    /// No further run will come.
    Closed,
}

impl<L> Order<L> {
    fn leave(&self, left: L) {
        let unwanted = self.estate.with(|estate| {
            if matches!(estate, Estate::Closed) {
                return Some(left);
            }
            *estate = Estate::Left(left);
            None
        });
        drop(unwanted);
    }

    fn take(&self, then: Estate<L>) -> Option<L> {
        match self.estate.with(|estate| core::mem::replace(estate, then)) {
            Estate::Left(left) => Some(left),
            Estate::Open | Estate::Closed => None,
        }
    }
}

/// How a nested supervisor is reached by the one that it is a child of.
pub struct NestedControl<L>(Arc<Order<L>>);

impl<L> Clone for NestedControl<L> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<L> Control for NestedControl<L> {
    fn stop(&self) -> bool {
        self.0.for_good.store(true, Ordering::Release);
        self.0.token.cancel("the supervisor stops");
        true
    }

    fn end_incarnation(&self) -> bool {
        self.0.token.cancel("the supervisor is restarted with its group");
        true
    }

    fn retire(&self) {
        drop(self.0.take(Estate::Closed));
    }

    fn visible(&self) -> Visible {
        Visible { mailbox: None, view: self.0.view.clone() }
    }
}

impl<Set, C, O, R> Future for Nested<Set, C, O, R>
where
    Set: ChildSet,
    C: Clock,
    O: Observer,
    R: Requests<Set::New>,
{
    type Output = Result<(), SupervisorError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if this.order.for_good.load(Ordering::Acquire) {
            this.running.as_mut().project().machine.policy.may_return = false;
        }
        let polled = this.running.as_mut().poll(cx);
        let failed_now = matches!(polled, Poll::Ready(Err(SupervisorError::StartFailed { .. })));
        *this.ready = *this.ready || !failed_now && this.running.as_mut().has_started();
        polled
    }
}

impl<Set, C, O, R> Incarnation for Nested<Set, C, O, R>
where
    Set: ChildSet,
    C: Clock,
    O: Observer,
    R: Requests<Set::New>,
{
    type Control = NestedControl<Set::Left>;

    const KIND: ChildKind = ChildKind::Supervisor;

    fn adopt(&mut self) -> Self::Control {
        NestedControl(self.order.clone())
    }

    fn inherit(&mut self, before: Self::Control) {
        if let Some(left) = before.0.take(Estate::Open) {
            self.running.children.inherit(left);
        }
    }

    fn is_ready(self: Pin<&mut Self>) -> bool {
        *self.project().ready
    }

    const READY: bool = false;
}

impl<Set: ChildSet, C: Clock, Stop, O, R> Supervise<Set, C, Stop, O, R> {
    /// Whether every child that was there from the beginning has been started, and none failed to.
    fn has_started(self: Pin<&mut Self>) -> bool {
        let this = self.project();
        if matches!(this.error, Some(SupervisorError::StartFailed { .. })) {
            return false;
        }
        let mut children = this.children;
        (0..children.as_mut().count())
            .all(|at| !children.as_mut().child(at).entry().is_first_start())
    }

    /// Lets others see the children while they run.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the children, in no particular order.
    pub fn seen(mut self) -> (Self, TreeView) {
        let view = TreeView(View::new());
        self.seen_by(&view);
        (self, view)
    }

    pub(crate) fn seen_by(&mut self, view: &TreeView) {
        self.view = view.0.clone();
    }
}

impl<Set, O> Supervisor<Set, O> {
    /// Adds a supervisor, of which `make` makes one run after the other.
    ///
    /// It is ready when all of its children are, and has as much time to stop as it needs, whatever
    /// [`shutdown`](Self::shutdown) says, as in OTP. When it has given up, and is run again, its
    /// actors go on with the mailboxes that they had.
    ///
    /// # Examples
    ///
    /// ```
    /// # use klaw::{Clock, Restart, Strategy, Supervisor, task};
    /// # fn nest<C: Clock + 'static>(clock: C) {
    /// let outer = Supervisor::new(Strategy::OneForOne).supervisor("pumps", Restart::Always, move || {
    ///     Supervisor::new(Strategy::OneForAll)
    ///         .child("pump", Restart::Always, || task(async { Err::<(), _>("no water") }))
    ///         .run(&clock)
    /// });
    /// # }
    /// ```
    #[allow(clippy::type_complexity, reason = "a chain of types, as with every child")]
    pub fn supervisor<In, C, P, R>(
        self,
        name: &'static str,
        restart: Restart,
        mut make: impl FnMut() -> Supervise<In, C, Pending<()>, P, R>,
    ) -> Supervisor<Chain<Set, ChildSpec<impl Factory<Future = Nested<In, C, P, R>>>>, O>
    where
        In: ChildSet,
        C: Clock,
        P: Observer,
        R: Requests<In::New>,
    {
        let id = ChildId { name, index: None };
        let entry = Entry::new(restart, Shutdown::Infinite);
        self.add(ChildSpec { id, entry, factory: move || nested(make()) })
    }
}

impl<Set: ChildSet, C: Clock, O, R> fmt::Debug for Nested<Set, C, O, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Nested").field("ready", &self.ready).finish_non_exhaustive()
    }
}

impl<L> fmt::Debug for NestedControl<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NestedControl").finish_non_exhaustive()
    }
}
