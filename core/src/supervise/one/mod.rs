//! A supervisor of exactly one child, whose incarnations run inside it.
//!
//! It decides by the same machine as [`Supervise`](super::Supervise) and is told nothing by anybody: no
//! requests, no stop, no onlookers. So until the child has ended for the first time there is nothing to
//! keep but the plan, and an actor that never fails is small.

mod decision;
mod ends;

pub(crate) use decision::Plan;

use super::{
    children::child::ControlOf,
    children::drive::{ErrorOf, Factory, poll_in_place},
    children::incarnation::{Control, Incarnation},
    events::event::{ChildId, Event},
    events::observer::Observer,
    machine::Action,
    run::{RESTARTS, Reading, tell},
    spec::Strategy,
    supervisor::Supervisor,
};
use crate::{
    actor::{Exit, UNNAMED},
    panic::{Panic, catch},
    time::Clock,
};
use alloc::boxed::Box;
use core::{
    pin::Pin,
    task::{Context, Poll, ready},
};
use decision::{Decision, First, Life, Only};
use pin_project_lite::pin_project;

pin_project! {
    /// A supervisor of one child; it ends with the child, and of the reason its observer is told.
    pub(crate) struct SuperviseOne<F: Factory, C: Clock, O> {
        // The incarnation that runs.
        #[pin]
        future: Option<F::Future>,
        factory: F,
        life: Life<C>,
        // What outlives the incarnations, if it is not what the factory knows.
        apart: Option<Box<ControlOf<F>>>,
        clock: C,
        observer: O,
    }

    impl<F: Factory, C: Clock, O> PinnedDrop for SuperviseOne<F, C, O> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let over = matches!(this.life, Life::Over);
            // After the destructors of the incarnation, also if one of them panics.
            let _retired = (!over).then(|| RetireOf(control(this.apart, this.factory)));
            this.future.set(None);
        }
    }
}

/// What outlives the incarnations.
fn control<'a, F: Factory>(
    apart: &'a Option<Box<ControlOf<F>>>,
    factory: &'a F,
) -> Option<&'a ControlOf<F>> {
    apart.as_deref().or_else(|| factory.control())
}

/// Who the child is, by what outlives its incarnations.
fn id<C: Control>(control: Option<&C>) -> ChildId {
    ChildId { name: control.and_then(Control::name).unwrap_or(UNNAMED), index: None }
}

/// Retires what outlives the incarnations when it is dropped itself.
struct RetireOf<'a, C: Control>(Option<&'a C>);

impl<C: Control> Drop for RetireOf<'_, C> {
    fn drop(&mut self) {
        if let Some(control) = self.0 {
            control.retire();
        }
    }
}

/// The observer that a supervisor has after `change`, if it had `observer` before.
pub(crate) fn observer_with<O, P>(
    observer: O,
    change: impl FnOnce(Supervisor<(), O>) -> Supervisor<(), P>,
) -> P {
    change(Supervisor::new(Strategy::OneForOne).map_observer(|_| observer)).observer
}

impl<F: Factory, C: Clock, O> SuperviseOne<F, C, O> {
    #[inline(always)]
    pub(crate) fn new(plan: Plan, factory: F, clock: C, observer: O) -> Self {
        let life = Life::First(First::new(plan));
        Self { future: None, factory, life, apart: None, clock, observer }
    }
}

impl<F: Factory, C: Clock, O: Observer> Future for SuperviseOne<F, C, O> {
    type Output = ();

    // Apart from the task around it, whose variables would lie in memory because of it.
    #[inline(never)]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut starts = 0;
        loop {
            // Not by a shared reference to it all: the incarnation may refer to itself.
            let runs = self.as_mut().project().future.as_pin_mut().is_some();
            let exit = if runs {
                ready!(self.as_mut().poll_incarnation(cx))
            } else {
                // The first start is no restart.
                if starts > RESTARTS {
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                starts += 1;
                let Some(attempt) = ready!(self.as_mut().poll_next(cx)) else {
                    return Poll::Ready(());
                };
                match self.as_mut().start(attempt) {
                    Ok(()) => continue,
                    Err(panic) => Exit::Panicked(panic),
                }
            };
            self.as_mut().ended(exit);
        }
    }
}

impl<F: Factory, C: Clock, O: Observer> SuperviseOne<F, C, O> {
    /// Waits until another incarnation is to be started, and gives its number; none if none will come.
    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<usize>> {
        let this = self.project();
        let later = match this.life {
            Life::First(_) => return Poll::Ready(Some(0)),
            Life::Later(later) => later,
            Life::Over => return Poll::Ready(None),
        };
        let mut later = later.as_mut().project();
        loop {
            if let Some(sleep) = later.sleep.as_mut().as_pin_mut() {
                ready!(sleep.poll(cx));
                later.sleep.set(None);
            }
            let Decision { machine, entry } = &mut *later.decision;
            let now = Reading { clock: this.clock, read: &mut None };
            match machine.next(&mut Only(entry), now) {
                Action::Start(_) => return Poll::Ready(Some(entry.incarnations - 1)),
                Action::Wait(deadline) => later.sleep.set(Some(this.clock.sleep_until(deadline))),
                Action::Finish => return Poll::Ready(None),
                action => unreachable!("nobody asks for {action:?}"),
            }
        }
    }

    /// Makes and begins incarnation `attempt`.
    fn start(self: Pin<&mut Self>, attempt: usize) -> Result<(), Panic> {
        let mut this = self.project();
        let child = id(control(this.apart, this.factory));
        tell(this.observer, &Event::Started { child, attempt });
        let mut future = catch(|| this.factory.make())?;
        let known = this.factory.control();
        let apart = future.adopt_beside(known);
        match (this.apart.take(), known) {
            (Some(before), _) => future.inherit(*before),
            (None, Some(known)) if apart.is_some() => future.inherit(known.clone()),
            _ => {}
        }
        *this.apart = apart.map(Box::new);
        this.future.set(Some(future));
        Ok(())
    }

    /// Waits for the end of the incarnation that runs, and notes when it is ready.
    fn poll_incarnation(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Exit<ErrorOf<F::Future>>> {
        let this = self.project();
        let mut ready = false;
        let polled = poll_in_place(this.future, &mut ready, |future| future.poll(cx));
        if ready {
            match this.life {
                Life::First(first) => first.ready = true,
                Life::Later(later) => {
                    let Decision { machine, entry } = later.as_mut().project().decision;
                    machine.ready(&mut Only(entry), 0);
                }
                Life::Over => {}
            }
        }
        polled
    }
}
