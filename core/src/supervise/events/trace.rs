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
        Event::Restarting { child, attempt, delay, .. } => {
            info!(target: "klaw", %child, attempt, ?delay, "restarting");
        }
        Event::Ended { child } => debug!(target: "klaw", %child, "ended"),
        Event::Killed { child } => warn!(target: "klaw", %child, "killed"),
        Event::StartFailed { child } => error!(target: "klaw", %child, "start failed"),
        Event::AutoShutdown { child } => {
            info!(target: "klaw", %child, "a significant child ended");
        }
        Event::GaveUp { child, attempt, restarts, .. } => {
            error!(target: "klaw", %child, attempt, restarts, "gave up");
        }
    }
}
