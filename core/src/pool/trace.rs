//! What happens in pools as `tracing` events.

use super::PoolEvent;
use tracing::{debug, error, info, warn};

/// Emits one event, at a level that fits its weight.
pub(super) fn event(event: &PoolEvent<'_>) {
    match *event {
        PoolEvent::Started { member, attempt } => {
            debug!(target: "klaw", %member, attempt, "started");
        }
        PoolEvent::Failed { member, error, attempt } => {
            warn!(target: "klaw", %member, attempt, ?error, "failed");
        }
        PoolEvent::Restarting { member, attempt } => {
            info!(target: "klaw", %member, attempt, "restarting");
        }
        PoolEvent::Replaced { member, attempt } => {
            warn!(target: "klaw", %member, attempt, "replaced");
        }
        PoolEvent::Ended { member } => debug!(target: "klaw", %member, "ended"),
        PoolEvent::Lost { member } => error!(target: "klaw", %member, "lost"),
        PoolEvent::Closed { pool } => info!(target: "klaw", pool, "closed"),
    }
}
