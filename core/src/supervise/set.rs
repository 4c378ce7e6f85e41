//! The children of a supervisor as one type, without boxes: a chain of them.

use super::{
    child::{Control, Retire},
    drive::{Drive, Factory},
    event::ChildId,
    machine::End,
    spec::{Restart, Shutdown},
};
use crate::{
    actor::Exit,
    panic::{Panic, catch},
    supervise::Incarnation,
};
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};
use pin_project_lite::pin_project;

/// Children to be run by the driver `D`.
pub trait Build<D> {
    /// The children as they run.
    type Set: ChildSet;

    /// Makes them ready to run.
    fn build(self, driver: &D) -> Self::Set;
}

/// Children that run, by number.
pub trait ChildSet {
    /// How many there are.
    fn count(&self) -> usize;

    /// Who child `at` is and how it is to be treated.
    fn about(&self, at: usize) -> (ChildId, Restart, Shutdown);

    /// Starts the next incarnation of child `at`.
    fn start(self: Pin<&mut Self>, at: usize);

    /// Waits for the end of the incarnation of child `at`, telling `failed` of a failure.
    fn poll_exit(
        self: Pin<&mut Self>,
        at: usize,
        cx: &mut Context<'_>,
        failed: &mut dyn FnMut(&dyn fmt::Debug),
    ) -> Poll<End>;

    /// Asks child `at` to end; false if it has no way to be asked.
    fn stop(&self, at: usize) -> bool;

    /// Drops the incarnation of child `at` where it stands.
    fn kill(self: Pin<&mut Self>, at: usize);

    /// Child `at` will have no further incarnation.
    fn retire(self: Pin<&mut Self>, at: usize);
}

/// A child as specified: who it is, how it is made and treated.
#[derive(Clone, Copy, Debug)]
pub struct ChildSpec<F> {
    pub(super) id: ChildId,
    pub(super) restart: Restart,
    pub(super) shutdown: Shutdown,
    pub(super) factory: F,
}

pin_project! {
    /// A child that can run.
    pub struct Child<D: Drive<F::Future>, F: Factory> {
        id: ChildId,
        restart: Restart,
        shutdown: Shutdown,
        factory: F,
        driver: D,
        #[pin]
        run: D::Run,
        // A factory that panicked instead of making a future.
        unmade: Option<Panic>,
        // Killed by its supervisor, which has said so.
        doomed: bool,
        // What outlives the incarnations; closed after the destructors of the last one ran.
        control: Retire<<F::Future as Incarnation>::Control>,
    }

    impl<D: Drive<F::Future>, F: Factory> PinnedDrop for Child<D, F> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            let last = Retire(this.control.0.take());
            D::abandon(this.run, last);
        }
    }
}

impl<D: Drive<F::Future>, F: Factory> Child<D, F> {
    pub(super) fn new(spec: ChildSpec<F>, driver: &D) -> Self {
        let ChildSpec { id, restart, shutdown, factory } = spec;
        let control = Retire(factory.control());
        Self {
            id,
            restart,
            shutdown,
            factory,
            driver: driver.clone(),
            run: D::Run::default(),
            unmade: None,
            control,
            doomed: false,
        }
    }

    pub(super) const fn about(&self) -> (ChildId, Restart, Shutdown) {
        (self.id, self.restart, self.shutdown)
    }

    pub(super) fn start(self: Pin<&mut Self>) {
        let this = self.project();
        match catch(|| this.factory.make()) {
            Ok(mut future) => {
                // Replaced without retiring: the same mailbox, or a token that is spent.
                this.control.0 = Some(future.adopt());
                this.driver.start(this.run, future);
            }
            Err(panic) => *this.unmade = Some(panic),
        }
    }

    pub(super) fn poll_exit(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        failed: &mut dyn FnMut(&dyn fmt::Debug),
    ) -> Poll<End> {
        let this = self.project();
        let exit = match this.unmade.take() {
            Some(panic) => Exit::Panicked(panic),
            None => core::task::ready!(D::poll_exit(this.run, cx)),
        };
        Poll::Ready(match exit {
            Exit::Normal => End::Normal,
            Exit::Stopped => End::Stopped,
            Exit::Failed(error) => {
                failed(&error);
                End::Failed
            }
            Exit::Killed if *this.doomed => End::Failed,
            other => {
                failed(&other);
                End::Failed
            }
        })
    }

    pub(super) fn stop(&self) -> bool {
        self.control.0.as_ref().is_some_and(Control::stop)
    }

    pub(super) fn kill(self: Pin<&mut Self>) {
        let this = self.project();
        *this.doomed = true;
        D::kill(this.run);
    }

