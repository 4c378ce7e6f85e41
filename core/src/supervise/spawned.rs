//! Children on tasks of their own.

use super::{
    drive::{Drive, ErrorOf},
    incarnation::{Control, Incarnation, Outcome, Retire},
};
use crate::{
    actor::Exit,
    context::{self, WithContext},
    panic::{Panic, catch},
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
struct Link<E, C: Control> {
    end: Lock<End<E, C>>,
    kill: AtomicBool,
    child: WakerCell,
    parent: WakerCell,
}

struct End<E, C: Control> {
    reported: bool,
    exit: Option<Exit<E>>,
    /// What the child has to do at its end since its supervisor is gone.
    last: Option<Retire<C>>,
}

/// The supervisor's end of a link; dropping it kills the child.
pub struct Running<E, C: Control>(Option<Arc<Link<E, C>>>);

pin_project! {
    /// The task of one incarnation of a child.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct SpawnedChild<F: Incarnation> {
        #[pin]
        future: Option<WithContext<F>>,
        report: Report<ErrorOf<F>, F::Control>,
    }
}

/// The child's end of a link; dropped without a report, it says that the task was abandoned.
struct Report<E, C: Control>(Option<Arc<Link<E, C>>>);

impl<E, C: Control> Report<E, C> {
    fn send(&mut self, exit: Exit<E>) {
        if let Some(link) = self.0.take() {
            drop(link.child.take());
            let last = link.end.with(|end| {
                end.reported = true;
                end.exit = Some(exit);
                end.last.take()
            });
            drop(last);
            link.parent.wake();
        }
    }
}

impl<E, C: Control> Drop for Report<E, C> {
    fn drop(&mut self) {
        self.send(Exit::Abandoned);
    }
}

impl<E, C: Control> Running<E, C> {
    fn kill(&self) {
        if let Some(link) = &self.0 {
            link.kill.store(true, Ordering::Release);
            link.child.wake();
        }
    }
}

impl<E, C: Control> Drop for Running<E, C> {
    fn drop(&mut self) {
        self.kill();
    }
}

impl<E, C: Control> Default for Running<E, C> {
    fn default() -> Self {
        Self(None)
    }
}

impl<F: Incarnation, S: Spawn<SpawnedChild<F>> + Clone> Drive<F> for Spawned<S> {
    type Run = Running<ErrorOf<F>, F::Control>;

    fn start(&self, mut run: Pin<&mut Self::Run>, future: F) {
        let link = Arc::new(Link {
            end: Lock::new(End { reported: false, exit: None, last: None }),
            kill: AtomicBool::new(false),
            child: WakerCell::new(),
            parent: WakerCell::new(),
        });
        run.set(Running(Some(link.clone())));
        let future = context::Context::current().for_spawn().run(future);
        let child = SpawnedChild { future: Some(future), report: Report(Some(link)) };
        let refused = self.0.spawn(child);
        // A refused task is dropped with its report, which then says `Abandoned`, also if a
        // destructor panics.
        let _: Result<(), Panic> = catch(|| drop(refused));
    }

    fn poll_exit(mut run: Pin<&mut Self::Run>, cx: &mut Context<'_>) -> Poll<Exit<ErrorOf<F>>> {
        let Some(link) = &run.0 else { return Poll::Pending };
        link.parent.register(cx.waker());
        let Some(exit) = link.end.with(|end| end.exit.take()) else { return Poll::Pending };
        run.set(Running(None));
        Poll::Ready(exit)
    }

    fn kill(run: Pin<&mut Self::Run>) {
        Running::kill(&run);
    }

    fn abandon(mut run: Pin<&mut Self::Run>, last: Retire<F::Control>) {
        let ended = match &run.0 {
            Some(link) => link.end.with(|end| {
                if end.reported {
                    return Some(last);
                }
                end.last = Some(last);
                None
            }),
            None => Some(last),
        };
        drop(ended);
        run.set(Running(None));
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

impl<E, C: Control> fmt::Debug for Running<E, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running").finish_non_exhaustive()
    }
}

impl<F: Incarnation> fmt::Debug for SpawnedChild<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpawnedChild").finish_non_exhaustive()
    }
}
