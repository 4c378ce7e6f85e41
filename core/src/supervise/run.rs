//! The shell around the machine: does what it says, and tells it what happened.

use super::{
    event::{Event, GaveUp},
    intensity::Intensity,
    machine::{Action, Machine, Verdict},
    set::ChildSet,
    trace,
};
use crate::{
    sync,
    time::{Clock, Instant, Sleep},
};
use core::{
    fmt,
    future::{Pending, pending},
    pin::Pin,
    task::{Context, Poll},
};
use pin_project_lite::pin_project;

/// How many rounds of restarts one poll may do before other tasks get their turn.
const ROUNDS: usize = 16;

pin_project! {
    /// A supervisor that runs; made by [`Supervisor::run`](super::Supervisor::run).
    ///
    /// It gives `Ok` when every child has ended for good, or was stopped.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Supervise<Set, C: Clock, Stop, O> {
        #[pin]
        children: Set,
        machine: Machine,
        // How many incarnations each child has had.
        attempts: sync::Table<usize>,
        clock: C,
        #[pin]
        sleep: C::Sleep,
        deadline: Instant,
        #[pin]
        stop: Stop,
        observer: O,
        gave_up: Option<GaveUp>,
    }
}

impl<Set: ChildSet, C: Clock, O: FnMut(&Event<'_>)> Supervise<Set, C, Pending<()>, O> {
    pub(super) fn new(children: Set, intensity: Intensity, clock: C, observer: O) -> Self {
        let mut machine = Machine::new(intensity);
        let mut attempts = sync::Table::new();
        for (_, restart, shutdown) in (0..children.count()).map_while(|at| children.about(at)) {
            let added = machine.add(restart, shutdown) && sync::push(&mut attempts, 0usize).is_ok();
            assert!(added, "too many children for a build without `alloc`");
        }
        let sleep = clock.sleep_until(Instant::FAR_FUTURE);
        Self {
            children,
            machine,
            attempts,
            clock,
            sleep,
            deadline: Instant::FAR_FUTURE,
            stop: pending(),
            observer,
            gave_up: None,
        }
    }
}

impl<Set, C: Clock, Stop, O> Supervise<Set, C, Stop, O> {
    /// Stops the children, in reverse start order, when `stop` completes.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the children, in no particular order.
    pub fn until<S: Future>(self, stop: S) -> Supervise<Set, C, S, O> {
        let Self { children, machine, attempts, clock, sleep, deadline, observer, gave_up, .. } =
            self;
        Supervise { children, machine, attempts, clock, sleep, deadline, stop, observer, gave_up }
    }
}

impl<Set, C, Stop, O> Future for Supervise<Set, C, Stop, O>
where
    Set: ChildSet,
    C: Clock,
    Stop: Future,
    O: FnMut(&Event<'_>),
{
    type Output = Result<(), GaveUp>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        for _ in 0..ROUNDS {
            let this = self.as_mut().project();
            if !this.machine.is_stopping() && this.stop.poll(cx).is_ready() {
                this.machine.stop();
            }
            let mut busy = self.as_mut().poll_children(cx);
            let deadline = loop {
                match self.as_mut().act() {
                    Step::Done => busy = true,
                    Step::Wait(deadline) => break deadline,
                    Step::Finish(result) => return Poll::Ready(result),
                }
            };
            let mut this = self.as_mut().project();
            if deadline != *this.deadline {
                *this.deadline = deadline;
                this.sleep.as_mut().reset(deadline);
            }
            if deadline != Instant::FAR_FUTURE && this.sleep.poll(cx).is_ready() {
                busy = true;
            }
            if !busy {
                return Poll::Pending;
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

enum Step {
    Done,
    Wait(Instant),
    Finish(Result<(), GaveUp>),
}

impl<Set: ChildSet, C: Clock, Stop, O: FnMut(&Event<'_>)> Supervise<Set, C, Stop, O> {
    /// Looks for children that ended; true if there were any.
    fn poll_children(self: Pin<&mut Self>, cx: &mut Context<'_>) -> bool {
        let mut this = self.project();
        let mut any = false;
        for at in 0..this.children.count() {
            if !this.machine.is_alive(at) {
                continue;
            }
            let Some((child, ..)) = this.children.about(at) else { continue };
            let Some(mut running) = this.children.as_mut().child(at) else { continue };
            let attempt = this.attempts[at] - 1;
            let observer = &mut *this.observer;
            let end = running.as_mut().poll_exit(cx, &mut |error| {
                tell(observer, &Event::Failed { child, error, attempt });
            });
            let Poll::Ready(end) = end else { continue };
            any = true;
            let restarts = this.machine.restarts();
            match this.machine.exited(at, end, this.clock.now()) {
                Verdict::Restart => {
                    tell(this.observer, &Event::Restarting { child, attempt: attempt + 1 });
                }
                Verdict::Over => {
                    running.retire();
                    tell(this.observer, &Event::Ended { child });
                }
                Verdict::GiveUp => {
                    running.retire();
                    let gave_up = GaveUp { child, restarts };
                    *this.gave_up = Some(gave_up);
                    tell(this.observer, &Event::GaveUp(gave_up));
                }
            }
        }
        any
    }

    /// Does the next thing that the machine wants done.
    fn act(self: Pin<&mut Self>) -> Step {
        let mut this = self.project();
        let action = this.machine.next(this.clock.now());
        let at = match action {
            Action::Wait(deadline) => return Step::Wait(deadline),
            Action::Finish => return Step::Finish(this.gave_up.map_or(Ok(()), Err)),
            Action::Start(at) | Action::Stop(at) | Action::Kill(at) | Action::Retire(at) => at,
        };
        let Some((child, ..)) = this.children.about(at) else { return Step::Done };
        let Some(running) = this.children.as_mut().child(at) else { return Step::Done };
        match action {
            Action::Start(_) => {
                tell(this.observer, &Event::Started { child, attempt: this.attempts[at] });
                this.attempts[at] += 1;
                running.start();
            }
            // Who cannot be asked is not waited for.
            Action::Stop(_) if running.stop() => {}
            Action::Stop(_) => running.kill(),
            Action::Kill(_) => {
                tell(this.observer, &Event::Killed { child });
                running.kill();
            }
            _ => running.retire(),
        }
        Step::Done
    }
}

fn tell(observer: &mut impl FnMut(&Event<'_>), event: &Event<'_>) {
    trace::event(event);
    observer(event);
}

impl<Set, C: Clock, Stop, O> fmt::Debug for Supervise<Set, C, Stop, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Supervise")
            .field("stopping", &self.machine.is_stopping())
            .finish_non_exhaustive()
    }
}
