//! Scopes without a heap: everything in them is polled in place, by the task that runs them.

mod builder;
mod cleanup;
mod handle;
mod join;
mod state;
mod wait;

pub use builder::{InPlaceBuilder, in_place};
pub use handle::InPlaceScope;
pub use join::InPlaceJoin;
pub use state::Borrowed;
pub use wait::InPlaceCancelled;
