//! The shell around the machine: does what it says, and tells it what happened.

use super::{
    changes::requests::{NoRequests, Requests},
    children::set::{ChildSet, EntriesOf},
    events::event::{Event, SupervisorError},
    events::observer::Observer,
    events::trace,
    events::trace_defmt,
    machine::{Action, Machine, Now},
    policy::{Policy, Values},
    tree::view::View,
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
pub(super) const RESTARTS: usize = 16;

pin_project! {
    /// A supervisor that runs; made by [`Supervisor::run`](super::Supervisor::run).
    ///
    /// It gives `Ok` when every child has ended for good, or was stopped.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Supervise<Set, C: Clock, Stop, O, R = NoRequests, P = Values> {
        #[pin]
        pub(super) children: Set,
        pub(super) machine: Machine<P>,
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
        // The machine has said until when there is nothing to do, and nothing has happened since.
        pub(super) settled: bool,
    }
}

impl<Set: ChildSet, C: Clock, O: Observer, P: Policy>
    Supervise<Set, C, Pending<()>, O, NoRequests, P>
{
    pub(super) fn new(children: Set, machine: Machine<P>, clock: C, observer: O) -> Self {
        // Where it is never polled it may be any; unlike what lies beside it, it costs no call of `memset`.
        let sleep =
            clock.sleep_until(if Self::SLEEPS { Instant::FAR_FUTURE } else { Instant::EPOCH });
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
            view: View::nobody(),
            settled: false,
        }
    }
}

impl<Set: ChildSet, C: Clock, Stop, O, R, P> Supervise<Set, C, Stop, O, R, P> {
    /// Stops the children, in reverse start order, when `stop` completes.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the children, in no particular order.
    pub fn until<S: Future>(self, stop: S) -> Supervise<Set, C, S, O, R, P> {
        let Self { children, machine, clock, sleep, deadline, observer, error, .. } = self;
        let Self { requests, asked, gone, settled, view, .. } = self;
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
            settled,
            view,
        }
    }
}

impl<Set: ChildSet, C: Clock, Stop, O, R> Supervise<Set, C, Stop, O, R> {
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
        machine.policy.by_hand = true;
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
            settled: false,
            view,
        }
    }
}

impl<Set, C, Stop, O, R, P> Future for Supervise<Set, C, Stop, O, R, P>
where
    Set: ChildSet,
    C: Clock,
    Stop: Future,
    O: Observer,
    R: Requests<Set::New>,
    P: Policy,
{
    type Output = Result<(), SupervisorError>;

    // Apart from the task around it, whose variables would lie in memory because of it.
    #[inline(never)]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.as_mut().project().view.register(cx);
        let mut restarts = 0;
        loop {
            let this = self.as_mut().project();
            if !this.machine.is_stopping() && this.stop.poll(cx).is_ready() {
                this.machine.stop();
                *this.settled = false;
            }
            // Read at most once for what follows from one poll of a child.
            let mut read = None;
            let mut busy = self.as_mut().poll_children(&mut read, cx);
            busy |= self.as_mut().poll_requests(cx);
            if busy {
                *self.as_mut().project().settled = false;
            }
            if !*self.as_mut().project().settled {
                match self.as_mut().act_all(&mut read, &mut restarts, cx) {
                    Settled::No => {
                        cx.waker().wake_by_ref();
                        return Poll::Pending;
                    }
                    Settled::Over => {
                        self.as_mut().show_all();
                        return Poll::Ready(self.project().error.take().map_or(Ok(()), Err));
                    }
                    Settled::Yes { look_again: true } => continue,
                    Settled::Yes { look_again: false } => {}
                }
            }
            let this = self.as_mut().project();
            if !Self::SLEEPS
                || *this.deadline == Instant::FAR_FUTURE
                || this.sleep.poll(cx).is_pending()
            {
                self.show_all();
                return Poll::Pending;
            }
            *this.settled = false;
        }
    }
}

enum Step {
    Done,
    /// A child has another incarnation.
    Restarted,
    /// A child was started for the first time; it was looked at, too.
    Started,
    Wait(Instant),
    Finish,
}

