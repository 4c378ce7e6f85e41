//! A scope among those around it, wherever it lies: on the heap, or in the future that runs it.

use super::life::Life;
use crate::{
    cancel::{Cancelled, Cause, Request},
    time::Instant,
};

/// What scopes of both kinds have, so that each may be around the other's shields and deadlines.
pub trait Node: Sync {
    fn life(&self) -> &Life;

    /// The request to stop that is this scope's own.
    fn request(&self) -> &Request;

    /// The scope that this one is in.
    fn around(&self) -> Option<&dyn Node>;

    /// Why a stop was asked for, here or above.
    fn answer(&self) -> Option<Cancelled>;

    /// The same, by the outermost who asked.
    fn outermost(&self) -> Option<Cancelled>;

    fn cancel_for(&self, cause: Cause, reason: &'static str) -> bool;

    /// Counts one more that this scope does not end before; false if it has ended.
    fn enter(&self) -> bool {
        true
    }

    fn leave(&self) {}

    /// The last shield is down.
    fn unshielded(&self) {}

    /// Whether what lies in here outlives the futures of the scopes around, so that shields in here
    /// need not hold those up: they wait for it as for any task.
    fn ends_by_itself(&self) -> bool {
        false
    }

    /// Whether anything is left here that can be dropped.
    fn has_anyone(&self) -> bool {
        true
    }
}

/// What belongs to a scope, and how it gets at it.
pub trait Handle {
    fn node(&self) -> &dyn Node;
}

fn each_up(scope: &dyn Node, mut f: impl FnMut(&dyn Node)) {
    let mut next = Some(scope);
    while let Some(scope) = next {
        f(scope);
        next = scope.around();
    }
}

/// The earliest deadline from `scope` up, the past if a stop was asked for.
pub(super) fn effective_deadline(scope: &dyn Node) -> Instant {
    if scope.answer().is_some() {
        return Instant::EPOCH;
    }
    let mut earliest = Instant::FAR_FUTURE;
    each_up(scope, |scope| earliest = earliest.min(scope.life().deadline()));
    earliest
}

/// Raises a shield in `scope` and in all around it that would drop what it holds; further out it is
/// only noted.
pub(super) fn shield(scope: &dyn Node) {
    let mut held = true;
    each_up(scope, |scope| {
        if held {
            scope.life().raise_shield();
        } else {
            scope.life().raise_task_shield();
        }
        held &= !scope.ends_by_itself();
    });
}

/// Takes it down again, and tells those who waited for it.
pub(super) fn unshield(scope: &dyn Node) {
    let mut held = true;
    each_up(scope, |scope| {
        if !held {
            scope.life().lower_task_shield();
        } else if scope.life().lower_shield() {
            scope.unshielded();
        }
        held &= !scope.ends_by_itself();
    });
}

/// Whether what lies in `scope`, and left its outermost shield, is to be dropped, and someone will do it.
pub(super) fn is_ending(scope: &dyn Node) -> bool {
    // A task waits for the shields of its scope as well.
    let held = scope.ends_by_itself() && scope.around().is_some_and(|it| it.life().is_shielded());
    scope.life().is_ending() && scope.has_anyone() && !held
}

/// Ends `scope`, whose deadline has passed, or the outermost around it that shares this fate: of
/// several deadlines at once that one takes it.
pub(super) fn expire(scope: &dyn Node, now: Instant) {
    let (mut outermost, mut next) = (scope, scope.around());
    while let Some(scope) = next {
        if scope.life().deadline() <= now {
            outermost = scope;
        }
        next = scope.around();
    }
    outermost.cancel_for(Cause::Timeout, "the deadline of a scope has passed");
}
