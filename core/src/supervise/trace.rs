//! Supervision decisions as `tracing` events.

use super::event::Event;
use tracing::{debug, error, info, warn};

/// Emits one decision, at a level that fits its weight.
pub(crate) fn event(event: &Event<'_>) {
    match *event {
        Event::Started { child, attempt } => debug!(target: "klaw", %child, attempt, "started"),
        Event::Failed { child, error, attempt } => {
            warn!(target: "klaw", %child, attempt, ?error, "failed");
        }
        Event::Restarting { child, attempt } => {
            info!(target: "klaw", %child, attempt, "restarting");
        }
        Event::Ended { child } => debug!(target: "klaw", %child, "ended"),
        Event::Killed { child } => warn!(target: "klaw", %child, "killed"),
        Event::GaveUp(gave_up) => {
            error!(target: "klaw", child = %gave_up.child, restarts = gave_up.restarts, "gave up");
        }
    }
}
