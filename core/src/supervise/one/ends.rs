//! What follows when an incarnation of the one child has ended.

use super::{
    SuperviseOne, control,
    decision::{Decision, Later, Life, Only},
    id,
};
use crate::supervise::{
    children::child::Last,
    children::drive::{ErrorOf, Factory},
    children::incarnation::Control,
    entry::later,
    events::event::{Event, GaveUp},
    events::observer::Observer,
    follow::event_of,
    machine::{End, Now, Verdict},
    run::{Reading, tell},
};
use crate::{
    actor::Exit,
    panic::{Panic, catch},
    time::Clock,
};
use alloc::boxed::Box;
use core::{pin::Pin, time::Duration};

impl<F: Factory, C: Clock, O: Observer> SuperviseOne<F, C, O> {
    /// Decides what follows, tells of it, and closes the mailbox if no incarnation will come.
    pub(super) fn ended(self: Pin<&mut Self>, exit: Exit<ErrorOf<F::Future>>) {
        let this = self.project();
        let (end, last) = Last::of(exit, false);
        let outlives = control(this.apart, this.factory);
        let child = id(outlives);
        let end = if outlives.is_some_and(Control::is_final) { End::Stopped } else { end };
        // Boxed only if there is a restart.
        let mut fresh = None;
        let Decision { machine, entry } = match this.life {
            Life::First(first) => fresh.insert(first.decision()),
            Life::Later(later) => later.as_mut().project().decision,
            Life::Over => return,
        };
        let attempt = entry.incarnations - 1;
        let error = last.error();
        if let Some(error) = error {
            tell(this.observer, &Event::Failed { child, error, attempt });
        }
        let mut now = Reading { clock: this.clock, read: &mut None };
        let verdict = machine.exited(&mut Only(entry), 0, end, &mut now);
        let restarts = machine.restarts();
        let mut delay = Duration::ZERO;
        if let Verdict::Restart { quiet } = verdict {
            delay = this.factory.delay(quiet);
            if delay > Duration::ZERO {
                machine.postpone(&mut Only(entry), 0, later(now.now(), delay));
            }
            if let Some(decision) = fresh {
                *this.life = Life::Later(Box::pin(Later { decision, sleep: None }));
            }
        } else {
            *this.life = Life::Over;
            // The mailbox is closed even if the destructor of a message in it panics.
            let outlives = control(this.apart, this.factory);
            let _: Result<(), Panic> = catch(|| outlives.into_iter().for_each(Control::retire));
        }
        let gave_up = GaveUp { child, restarts };
        tell(this.observer, &event_of(verdict, gave_up, error, attempt, delay));
    }
}
