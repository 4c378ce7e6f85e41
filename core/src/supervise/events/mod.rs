//! What a supervisor tells of: its observer, the hooks, and the log.

pub(super) mod event;
pub(super) mod hooks;
pub(super) mod observer;
#[cfg(feature = "tracing")]
pub(super) mod trace;
#[cfg(not(feature = "tracing"))]
#[path = "trace_none.rs"]
pub(super) mod trace;
#[cfg(feature = "defmt")]
pub(super) mod trace_defmt;
#[cfg(not(feature = "defmt"))]
#[path = "trace_defmt_none.rs"]
pub(super) mod trace_defmt;
