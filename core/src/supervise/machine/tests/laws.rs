//! What holds whatever children do and whatever is asked for, under every strategy.

use super::*;
use proptest::prelude::{TestCaseError, any, prop, prop_assert, prop_assert_eq, proptest};

/// What a supervisor did so far, as seen from outside.
struct World {
    bench: Bench,
    /// Which children have an incarnation.
    alive: Vec<bool>,
    /// When restarts were granted.
    restarted: Vec<u64>,
    at: u64,
}

impl World {
    /// Does what is to be done now, with the laws checked at each step.
    fn act(&mut self) -> Result<(), TestCaseError> {
        for action in self.bench.act() {
            match action {
                Action::Start(child) => {
                    prop_assert!(!self.alive[child], "{child} is started while it runs");
                    prop_assert!(!self.bench.machine.stopping);
                    let starting = self.bench.states();
                    let starting = starting.iter().filter(|state| **state == State::Starting);
                    prop_assert_eq!(starting.count(), 1, "one at a time");
                    prop_assert!(
                        !self.bench.children.iter().any(Entry::is_ending),
                        "started while another one stops"
                    );
                    self.alive[child] = true;
                }
                Action::Stop(child) | Action::EndIncarnation(child) | Action::Kill(child) => {
                    prop_assert!(self.alive[child]);
                    if self.bench.machine.stopping {
                        let after = &self.alive[child + 1..];
                        prop_assert!(after.iter().all(|alive| !alive), "in reverse");
                    }
                }
                Action::Retire(child) => prop_assert!(!self.alive[child]),
                Action::Finish => prop_assert!(self.alive.iter().all(|alive| !alive)),
                Action::Wait(_) => {}
            }
        }
        Ok(())
    }

    fn ends(&mut self, child: usize, end: End, delay: u64) -> Result<(), TestCaseError> {
        self.alive[child] = false;
        match self.bench.exits(child, end) {
            Verdict::Restart { .. } => {
                self.restarted.push(self.at);
                let window = |then: &&u64| self.at - **then <= 5000;
                let within = self.restarted.iter().filter(window).count();
                prop_assert!(within <= self.bench.machine.intensity.max_restarts);
                let after = now(self.at + delay);
                self.bench.machine.postpone(&mut self.bench.children, child, after);
            }
            Verdict::GiveUp | Verdict::StartFailed | Verdict::AutoShutdown => {
                prop_assert!(self.bench.machine.stopping);
            }
            Verdict::Group(_) | Verdict::Down | Verdict::Over => {}
        }
        Ok(())
    }
}

proptest! {
    #[test]
    fn laws(
        strategy in prop::sample::select(
            vec![Strategy::OneForOne, Strategy::OneForAll, Strategy::RestForOne],
        ),
        by_hand in any::<bool>(),
        max in 0usize..4,
        kinds in prop::collection::vec((0usize..3, 0usize..3, any::<bool>()), 0..6),
        script in prop::collection::vec((0usize..8, 0u8..10, 0u64..4000, 0u64..100), 0..80),
    ) {
        let children: Vec<_> = kinds.iter().copied().map(kind_of).collect();
        let mut bench = Bench::new(strategy, max, &children);
        bench.machine.policy.by_hand = by_hand;
        bench.machine.policy.auto_shutdown = AutoShutdown::AllSignificant;
        for (entry, &(.., significant)) in bench.children.iter_mut().zip(&kinds) {
            entry.significant = significant && entry.restart != Restart::Always;
        }
        let alive = vec![false; children.len()];
        let mut world = World { bench, alive, restarted: vec![], at: 0 };
        world.act()?;
        for (child, deed, step, delay) in script {
            world.at += step;
            world.bench.now = now(world.at);
            let there = child < world.alive.len();
            let alive = there && world.alive[child];
            let World { bench, .. } = &mut world;
            match deed {
                0..=2 if alive => {
                    let end = [End::Normal, End::Stopped, End::Failed][deed as usize];
                    world.ends(child, end, delay)?;
                }
                3 | 4 if alive => bench.ready(child),
                5 if by_hand && there => {
                    bench.machine.stop_child(&mut bench.children, child);
                }
                6 if by_hand && there => bench.machine.restart_child(&mut bench.children, child),
                7 if by_hand && there => {
                    bench.machine.delete_child(&mut bench.children, child);
                }
                8 if by_hand && !bench.machine.stopping => {
                    let kind = (1 + child % 2, delay as usize % 3, false);
                    let (restart, shutdown) = kind_of(kind);
                    bench.children.push(Entry::new(restart, shutdown));
                    let last = bench.children.len() - 1;
                    bench.machine.added(&mut bench.children, last);
                    world.alive.push(false);
                }
                9 if delay < 10 => bench.machine.stop(),
                _ => {}
            }
            world.act()?;
        }
        world.bench.machine.stop();
        for _ in 0..=2 * world.alive.len() {
            world.act()?;
            if let Some(child) = world.alive.iter().rposition(|&alive| alive) {
                world.ends(child, End::Stopped, 0)?;
            }
        }
        let World { bench, .. } = &mut world;
        prop_assert_eq!(bench.act(), vec![Action::Finish]);
    }
}

fn kind_of((restart, shutdown, _): (usize, usize, bool)) -> (Restart, Shutdown) {
    (
        [Restart::Never, Restart::OnFailure, Restart::Always][restart],
        [Shutdown::Drain(Duration::from_millis(5)), Shutdown::Infinite, Shutdown::Kill][shutdown],
    )
}
