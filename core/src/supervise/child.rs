//! A child: how it is specified, and how it runs.

use super::{
    drive::{Drive, Factory},
    event::ChildId,
    incarnation::{Control, Incarnation, Retire},
    machine::End,
    spec::{Restart, Shutdown},
};
use crate::{
    actor::Exit,
    panic::{Panic, catch},
};
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};
use pin_project_lite::pin_project;

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
}

/// A child that can run, whatever its kind.
pub trait AnyChild {
    /// Starts the next incarnation.
    fn start(self: Pin<&mut Self>);

    /// Waits for the end of the incarnation, telling `failed` of a failure.
    fn poll_exit(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        failed: &mut dyn FnMut(&dyn fmt::Debug),
    ) -> Poll<End>;

    /// Asks the child to end; false if it has no way to be asked.
    fn stop(&self) -> bool;

    /// Drops the incarnation where it stands.
    fn kill(self: Pin<&mut Self>);

    /// The child will have no further incarnation.
    fn retire(self: Pin<&mut Self>);
}

impl<D: Drive<F::Future>, F: Factory> AnyChild for Child<D, F> {
    fn start(self: Pin<&mut Self>) {
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

    fn poll_exit(
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

    fn stop(&self) -> bool {
        self.control.0.as_ref().is_some_and(Control::stop)
    }

    fn kill(self: Pin<&mut Self>) {
        let this = self.project();
        *this.doomed = true;
        D::kill(this.run);
    }

    fn retire(self: Pin<&mut Self>) {
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
