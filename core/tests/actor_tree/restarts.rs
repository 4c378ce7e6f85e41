//! What one supervisor decided, and whether its budget allowed it.

use super::history::Tally;
use core::{cell::RefCell, time::Duration};
use klaw::{ChildId, Event, Instant, Strategy};
use std::collections::BTreeSet;

/// A child by its place in the start order: the group it was added with, and its number there.
type Place = (usize, Option<usize>);

/// Follows the restarts of one supervisor.
pub(crate) struct Restarts {
    strategy: Strategy,
    max: usize,
    window: Duration,
    groups: &'static [&'static str],
    seen: RefCell<Seen>,
}

#[derive(Default)]
struct Seen {
    alive: BTreeSet<Place>,
    /// Those that are restarted because another one failed, which counts nothing.
    leaving: BTreeSet<Place>,
    counted: Vec<Instant>,
    gave_up: Option<Instant>,
}

impl Restarts {
    pub(super) fn new(
        strategy: Strategy,
        max: usize,
        window: Duration,
        groups: &'static [&'static str],
    ) -> Self {
        Self { strategy, max, window, groups, seen: RefCell::default() }
    }

    /// Writes down what the supervisor says.
    pub(super) fn note(&self, now: Instant, event: &Event<'_>) {
        let seen = &mut *self.seen.borrow_mut();
        match *event {
            Event::Started { child, .. } => {
                seen.alive.insert(self.place(child));
            }
            Event::Restarting { child, .. } => {
                let place = self.place(child);
                seen.alive.remove(&place);
                if !seen.leaving.remove(&place) {
                    seen.counted.push(now);
                    let group = seen.alive.iter().filter(|other| self.takes_along(place, **other));
                    seen.leaving.extend(group.copied());
                }
            }
            Event::Ended { child } => {
                let place = self.place(child);
                seen.alive.remove(&place);
                seen.leaving.remove(&place);
            }
            Event::GaveUp { .. } => seen.gave_up = Some(now),
            _ => {}
        }
    }

    fn place(&self, child: ChildId) -> Place {
        let group = self.groups.iter().position(|name| *name == child.name);
        (group.expect("a child of this supervisor"), child.index)
    }

    fn takes_along(&self, failed: Place, other: Place) -> bool {
        match self.strategy {
            Strategy::OneForAll => true,
            Strategy::RestForOne => other > failed,
            _ => false,
        }
    }

    /// Counts what was decided.
    pub(super) fn tally(&self, tally: &mut Tally) {
        let seen = self.seen.borrow();
        *tally.entry("restarts").or_default() += seen.counted.len();
        *tally.entry("gave up").or_default() += usize::from(seen.gave_up.is_some());
    }

    pub(super) fn check(&self) {
        let Self { max, window, .. } = *self;
        let seen = self.seen.borrow();
        for (at, &now) in seen.counted.iter().enumerate() {
            let earlier = &seen.counted[..at];
            let count =
                earlier.iter().filter(|then| now.saturating_since(**then) <= window).count();
            assert!(count < max, "more than {max} restarts within {window:?}: {:?}", seen.counted);
        }
        if let Some(now) = seen.gave_up {
            let count =
                seen.counted.iter().filter(|then| now.saturating_since(**then) <= window).count();
            assert_eq!(count, max, "gave up though the budget was not spent");
        }
    }
}
