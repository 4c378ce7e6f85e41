//! A child: how it is specified, and how it runs.

use super::{
    drive::{Drive, ErrorOf, Factory},
    incarnation::{Control, Incarnation, Retire, Visible},
};
use crate::supervise::{
    entry::Entry,
    events::event::ChildId,
    machine::End,
    spec::{Restart, Shutdown},
    tree::info::ChildKind,
    tree::view::View,
};
use crate::{
    actor::Exit,
    panic::{Panic, catch},
};
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use pin_project_lite::pin_project;

/// A child as specified: who it is, how it is made and treated.
#[derive(Clone, Copy, Debug)]
pub struct ChildSpec<F> {
    pub(in crate::supervise) id: ChildId,
    pub(in crate::supervise) entry: Entry,
    pub(in crate::supervise) factory: F,
}

impl<F: Factory> ChildSpec<F> {
    /// A child of its own, to be added to a running supervisor.
    pub const fn new(id: ChildId, restart: Restart, shutdown: Shutdown, factory: F) -> Self {
        Self { id, entry: Entry::new(restart, shutdown), factory }
    }

    /// Makes the child significant, see [`AutoShutdown`](crate::supervise::AutoShutdown).
    ///
    /// A supervisor refuses it if it is restarted always.
    pub const fn significant(mut self) -> Self {
        self.entry.significant = true;
        self
    }

    /// Makes the child ready to be run by `driver`.
    pub fn build<D: Drive<F::Future>>(self, driver: &D) -> Child<D, F> {
        Child::new(self, driver)
    }
}

/// How the incarnations that a factory makes are reached.
pub(in crate::supervise) type ControlOf<F> = <<F as Factory>::Future as Incarnation>::Control;

pin_project! {
    /// A child that can run.
    pub struct Child<D: Drive<F::Future>, F: Factory> {
        name: &'static str,
        entry: Entry,
        factory: F,
        driver: D,
        #[pin]
        run: D::Run,
        // A factory that panicked instead of making a future.
        unmade: Option<Panic>,
        // How the last incarnation ended, until that has been told.
        last: Last<ErrorOf<F::Future>>,
        // Killed by its supervisor, which has said so.
        doomed: bool,
        // What outlives the incarnations; closed after the destructors of the last one ran.
        control: Retire<<F::Future as Incarnation>::Control>,
        // Its supervisor may be run again, and then takes over what the child leaves.
        kept: bool,
    }

    impl<D: Drive<F::Future>, F: Factory> PinnedDrop for Child<D, F> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            let last = Retire(this.control.0.take());
            D::abandon(this.run, last);
        }
    }
}

/// How an incarnation ended, as far as others are told of it.
pub(in crate::supervise) enum Last<E> {
    /// Without a failure, or it was told.
    Quiet,
    /// For good, since it was asked to.
    Stopped,
    Failed(E),
    CutShort(CutShort),
}

/// An end of an incarnation that gave no error. It prints as the same [`Exit`] does, but is the same
/// type for all children, so its text and what prints it are there once.
#[derive(Debug)]
pub(in crate::supervise) enum CutShort {
    Panicked(#[allow(dead_code, reason = "printed")] Panic),
    Killed,
    Abandoned,
}

impl<E: fmt::Debug> Last<E> {
    /// What is told of `exit`, and how the machine takes it; a `doomed` child was killed by its supervisor.
    #[inline]
    pub(in crate::supervise) fn of(exit: Exit<E>, doomed: bool) -> (End, Self) {
        match exit {
            Exit::Normal => (End::Normal, Self::Quiet),
            Exit::Stopped => (End::Stopped, Self::Stopped),
            Exit::Failed(error) => (End::Failed, Self::Failed(error)),
            Exit::Panicked(panic) => (End::Failed, Self::CutShort(CutShort::Panicked(panic))),
            Exit::Killed if doomed => (End::Failed, Self::Quiet),
            Exit::Killed => (End::Failed, Self::CutShort(CutShort::Killed)),
            Exit::Abandoned => (End::Failed, Self::CutShort(CutShort::Abandoned)),
        }
    }

    /// The failure, if it was one and is to be told.
    #[inline]
    pub(in crate::supervise) fn error(&self) -> Option<&dyn fmt::Debug> {
        match self {
            Self::Quiet | Self::Stopped => None,
            Self::Failed(error) => Some(error),
            Self::CutShort(how) => Some(how),
        }
    }
}

impl<D: Drive<F::Future>, F: Factory> Child<D, F> {
    pub(in crate::supervise) fn new(spec: ChildSpec<F>, driver: &D) -> Self {
        let ChildSpec { id, entry, factory } = spec;
        let control = Retire(factory.control().cloned());
        Self {
            name: id.name,
            entry: entry.numbered(id.index),
            factory,
            driver: driver.clone(),
            run: D::Run::default(),
            unmade: None,
            last: Last::Quiet,
            control,
            kept: false,
            doomed: false,
        }
    }
}

/// What a child leaves to the next run of its supervisor.
impl<D: Drive<F::Future>, F: Factory> Child<D, F> {
    pub(in crate::supervise) fn keep(&mut self) {
        self.kept = true;
    }

    #[allow(dead_code, reason = "used only where there is a heap")]
    pub(in crate::supervise) fn keep_pinned(self: Pin<&mut Self>) {
        *self.project().kept = true;
    }

    #[allow(dead_code, reason = "used only where there is a heap")]
    pub(in crate::supervise) fn is_kept(self: Pin<&mut Self>) -> bool {
        *self.project().kept
    }

    /// Takes over what the same child left, unless it is what it has already.
    pub(in crate::supervise) fn inherit(&mut self, left: Retire<ControlOf<F>>) {
        take_over(&mut self.control, left);
    }

