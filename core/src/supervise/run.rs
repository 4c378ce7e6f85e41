//! The shell around the machine: does what it says, and tells it what happened.

use super::{
    event::{Event, SupervisorError},
    machine::{Action, Machine},
    requests::{NoRequests, Requests},
    set::{ChildSet, EntriesOf},
    trace, trace_defmt,
    view::View,
};
use crate::time::{Clock, Instant, Sleep};
use core::{
    fmt,
    future::{Pending, pending},
    pin::Pin,
    task::{Context, Poll},
};
use pin_project_lite::pin_project;

/// How many restarts one poll may do before other tasks get their turn.
const RESTARTS: usize = 16;

pin_project! {
    /// A supervisor that runs; made by [`Supervisor::run`](super::Supervisor::run).
    ///
    /// It gives `Ok` when every child has ended for good, or was stopped.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Supervise<Set, C: Clock, Stop, O, R = NoRequests> {
        #[pin]
        pub(super) children: Set,
        pub(super) machine: Machine,
        pub(super) clock: C,
        #[pin]
        pub(super) sleep: C::Sleep,
        pub(super) deadline: Instant,
        #[pin]
        pub(super) stop: Stop,
        pub(super) observer: O,
        pub(super) error: Option<SupervisorError>,
        #[pin]
        pub(super) requests: R,
        // A request that was taken and not answered yet.
        pub(super) asked: bool,
        // A child is gone for good, and may be taken away.
        pub(super) gone: bool,
        pub(super) view: View,
    }
}

impl<Set: ChildSet, C: Clock, O: FnMut(&Event<'_>)> Supervise<Set, C, Pending<()>, O> {
    pub(super) fn new(children: Set, machine: Machine, clock: C, observer: O) -> Self {
        let sleep = clock.sleep_until(Instant::FAR_FUTURE);
        Self {
            children,
            machine,
            clock,
            sleep,
            deadline: Instant::FAR_FUTURE,
            stop: pending(),
            observer,
            error: None,
            requests: NoRequests,
            asked: false,
            gone: false,
            view: View::default(),
        }
    }
}

impl<Set: ChildSet, C: Clock, Stop, O, R> Supervise<Set, C, Stop, O, R> {
    /// Stops the children, in reverse start order, when `stop` completes.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the children, in no particular order.
    pub fn until<S: Future>(self, stop: S) -> Supervise<Set, C, S, O, R> {
        let Self { children, machine, clock, sleep, deadline, observer, error, .. } = self;
        let Self { requests, asked, gone, view, .. } = self;
        Supervise {
            children,
            machine,
            clock,
            sleep,
            deadline,
            stop,
            observer,
            error,
            requests,
            asked,
            gone,
            view,
        }
    }

    /// Does what `requests` asks for, one after the other, until no more will come.
    ///
    /// As long as more may come, the supervisor does not end because no child is left, and the
    /// mailbox of an actor that has ended, and is not temporary, stays open for a restart by hand.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the children, in no particular order.
    pub fn requests<Q: Requests<Set::New>>(self, requests: Q) -> Supervise<Set, C, Stop, O, Q> {
        let Self { children, mut machine, clock, sleep, deadline, stop, observer, .. } = self;
        let Self { error, asked, gone, view, .. } = self;
        machine.by_hand = true;
        Supervise {
            children,
            machine,
            clock,
            sleep,
            deadline,
            stop,
            observer,
            error,
            requests,
            asked,
            gone,
            view,
        }
    }
}

impl<Set, C, Stop, O, R> Future for Supervise<Set, C, Stop, O, R>
where
    Set: ChildSet,
    C: Clock,
    Stop: Future,
    O: FnMut(&Event<'_>),
    R: Requests<Set::New>,
{
    type Output = Result<(), SupervisorError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.view.register(cx);
        let mut restarts = 0;
        while restarts < RESTARTS {
            let this = self.as_mut().project();
            if !this.machine.is_stopping() && this.stop.poll(cx).is_ready() {
                this.machine.stop();
            }
            let mut busy = self.as_mut().poll_children(cx);
            busy |= self.as_mut().poll_requests(cx);
            let deadline = loop {
                match self.as_mut().act(cx) {
                    Step::Done => {}
                    Step::Restarted => {
                        restarts += 1;
                        if restarts >= RESTARTS {
                            break Instant::FAR_FUTURE;
                        }
                    }
                    Step::Wait(deadline) => break deadline,
                    Step::Finish => {
                        self.as_mut().show_all();
                        return Poll::Ready(self.project().error.take().map_or(Ok(()), Err));
                    }
                }
                busy = true;
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
                self.show_all();
                return Poll::Pending;
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

enum Step {
    Done,
    /// A child has another incarnation.
    Restarted,
    Wait(Instant),
    Finish,
}

impl<Set: ChildSet, C: Clock, Stop, O: FnMut(&Event<'_>), R> Supervise<Set, C, Stop, O, R> {
    /// Looks for children that ended or are ready; true if there were any.
    fn poll_children(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> bool {
        let mut any = false;
        for at in 0..self.children.count() {
            let alive = self.as_mut().project().children.child(at).entry().is_alive();
            any |= alive && self.as_mut().poll_child(at, cx);
        }
        any
    }

    /// Does the next thing that the machine wants done.
    fn act(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Step {
        let mut this = self.as_mut().project();
        let mut entries = EntriesOf(this.children.as_mut());
        let action = this.machine.next(&mut entries, this.clock.now());
        let at = match action {
            Action::Wait(deadline) => return Step::Wait(deadline),
            Action::Finish => return Step::Finish,
            Action::Start(at)
            | Action::Stop(at)
            | Action::EndIncarnation(at)
            | Action::Kill(at)
            | Action::Retire(at) => at,
        };
        let mut child = this.children.as_mut().child(at);
        let id = child.id();
        match action {
            Action::Start(_) => {
                let attempt = child.as_mut().entry().incarnations - 1;
                tell(this.observer, &Event::Started { child: id, attempt });
                this.view.show(at, child.as_mut());
                child.start();
                // Those after it wait until it is ready.
                self.poll_child(at, cx);
                return if attempt > 0 { Step::Restarted } else { Step::Done };
            }
            // Who cannot be asked is not waited for.
            Action::Stop(_) if child.stop() => {}
            Action::EndIncarnation(_) if child.end_incarnation() => {}
            Action::Stop(_) | Action::EndIncarnation(_) => child.kill(),
            Action::Kill(_) => {
                tell(this.observer, &Event::Killed { child: id });
                child.kill();
            }
            _ => child.retire(),
        }
        Step::Done
    }
}

pub(super) fn tell(observer: &mut impl FnMut(&Event<'_>), event: &Event<'_>) {
    trace::event(event);
    trace_defmt::event(event);
    observer(event);
}

impl<Set, C: Clock, Stop, O, R> fmt::Debug for Supervise<Set, C, Stop, O, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Supervise")
            .field("stopping", &self.machine.is_stopping())
            .finish_non_exhaustive()
    }
}
