//! A machine whose decisions are constants decides as one that has them as values.

use super::*;
use crate::supervise::policy::{Constants, Fixed};
use proptest::prelude::{ProptestConfig, TestCaseError, prop, prop_assert_eq, proptest};

const DRAIN: Shutdown = Shutdown::Drain(Duration::from_millis(5));

/// Declares supervisors, and what compares each with its values.
macro_rules! supervisors {
    ($($name:ident: $strategy:ident, $shutdown:expr;)*) => {
        $(
            struct $name;

            impl Fixed for $name {
                const STRATEGY: Strategy = Strategy::$strategy;
                const SHUTDOWN: Shutdown = $shutdown;
            }
        )*

        const ALL: &[fn(&[Restart], usize, &[Deed]) -> Result<(), TestCaseError>] =
            &[$(compare::<$name>),*];
    };
}

supervisors! {
    OneKilled: OneForOne, Shutdown::Kill;
    OneDrained: OneForOne, DRAIN;
    OneAsked: OneForOne, Shutdown::Infinite;
    AllKilled: OneForAll, Shutdown::Kill;
    AllDrained: OneForAll, DRAIN;
    RestKilled: RestForOne, Shutdown::Kill;
    RestDrained: RestForOne, DRAIN;
}

/// A child, what it does, how long after the deed before, and the delay of a restart.
type Deed = (usize, u8, u64, u64);

/// What one machine was told, and said.
struct Told<P> {
    machine: Machine<P>,
    children: Vec<Entry>,
}

impl<P: Policy> Told<P> {
    fn new(policy: P, max: usize, children: &[(Restart, Shutdown)]) -> Self {
        let intensity = Intensity { max_restarts: max, ..Intensity::new() };
        let children = children.iter().map(|&(restart, how)| Entry::new(restart, how)).collect();
        Self { machine: Machine::new(policy, intensity), children }
    }

    fn act(&mut self, now: Instant) -> Vec<Action> {
        let mut actions = vec![];
        loop {
            let action = self.machine.next(&mut self.children, now);
            actions.push(action);
            if matches!(action, Action::Wait(_) | Action::Finish) {
                return actions;
            }
        }
    }

    fn does(&mut self, (child, deed, _, delay): Deed, now: Instant) -> Option<Verdict> {
        let alive = self.children.get(child).is_some_and(Entry::is_alive);
        match deed {
            0..=2 if alive => {
                let end = [End::Normal, End::Stopped, End::Failed][deed as usize];
                let verdict = self.machine.exited(&mut self.children, child, end, now);
                if matches!(verdict, Verdict::Restart { .. }) {
                    let after = later(now, Duration::from_millis(delay));
                    self.machine.postpone(&mut self.children, child, after);
                }
                Some(verdict)
            }
            3..=5 if alive => {
                self.machine.ready(&mut self.children, child);
                None
            }
            6 if delay < 5 => {
                self.machine.stop();
                None
            }
            _ => None,
        }
    }
}

fn compare<F: Fixed>(kinds: &[Restart], max: usize, script: &[Deed]) -> Result<(), TestCaseError> {
    let children: Vec<_> = kinds.iter().map(|&restart| (restart, F::SHUTDOWN)).collect();
    let mut values = Told::new(Values::new(F::STRATEGY), max, &children);
    // Its shutdown is a constant, so what its children were given plays no part.
    let children: Vec<_> = kinds.iter().map(|&restart| (restart, Shutdown::Infinite)).collect();
    let mut constants = Told::new(Constants::<F>::new(), max, &children);
    let mut at = 0;
    for &deed in script {
        prop_assert_eq!(values.act(now(at)), constants.act(now(at)));
        at += deed.2;
        prop_assert_eq!(values.does(deed, now(at)), constants.does(deed, now(at)));
        let states = |children: &[Entry]| children.iter().map(|it| it.state).collect::<Vec<_>>();
        prop_assert_eq!(states(&values.children), states(&constants.children));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn constants_decide_as_values(
        kinds in prop::collection::vec(
            prop::sample::select(vec![Restart::Never, Restart::OnFailure, Restart::Always]),
            0..5,
        ),
        max in 0usize..4,
        script in prop::collection::vec((0usize..5, 0u8..7, 0u64..20, 0u64..100), 0..60),
    ) {
        for compare in ALL {
            compare(&kinds, max, &script)?;
        }
    }
}