/// Whether there is nothing left to do before something happens.
enum Settled {
    Yes {
        /// What was done may have ended a child, or answered a request.
        look_again: bool,
    },
    /// Other tasks get their turn first.
    No,
    Over,
}

/// The clock, looked at when that is first needed.
pub(super) struct Reading<'a, C> {
    pub(super) clock: &'a C,
    pub(super) read: &'a mut Option<Instant>,
}

impl<C: Clock> Now for Reading<'_, C> {
    // Once in a program, not wherever the time may matter: that is seldom.
    #[inline(never)]
    fn now(&mut self) -> Instant {
        *self.read.get_or_insert_with(|| self.clock.now())
    }
}

impl<Set: ChildSet, C: Clock, Stop, O: Observer, R, P: Policy> Supervise<Set, C, Stop, O, R, P> {
    /// Whether there may be something to wait for besides its children and requests.
    pub(super) const SLEEPS: bool = Set::DELAYS || P::ASKS;

    /// Looks for children that ended or are ready; true if there were any.
    fn poll_children(
        mut self: Pin<&mut Self>,
        read: &mut Option<Instant>,
        cx: &mut Context<'_>,
    ) -> bool {
        let mut any = false;
        for at in 0..self.as_mut().project().children.count() {
            let alive = self.as_mut().project().children.child(at).entry().is_alive();
            any |= alive && self.as_mut().poll_child(at, read, cx);
        }
        any
    }

    /// Does all that the machine wants done now, and notes until when there is nothing more.
    fn act_all(
        mut self: Pin<&mut Self>,
        read: &mut Option<Instant>,
        restarts: &mut usize,
        cx: &mut Context<'_>,
    ) -> Settled {
        let mut look_again = false;
        let deadline = loop {
            match self.as_mut().act(read, cx) {
                Step::Done => look_again = true,
                Step::Started => {}
                Step::Restarted => {
                    *restarts += 1;
                    if *restarts >= RESTARTS {
                        return Settled::No;
                    }
                }
                Step::Wait(deadline) => break deadline,
                Step::Finish => return Settled::Over,
            }
        };
        let this = self.project();
        if Self::SLEEPS && deadline != *this.deadline {
            *this.deadline = deadline;
            this.sleep.reset(deadline);
        }
        *this.settled = true;
        look_again |= *this.gone || this.machine.policy.is_by_hand();
        Settled::Yes { look_again }
    }

    /// Does the next thing that the machine wants done.
    fn act(mut self: Pin<&mut Self>, read: &mut Option<Instant>, cx: &mut Context<'_>) -> Step {
        let mut this = self.as_mut().project();
        let mut entries = EntriesOf(this.children.as_mut());
        let now = Reading { clock: this.clock, read };
        let action = this.machine.next(&mut entries, now);
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
        let id = child.as_mut().id();
        match action {
            Action::Start(_) => {
                let attempt = child.as_mut().entry().incarnations - 1;
                tell(this.observer, &Event::Started { child: id, attempt });
                this.view.show(at, child.as_mut());
                child.start();
                // Those after it wait until it is ready.
                self.poll_child(at, read, cx);
                return if attempt > 0 { Step::Restarted } else { Step::Started };
            }
            // Who cannot be asked is not waited for.
            Action::Stop(_) if P::ASKS && child.as_mut().stop() => {}
            Action::EndIncarnation(_) if P::ASKS && child.as_mut().end_incarnation() => {}
            Action::Stop(_) | Action::EndIncarnation(_) if P::ASKS => child.kill(),
            Action::Kill(_) => {
                tell(this.observer, &Event::Killed { child: id });
                child.kill();
            }
            _ => child.retire(),
        }
        Step::Done
    }
}

pub(super) fn tell(observer: &mut impl Observer, event: &Event<'_>) {
    trace::event(event);
    trace_defmt::event(event);
    observer.event(event);
}

impl<Set, C: Clock, Stop, O, R, P: Policy> fmt::Debug for Supervise<Set, C, Stop, O, R, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Supervise")
            .field("stopping", &self.machine.is_stopping())
            .finish_non_exhaustive()
    }
}
