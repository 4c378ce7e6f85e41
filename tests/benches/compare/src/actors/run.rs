//! Where threads run; shared with the channels' program.

#[path = "../run/pin.rs"]
pub mod pin;
