//! What is known of the one child: its plan until something is to be decided, then all that a machine
//! knows.

use crate::supervise::{
    entry::{Entries, Entry, Origin, State},
    intensity::{Intensity, Window},
    machine::Machine,
    policy::Values,
    spec::{Restart, Shutdown, Strategy},
};
use crate::time::Clock;
use alloc::boxed::Box;
use core::pin::Pin;
use pin_project_lite::pin_project;

/// After which exits the child is restarted, and how often within how long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) restart: Restart,
    pub(crate) max_restarts: usize,
    pub(crate) window: Window,
}

/// Where the child is in its life.
pub(super) enum Life<C: Clock> {
    /// It had no end so far.
    First(First),
    /// It was restarted, or waits for that.
    Later(Pin<Box<Later<C>>>),
    /// No further incarnation will come, and its mailbox is closed.
    Over,
}

/// The first incarnation, from before it is made until it ends: a plan, flat so that three words do.
///
/// When it began is not kept: how long it ran could change the delay before its restart only if there had
/// been one before.
pub(super) struct First {
    max_restarts: usize,
    window: Window,
    restart: Restart,
    /// It was started, and that has gone well.
    pub(super) ready: bool,
}

pin_project! {
    /// What there is besides from the first restart on.
    pub(super) struct Later<C: Clock> {
        pub(super) decision: Decision,
        // Until the next incarnation starts, while one has to wait.
        #[pin]
        pub(super) sleep: Option<C::Sleep>,
    }
}

/// The machine and the one entry that it decides about.
pub(super) struct Decision {
    pub(super) machine: Machine,
    pub(super) entry: Entry,
}

/// The entries of one child.
pub(super) struct Only<'a>(pub(super) &'a mut Entry);

impl Entries for Only<'_> {
    fn count(&mut self) -> usize {
        1
    }

    fn entry(&mut self, _: usize) -> &mut Entry {
        self.0
    }
}

impl Plan {
    /// OTP's default: restarted after failures, once within five seconds.
    pub(crate) fn new() -> Self {
        let Intensity { max_restarts, window, .. } = Intensity::new();
        Self { restart: Restart::OnFailure, max_restarts, window }
    }

    fn decision(self) -> Decision {
        let intensity =
            Intensity { max_restarts: self.max_restarts, window: self.window, ..Intensity::new() };
        // How it would be stopped is never asked: nobody can ask its supervisor to.
        let entry = Entry::new(self.restart, Shutdown::Kill);
        Decision { machine: Machine::new(Values::new(Strategy::OneForOne), intensity), entry }
    }
}

impl First {
    pub(super) const fn new(plan: Plan) -> Self {
        let Plan { restart, max_restarts, window } = plan;
        Self { max_restarts, window, restart, ready: false }
    }

    const fn plan(&self) -> Plan {
        Plan { restart: self.restart, max_restarts: self.max_restarts, window: self.window }
    }

    /// The machine as it is when the first incarnation has been started, and was ready if it was.
    ///
    /// Up to here a machine decides the same for every child: see the test below.
    #[inline]
    pub(super) fn decision(&self) -> Decision {
        let Decision { mut machine, mut entry } = self.plan().decision();
        entry.incarnations = 1;
        if self.ready {
            (entry.state, entry.origin) = (State::Running, Origin::Restart);
        } else {
            entry.state = State::Starting;
            machine.starting = true;
        }
        Decision { machine, entry }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{supervise::machine::Action, time::Instant};
    use alloc::{format, string::String};

    fn all_of(Decision { machine, entry }: &Decision) -> String {
        let Machine { policy, stopping, answer, starting, ending, over_from, .. } = machine;
        let restarts = (machine.restarts(), machine.intensity.max_restarts);
        format!(
            "{policy:?} {restarts:?} {stopping} {answer:?} {starting} {ending} {over_from} {entry:?}"
        )
    }

    /// What is left out before the first end is what a machine would have done.
    #[test]
    fn the_first_steps_are_those_of_a_machine() {
        for restart in [Restart::Never, Restart::OnFailure, Restart::Always] {
            let plan = Plan { restart, ..Plan::new() };
            let mut by_machine = plan.decision();
            let Decision { machine, entry } = &mut by_machine;
            assert_eq!(machine.next(&mut Only(entry), Instant::EPOCH), Action::Start(0));
            let mut first = First::new(plan);
            assert_eq!(all_of(&by_machine), all_of(&first.decision()));

            let Decision { machine, entry } = &mut by_machine;
            assert!(machine.ready(&mut Only(entry), 0));
            assert_eq!(
                machine.next(&mut Only(entry), Instant::EPOCH),
                Action::Wait(Instant::FAR_FUTURE),
                "nothing to do before it ends"
            );
            first.ready = true;
            assert_eq!(all_of(&by_machine), all_of(&first.decision()));
        }
    }
}
