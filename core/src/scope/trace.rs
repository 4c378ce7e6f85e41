//! What a scope says as `tracing` events.

/// A scope was dropped with tasks in it, and nobody is there to wait for them.
#[allow(dead_code, reason = "only tasks can be left behind, which need a heap")]
pub(super) fn abandoned(members: usize) {
    tracing::warn!(target: "klaw", members, "a scope was dropped; its tasks end in the background");
}

/// A cleanup did not end in time.
pub(super) fn cleanup_dropped() {
    tracing::warn!(target: "klaw", "a cleanup was dropped: the time for cleanups is over");
}
