//! Children that come and go while their supervisor runs: what is asked of it, and who asks.

pub(super) mod ask;
#[cfg(feature = "alloc")]
pub(super) mod asked;
pub(super) mod by_hand;
#[cfg(feature = "alloc")]
pub(super) mod dynamic;
#[cfg(feature = "alloc")]
pub(super) mod hire;
#[cfg(feature = "alloc")]
pub(super) mod partitions;
pub(super) mod refused;
pub(super) mod requests;
#[cfg(feature = "alloc")]
pub(super) mod supervisor_ref;
