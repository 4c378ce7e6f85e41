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
    ready: AtomicBool,
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
pub struct Running<E, C: Control> {
    link: Option<Arc<Link<E, C>>>,
    // Whether the incarnation that has ended was ready.
    was_ready: bool,
}

pin_project! {
    /// The task of one incarnation of a child.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct SpawnedChild<F: Incarnation> {
        #[pin]
        future: Option<WithContext<Watched<F>>>,
        report: Report<ErrorOf<F>, F::Control>,
    }
}

pin_project! {
    /// Tells the supervisor when the incarnation is ready.
    struct Watched<F: Incarnation> {
        #[pin]
        future: F,
        link: Option<Arc<Link<ErrorOf<F>, F::Control>>>,
    }
}

impl<F: Incarnation> Future for Watched<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        let polled = this.future.as_mut().poll(cx);
        if this.future.as_mut().is_ready()
            && let Some(link) = this.link.take()
        {
            link.ready.store(true, Ordering::Release);
            // Its end wakes the supervisor as well.
            if polled.is_pending() {
                link.parent.wake();
            }
        }
        polled
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
        if let Some(link) = &self.link {
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
        Self { link: None, was_ready: false }
    }
}

impl<F: Incarnation, S: Spawn<SpawnedChild<F>> + Clone> Drive<F> for Spawned<S> {
    type Run = Running<ErrorOf<F>, F::Control>;

    fn start(&self, mut run: Pin<&mut Self::Run>, future: F) {
        let link = Arc::new(Link {
            end: Lock::new(End { reported: false, exit: None, last: None }),
            kill: AtomicBool::new(false),
            ready: AtomicBool::new(false),
            child: WakerCell::new(),
            parent: WakerCell::new(),
        });
        run.set(Running { link: Some(link.clone()), was_ready: false });
        // What needs no time to become ready need not be run first.
        let ready = F::READY;
        let watched = Watched { future, link: (!ready).then(|| link.clone()) };
        let future = context::Context::current().for_spawn().run(watched);
        let child = SpawnedChild { future: Some(future), report: Report(Some(link.clone())) };
        let refused = self.0.spawn(child);
        if ready && refused.is_ok() {
            link.ready.store(true, Ordering::Release);
        }
        // A refused task is dropped with its report, which then says `Abandoned`, also if a
        // destructor panics.
        let _: Result<(), Panic> = catch(|| drop(refused));
    }

    fn poll_exit(mut run: Pin<&mut Self::Run>, cx: &mut Context<'_>) -> Poll<Exit<ErrorOf<F>>> {
        let Some(link) = &run.link else { return Poll::Pending };
        link.parent.register(cx.waker());
        let Some(exit) = link.end.with(|end| end.exit.take()) else { return Poll::Pending };
        let was_ready = link.ready.load(Ordering::Acquire);
        run.set(Running { link: None, was_ready });
        Poll::Ready(exit)
    }

    fn is_ready(run: Pin<&mut Self::Run>) -> bool {
        run.link.as_ref().map_or(run.was_ready, |link| link.ready.load(Ordering::Acquire))
    }

    fn kill(run: Pin<&mut Self::Run>) {
        Running::kill(&run);
    }

    fn abandon(mut run: Pin<&mut Self::Run>, last: Retire<F::Control>) {
        let ended = match &run.link {
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
        run.set(Running::default());
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
