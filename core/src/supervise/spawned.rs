//! Children on tasks of their own.

use super::{
    child::{Incarnation, Outcome},
    drive::{Drive, ErrorOf},
};
use crate::{
    actor::Exit,
    panic::catch,
    spawn::Spawn,
    sync::{Arc, AtomicBool, Lock, Ordering},
    wait::WakerCell,
};
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};
use pin_project_lite::pin_project;

/// Runs each child on a task of its own, started through the [`Spawn`] inside.
#[derive(Clone, Copy, Debug)]
pub struct Spawned<S>(
    /// What starts the tasks.
    pub S,
);

/// Where a child's task and its supervisor meet.
struct Link<E> {
    exit: Lock<Option<Exit<E>>>,
    kill: AtomicBool,
    child: WakerCell,
    parent: WakerCell,
}

/// The supervisor's end of a link; dropping it kills the child.
pub struct Running<E>(Option<Arc<Link<E>>>);

pin_project! {
    /// The task of one incarnation of a child.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct SpawnedChild<F: Incarnation> {
        #[pin]
        future: Option<F>,
        report: Report<ErrorOf<F>>,
    }
}

/// The child's end of a link; dropped without a report, it says that the task was abandoned.
struct Report<E>(Option<Arc<Link<E>>>);

impl<E> Report<E> {
    fn send(&mut self, exit: Exit<E>) {
        if let Some(link) = self.0.take() {
            drop(link.child.take());
            let before = link.exit.with(|slot| slot.replace(exit));
            drop(before);
            link.parent.wake();
        }
    }
}

impl<E> Drop for Report<E> {
    fn drop(&mut self) {
        self.send(Exit::Abandoned);
    }
}

impl<E> Running<E> {
    fn kill(&self) {
        if let Some(link) = &self.0 {
            link.kill.store(true, Ordering::Release);
            link.child.wake();
        }
    }
}

impl<E> Drop for Running<E> {
    fn drop(&mut self) {
        self.kill();
    }
}

impl<E> Default for Running<E> {
    fn default() -> Self {
        Self(None)
    }
}

impl<F: Incarnation, S: Spawn<SpawnedChild<F>> + Clone> Drive<F> for Spawned<S> {
    type Run = Running<ErrorOf<F>>;

    fn start(&self, mut run: Pin<&mut Self::Run>, future: F) {
        let link = Arc::new(Link {
            exit: Lock::new(None),
            kill: AtomicBool::new(false),
            child: WakerCell::new(),
            parent: WakerCell::new(),
        });
        run.set(Running(Some(link.clone())));
        // A refused task is dropped with its report, which then says `Abandoned`.
        drop(self.0.spawn(SpawnedChild { future: Some(future), report: Report(Some(link)) }));
    }

    fn poll_exit(mut run: Pin<&mut Self::Run>, cx: &mut Context<'_>) -> Poll<Exit<ErrorOf<F>>> {
        let Some(link) = &run.0 else { return Poll::Pending };
        link.parent.register(cx.waker());
        let Some(exit) = link.exit.with(Option::take) else { return Poll::Pending };
        run.set(Running(None));
        Poll::Ready(exit)
    }

    fn kill(run: Pin<&mut Self::Run>) {
        Running::kill(&run);
    }
}

impl<F: Incarnation> Future for SpawnedChild<F> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        let Some(link) = this.report.0.as_ref() else { return Poll::Ready(()) };
        link.child.register(cx.waker());
        let exit = if link.kill.load(Ordering::Acquire) {
            Exit::Killed
        } else {
            let Some(future) = this.future.as_mut().as_pin_mut() else { return Poll::Ready(()) };
            match catch(|| future.poll(cx)) {
                Ok(Poll::Pending) => return Poll::Pending,
                Ok(Poll::Ready(outcome)) => outcome.into_exit(),
                Err(panic) => Exit::Panicked(panic),
            }
        };
        let exit = match catch(|| this.future.set(None)) {
            Ok(()) => exit,
            Err(panic) => Exit::Panicked(panic),
        };
        this.report.send(exit);
        Poll::Ready(())
    }
}

impl<E> fmt::Debug for Running<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running").finish_non_exhaustive()
    }
}

impl<F: Incarnation> fmt::Debug for SpawnedChild<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpawnedChild").finish_non_exhaustive()
    }
}
