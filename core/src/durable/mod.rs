//! Actors whose state outlives a crash.
//!
//! A [`Checkpointed`] actor says what of it is worth keeping; [`serve_checkpointed`] runs an incarnation
//! of it that begins with what was saved last, and saves. It is made anew with every restart and with
//! every start of the process, so both go on from the last save. With a runtime,
//! `spawn_actor(|me| restore(make, me)).name(..).checkpoint(store, every)` does all of that.
//!
//! # What is kept
//!
//! A crash, a kill, a panic or a failure loses what has changed since the last save, and the message in
//! hand; nothing else. The next incarnation has the state of the last save, never one between two
//! messages' halves: no handler runs while the state is saved. Messages are handled at most once, and are
//! not kept themselves: what waits in the mailbox outlives a restart, but not the process.
//!
//! Whoever has to know that a change is kept is answered in [`Checkpointed::saved`].
//!
//! # When it is saved
//!
//! - when the interval has passed since the last save and a message was handled since, also if no
//!   further one comes;
//! - after a message, if [`Checkpointed::save_now`] says so;
//! - after [`Actor::stopped`](crate::Actor::stopped), if the actor was stopped or ended by itself. What
//!   failed does not save: its state is in doubt.
//!
//! # What goes wrong
//!
//! A store that cannot be read, and a value that is damaged, newer or of another shape, end the incarnation
//! before the actor is made: a failed start, of which its supervisor hears. What is stored stays as it is.
//! A save that fails ends the incarnation as well, after `stopped`; the next one begins with what can be
//! read then. Whether a failed save is tried again is for the store to decide: after a failed write
//! many stores have to be opened anew.

mod checkpoint;
mod checkpointed;
mod error;
mod restore;
mod saving;
mod serve;

pub use checkpoint::Checkpoint;
pub use checkpointed::Checkpointed;
pub use error::CheckpointError;
pub use restore::{Restore, restore};
pub use serve::serve_checkpointed;