    #[allow(dead_code, reason = "used only where there is a heap")]
    pub(in crate::supervise) fn inherit_pinned(self: Pin<&mut Self>, left: Retire<ControlOf<F>>) {
        take_over(self.project().control, left);
    }

    pub(in crate::supervise) fn leave(self: Pin<&mut Self>) -> Retire<ControlOf<F>> {
        Retire(self.project().control.0.take())
    }
}

fn take_over<C: Control>(own: &mut Retire<C>, mut left: Retire<C>) {
    let same = match (&own.0, &left.0) {
        (Some(own), Some(left)) => own.is_same(left),
        _ => false,
    };
    if own.0.is_none() {
        own.0 = left.0.take();
    } else if same {
        // One of the two is enough; the other one is not retired.
        left.0 = None;
    }
}

/// A child that can run, whatever its kind.
///
/// Everything is asked of the pinned child: its future may lie in it and hold references into
/// itself, so there is never a shared reference to the whole.
pub trait AnyChild {
    /// Who it is.
    fn id(self: Pin<&mut Self>) -> ChildId;

    /// What its supervisor knows of it.
    fn entry(self: Pin<&mut Self>) -> &mut Entry;

    /// Starts the next incarnation.
    fn start(self: Pin<&mut Self>);

    /// Waits for the end of the incarnation.
    fn poll_exit(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<End>;

    /// Whether the incarnation is ready, or was before it ended.
    fn is_ready(self: Pin<&mut Self>) -> bool;

    /// The failure that the last incarnation ended by, if it did.
    ///
    /// A kill by the supervisor is none.
    fn error(self: Pin<&mut Self>) -> Option<&dyn fmt::Debug>;

    /// Drops the failure that the last incarnation ended by.
    fn forget_error(self: Pin<&mut Self>);

    /// How long to wait before the next restart; `quiet` if the child has run for long.
    fn delay(self: Pin<&mut Self>, quiet: bool) -> Duration;

    /// Asks the child to end for good; false if it has no way to be asked.
    fn stop(self: Pin<&mut Self>) -> bool;

    /// Asks the incarnation to end; false if it has no way to be asked.
    fn end_incarnation(self: Pin<&mut Self>) -> bool;

    /// Drops the incarnation where it stands.
    fn kill(self: Pin<&mut Self>);

    /// The child will have no further incarnation.
    fn retire(self: Pin<&mut Self>);

    /// What kind of child it is.
    fn kind(self: Pin<&mut Self>) -> ChildKind;

    /// What there is to be seen of it.
    fn visible(self: Pin<&mut Self>) -> Visible;
}

impl<D: Drive<F::Future>, F: Factory> AnyChild for Child<D, F> {
    fn id(self: Pin<&mut Self>) -> ChildId {
        let this = self.project();
        this.entry.id(this.name)
    }

    fn entry(self: Pin<&mut Self>) -> &mut Entry {
        self.project().entry
    }

    fn start(self: Pin<&mut Self>) {
        let mut this = self.project();
        *this.doomed = false;
        match catch(|| this.factory.make()) {
            Ok(mut future) => {
                let control = future.adopt();
                if let Some(before) = this.control.0.replace(control) {
                    future.inherit(before);
                }
                this.driver.start(this.run, future);
            }
            Err(panic) => {
                this.run.set(D::Run::default());
                *this.unmade = Some(panic);
            }
        }
    }

    fn poll_exit(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<End> {
        let this = self.project();
        let exit = match this.unmade.take() {
            Some(panic) => Exit::Panicked(panic),
            None => core::task::ready!(D::poll_exit(this.run, cx)),
        };
        let (end, last) = Last::of(exit, *this.doomed);
        *this.last = if D::ERRORS || matches!(last, Last::Stopped) { last } else { Last::Quiet };
        let is_final = this.control.0.as_ref().is_some_and(Control::is_final);
        Poll::Ready(if is_final { End::Stopped } else { end })
    }

    fn is_ready(self: Pin<&mut Self>) -> bool {
        D::is_ready(self.project().run)
    }

    fn error(self: Pin<&mut Self>) -> Option<&dyn fmt::Debug> {
        if D::ERRORS { self.project().last.error() } else { None }
    }

    fn forget_error(self: Pin<&mut Self>) {
        if D::ERRORS {
            *self.project().last = Last::Quiet;
        }
    }

    fn delay(self: Pin<&mut Self>, quiet: bool) -> Duration {
        self.project().factory.delay(quiet)
    }

    fn stop(self: Pin<&mut Self>) -> bool {
        D::ASKS && self.project().control.0.as_ref().is_some_and(Control::stop)
    }

    fn end_incarnation(self: Pin<&mut Self>) -> bool {
        D::ASKS && self.project().control.0.as_ref().is_some_and(Control::end_incarnation)
    }

    fn kill(self: Pin<&mut Self>) {
        let this = self.project();
        *this.doomed = true;
        D::kill(this.run);
    }

    fn retire(self: Pin<&mut Self>) {
        let this = self.project();
        if *this.kept && !matches!(this.last, Last::Stopped) {
            return;
        }
        let control = this.control;
        // The mailbox is closed even if the destructor of a message in it panics.
        let _: Result<(), Panic> = catch(|| *control = Retire(None));
    }

    fn kind(self: Pin<&mut Self>) -> ChildKind {
        F::Future::KIND
    }

    fn visible(self: Pin<&mut Self>) -> Visible {
        if const { !View::ANY } {
            return Visible::default();
        }
        self.project().control.0.as_ref().map(Control::visible).unwrap_or_default()
    }
}

impl<D: Drive<F::Future>, F: Factory> fmt::Debug for Child<D, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Child").field("id", &self.entry.id(self.name)).finish_non_exhaustive()
    }
}
