//! What an actor sees of itself.

use super::{
    ActorRef, sending::envelope::Envelope, serving::extras::Extras, serving::stash::Stash,
};
use core::fmt;

/// The actor's own view, given to each of its handlers.
pub struct Ctx<'a, M: 'static> {
    pub(super) me: &'a ActorRef<M>,
    pub(super) incarnation: usize,
    pub(super) stop: bool,
    /// Whether messages were brought back from the stash.
    pub(super) unstashed: bool,
    /// Whose turn it is: the mailbox's, the source's, or that of a stream.
    pub(super) turn: u32,
    pub(super) extras: Extras<M>,
}

impl<'a, M> Ctx<'a, M> {
    /// What the incarnation before had put aside comes back.
    pub(super) fn new(me: &'a ActorRef<M>, incarnation: usize) -> Self {
        // Before the first one nobody could put anything aside.
        let unstashed = incarnation > 0 && me.inbox().stash().bring_back();
        Self { me, incarnation, stop: false, unstashed, turn: 0, extras: Extras::new() }
    }

    /// Whether messages come from the mailbox alone.
    #[inline]
    pub(super) fn is_plain(&mut self) -> bool {
        !(Stash::<Envelope<M>>::ANY && self.unstashed) && self.extras.is_idle()
    }

    /// The next message that was brought back from the stash.
    pub(super) fn take_unstashed(&mut self) -> Option<Envelope<M>> {
        if !self.unstashed {
            return None;
        }
        let msg = self.me.inbox().stash().take();
        self.unstashed = msg.is_some();
        msg
    }

    /// The actor's own reference.
    pub const fn me(&self) -> &ActorRef<M> {
        self.me
    }

    /// The name it goes by in events.
    pub fn name(&self) -> &'static str {
        self.me.name()
    }

    /// The same, for as long as the incarnation has it.
    pub(super) const fn reference(&self) -> &'a ActorRef<M> {
        self.me
    }

    /// The number of this incarnation, from 0.
    pub const fn incarnation(&self) -> usize {
        self.incarnation
    }

    /// Ends this incarnation after the handler returns, as [`Exit::Normal`](super::Exit::Normal).
    ///
    /// The queue stays for the next incarnation if the supervisor starts one. Called in
    /// [`started`](super::Actor::started), it ends an incarnation that was never ready; OTP's `ignore`.
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
