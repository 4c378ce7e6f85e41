//! What there is to be seen of a supervisor and those below it.

pub(super) mod info;
#[cfg(feature = "alloc")]
pub(super) mod snapshot;
#[cfg(feature = "alloc")]
pub(super) mod text;
#[cfg(feature = "alloc")]
pub(super) mod view;
#[cfg(not(feature = "alloc"))]
#[path = "view_none.rs"]
pub(super) mod view;