    pub(super) fn retire(self: Pin<&mut Self>) {
        let control = self.project().control;
        // The mailbox is closed even if the destructor of a message in it panics.
        let _: Result<(), Panic> = catch(|| *control = Retire(None));
    }
}

impl<D: Drive<F::Future>, F: Factory> fmt::Debug for Child<D, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Child").field("id", &self.id).finish_non_exhaustive()
    }
}

pin_project! {
    /// Some children, and one or more after them.
    #[derive(Debug)]
    pub struct Chain<A, B> {
        #[pin]
        pub(super) before: A,
        #[pin]
        pub(super) last: B,
    }
}

impl<D> Build<D> for () {
    type Set = ();

    fn build(self, _: &D) {}
}

impl<D: Drive<F::Future>, F: Factory> Build<D> for ChildSpec<F> {
    type Set = Child<D, F>;

    fn build(self, driver: &D) -> Child<D, F> {
        Child::new(self, driver)
    }
}

impl<D, A: Build<D>, B: Build<D>> Build<D> for Chain<A, B> {
    type Set = Chain<A::Set, B::Set>;

    fn build(self, driver: &D) -> Self::Set {
        Chain { before: self.before.build(driver), last: self.last.build(driver) }
    }
}

/// No children; the machine never names one.
impl ChildSet for () {
    fn count(&self) -> usize {
        0
    }

    fn about(&self, _: usize) -> (ChildId, Restart, Shutdown) {
        (ChildId { name: "", index: None }, Restart::Never, Shutdown::Kill)
    }

    fn start(self: Pin<&mut Self>, _: usize) {}

    fn poll_exit(
        self: Pin<&mut Self>,
        _: usize,
        _: &mut Context<'_>,
        _: &mut dyn FnMut(&dyn fmt::Debug),
    ) -> Poll<End> {
        Poll::Pending
    }

    fn stop(&self, _: usize) -> bool {
        false
    }

    fn kill(self: Pin<&mut Self>, _: usize) {}

    fn retire(self: Pin<&mut Self>, _: usize) {}
}

/// One child; its number is 0.
impl<D: Drive<F::Future>, F: Factory> ChildSet for Child<D, F> {
    fn count(&self) -> usize {
        1
    }

    fn about(&self, _: usize) -> (ChildId, Restart, Shutdown) {
        self.about()
    }

    fn start(self: Pin<&mut Self>, _: usize) {
        self.start();
    }

    fn poll_exit(
        self: Pin<&mut Self>,
        _: usize,
        cx: &mut Context<'_>,
        failed: &mut dyn FnMut(&dyn fmt::Debug),
    ) -> Poll<End> {
        self.poll_exit(cx, failed)
    }

    fn stop(&self, _: usize) -> bool {
        self.stop()
    }

    fn kill(self: Pin<&mut Self>, _: usize) {
        self.kill();
    }

    fn retire(self: Pin<&mut Self>, _: usize) {
        self.retire();
    }
}

impl<A: ChildSet, B: ChildSet> ChildSet for Chain<A, B> {
    fn count(&self) -> usize {
        self.before.count() + self.last.count()
    }

    fn about(&self, at: usize) -> (ChildId, Restart, Shutdown) {
        match at.checked_sub(self.before.count()) {
            None => self.before.about(at),
            Some(at) => self.last.about(at),
        }
    }

    fn start(self: Pin<&mut Self>, at: usize) {
        let this = self.project();
        match at.checked_sub(this.before.count()) {
            None => this.before.start(at),
            Some(at) => this.last.start(at),
        }
    }

    fn poll_exit(
        self: Pin<&mut Self>,
        at: usize,
        cx: &mut Context<'_>,
        failed: &mut dyn FnMut(&dyn fmt::Debug),
    ) -> Poll<End> {
        let this = self.project();
        match at.checked_sub(this.before.count()) {
            None => this.before.poll_exit(at, cx, failed),
            Some(at) => this.last.poll_exit(at, cx, failed),
        }
    }

    fn stop(&self, at: usize) -> bool {
        match at.checked_sub(self.before.count()) {
            None => self.before.stop(at),
            Some(at) => self.last.stop(at),
        }
    }

    fn kill(self: Pin<&mut Self>, at: usize) {
        let this = self.project();
        match at.checked_sub(this.before.count()) {
            None => this.before.kill(at),
            Some(at) => this.last.kill(at),
        }
    }

    fn retire(self: Pin<&mut Self>, at: usize) {
        let this = self.project();
        match at.checked_sub(this.before.count()) {
            None => this.before.retire(at),
            Some(at) => this.last.retire(at),
        }
    }
}
