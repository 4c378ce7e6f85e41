//! What an actor is asked for beside its queue, in one byte.

use crate::channel::Gate;

/// Discard what waits and end after the message in hand.
const STOP_NOW: u8 = 1;
/// Drop the running incarnation.
const KILL: u8 = 2;
/// End the running incarnation after the message in hand; what waits is kept.
const END_INCARNATION: u8 = 4;

/// What comes to its end.
pub(crate) enum Ending {
    /// The incarnation, where it stands.
    Killed,
    /// The incarnation, in order.
    Incarnation,
    /// The actor.
    Actor,
}

/// Requests that need no room in the queue and overtake what waits in it.
///
/// They shut the queue's gate: an incarnation sees each request that was made before a message was
/// sent, and does not take that message.
#[derive(Clone, Copy)]
pub(crate) struct ControlWord<'a>(pub(super) &'a Gate);

impl ControlWord<'_> {
    pub(super) fn stop_now(self) {
        self.0.request(STOP_NOW);
    }

    pub(super) fn is_stopping_now(self) -> bool {
        self.0.requests() & STOP_NOW != 0
    }

    pub(super) fn kill(self) {
        self.0.request(KILL);
    }

    pub(super) fn is_killed(self) -> bool {
        self.0.requests() & KILL != 0
    }

    /// Forgets a kill.
    pub(super) fn spare(self) {
        self.0.forget(KILL);
    }

    pub(super) fn end_incarnation(self) {
        self.0.request(END_INCARNATION);
    }

    /// What follows for an incarnation that takes no more messages.
    #[cold]
    #[inline(never)]
    pub(super) fn ending(self) -> Ending {
        let requests = self.0.requests();
        if requests & KILL != 0 {
            Ending::Killed
        } else if requests & END_INCARNATION != 0 {
            Ending::Incarnation
        } else {
            Ending::Actor
        }
    }

    /// Forgets that an incarnation was asked to end.
    pub(super) fn go_on(self) {
        self.0.forget(END_INCARNATION);
    }

    /// Whether the running incarnation takes no more messages.
    #[inline(always)]
    pub(super) fn is_shut(self) -> bool {
        self.0.is_shut()
    }
}
