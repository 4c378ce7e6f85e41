//! What an actor sees of itself.

use super::ActorRef;
use core::fmt;

/// The actor's own view, given to each of its handlers.
pub struct Ctx<'a, M: 'static> {
    me: &'a ActorRef<M>,
    incarnation: usize,
    pub(super) stop: bool,
}

impl<'a, M> Ctx<'a, M> {
    pub(super) const fn new(me: &'a ActorRef<M>, incarnation: usize) -> Self {
        Self { me, incarnation, stop: false }
    }

    /// The actor's own reference.
    pub const fn me(&self) -> &ActorRef<M> {
        self.me
    }

    /// The number of this incarnation, from 0.
    pub const fn incarnation(&self) -> usize {
        self.incarnation
    }

    /// Ends this incarnation after the handler returns, as [`Exit::Normal`](super::Exit::Normal).
    ///
    /// The queue stays for the next incarnation if the supervisor starts one.
    pub const fn stop(&mut self) {
        self.stop = true;
    }
}

impl<M> fmt::Debug for Ctx<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ctx")
            .field("me", self.me)
            .field("incarnation", &self.incarnation)
            .finish_non_exhaustive()
    }
}
