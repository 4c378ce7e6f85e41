//! What others do with an actor: tell it, ask it, wait for its answer.

#[cfg(feature = "alloc")]
pub(super) mod ask;
pub(super) mod ask_in;
#[cfg(feature = "alloc")]
pub(super) mod ask_through;
#[cfg(feature = "alloc")]
pub(super) mod ctx_ask;
pub(super) mod ctx_ask_in;
pub(super) mod ctx_tell;
#[cfg(feature = "alloc")]
pub(super) mod envelope;
#[cfg(not(feature = "alloc"))]
#[path = "envelope_none.rs"]
pub(super) mod envelope;
#[cfg(feature = "alloc")]
#[allow(unsafe_code, reason = "a future that others put an answer into; invariants Q1 to Q4")]
pub(super) mod questions;
#[cfg(not(feature = "alloc"))]
#[path = "questions_none.rs"]
pub(super) mod questions;
pub(super) mod reply;
pub(super) mod reply_slot;
pub(super) mod tell;
#[cfg(feature = "alloc")]
pub(super) mod try_ask;
#[allow(unsafe_code, reason = "edges that lie in the futures that wait; invariants G1 to G4")]
pub(super) mod wait_for;
