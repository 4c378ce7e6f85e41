//! What can be a child, how it is specified, made and run, and sets of them.

pub(super) mod actor_child;
pub(super) mod child;
pub(super) mod delays;
pub(super) mod drive;
pub(super) mod fixed_in_place;
pub(super) mod incarnation;
pub(super) mod last;
pub(super) mod set;
pub(super) mod set_array;
#[cfg(feature = "alloc")]
pub(super) mod set_heap;
#[cfg(feature = "alloc")]
pub(super) mod spawned;
