//! One incarnation: the loop over the mailbox, and what it listens to besides.

pub(super) mod between;
#[cfg(feature = "alloc")]
pub(super) mod extras;
#[cfg(not(feature = "alloc"))]
#[path = "extras_none.rs"]
pub(super) mod extras;
pub(super) mod next;
pub(super) mod serve;
#[cfg(feature = "alloc")]
pub(super) mod serve_beside;
pub(super) mod serve_with;
pub(super) mod source;
#[cfg(feature = "alloc")]
pub(super) mod stash;
#[cfg(not(feature = "alloc"))]
#[path = "stash_none.rs"]
pub(super) mod stash;
#[cfg(feature = "alloc")]
pub(super) mod streams;
#[cfg(feature = "alloc")]
pub(super) mod timekeeper;
#[cfg(feature = "alloc")]
pub(super) mod timers;
pub(super) mod watched;
