//! What an actor says of its state.

use crate::{actor::Actor, checkpoint::Persist};

/// An actor with a state that is worth keeping.
pub trait Checkpointed: Actor {
    /// What is kept of it.
    type State: Persist;

    /// What is to be kept now; called only between messages.
    fn state(&self) -> &Self::State;

    /// Whether to save now and not only when the interval has passed; asked after each message.
    ///
    /// An actor that always says so is saved after each message, and so never behind what it has
    /// answered in [`saved`](Self::saved).
    fn save_now(&self) -> bool {
        false
    }

    /// Called when the state has been saved: a crash does not take it back.
    ///
    /// Also called after the save that follows [`stopped`](Actor::stopped).
    fn saved(&mut self) {}
}
