//! What follows from what a child did.

use super::{
    children::set::{ChildSet, EntriesOf},
    entry::{State, later},
    events::event::{Event, GaveUp, SupervisorError},
    events::observer::Observer,
    machine::{Now, Verdict},
    policy::Policy,
    run::{Reading, Supervise, tell},
};
use crate::time::{Clock, Instant};
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

/// What is told of a verdict on incarnation `attempt` of the child that `last` is about.
#[inline]
pub(super) fn event_of(
    verdict: Verdict,
    last: GaveUp,
    error: Option<&dyn fmt::Debug>,
    attempt: usize,
    delay: Duration,
) -> Event<'_> {
    let GaveUp { child, restarts } = last;
    match verdict {
        Verdict::Restart { .. } | Verdict::Group(_) => {
            Event::Restarting { child, error, attempt: attempt + 1, delay }
        }
        Verdict::Down | Verdict::Over => Event::Ended { child },
        Verdict::AutoShutdown => Event::AutoShutdown { child },
        Verdict::StartFailed => Event::StartFailed { child },
        Verdict::GiveUp => Event::GaveUp { child, error, attempt, restarts },
    }
}

impl<Set: ChildSet, C: Clock, Stop, O: Observer, R, P: Policy> Supervise<Set, C, Stop, O, R, P> {
    /// Looks at a child that was started; true if it has ended or is ready now.
    pub(super) fn poll_child(
        self: Pin<&mut Self>,
        at: usize,
        read: &mut Option<Instant>,
        cx: &mut Context<'_>,
    ) -> bool {
        let mut this = self.project();
        let mut child = this.children.as_mut().child(at);
        let end = child.as_mut().poll_exit(cx);
        let starts = child.as_mut().entry().state == State::Starting;
        if end.is_pending() && !starts {
            return false;
        }
        *read = None; // it ran, and that may have taken a while
        let news = starts && child.as_mut().is_ready() && {
            let mut entries = EntriesOf(this.children.as_mut());
            this.machine.ready(&mut entries, at)
        };
        let Poll::Ready(end) = end else { return news };

        let mut child = this.children.as_mut().child(at);
        let (id, attempt) = (child.as_mut().id(), child.as_mut().entry().incarnations - 1);
        if P::ERRORS
            && let Some(error) = child.as_mut().error()
        {
            this.view.failed(at, error);
            tell(this.observer, &Event::Failed { child: id, error, attempt });
        }
        let mut entries = EntriesOf(this.children.as_mut());
        let mut now = Reading { clock: this.clock, read };
        let verdict = this.machine.exited(&mut entries, at, end, &mut now);
        let delay = match verdict {
            Verdict::Restart { quiet } => {
                let delay = if const { Set::DELAYS } {
                    this.children.as_mut().child(at).delay(quiet)
                } else {
                    Duration::ZERO
                };
                if delay > Duration::ZERO {
                    let mut entries = EntriesOf(this.children.as_mut());
                    this.machine.postpone(&mut entries, at, later(now.now(), delay));
                }
                delay
            }
            Verdict::Group(after) if P::STOPS_SOME => after.saturating_since(now.now()),
            _ => Duration::ZERO,
        };
        let gave_up = GaveUp { child: id, restarts: this.machine.restarts() };
        let mut child = this.children.as_mut().child(at);
        match verdict {
            Verdict::Restart { .. } | Verdict::Group(_) | Verdict::Down => {}
            Verdict::StartFailed => {
                *this.error = Some(SupervisorError::StartFailed { child: id });
                child.as_mut().retire();
            }
            Verdict::GiveUp => {
                *this.error = Some(SupervisorError::GaveUp(gave_up));
                child.as_mut().retire();
            }
            Verdict::Over | Verdict::AutoShutdown => {
                *this.gone = true;
                child.as_mut().retire();
            }
        }
        let error = if P::ERRORS { child.as_mut().error() } else { None };
        tell(this.observer, &event_of(verdict, gave_up, error, attempt, delay));
        child.forget_error();
        true
    }
}
