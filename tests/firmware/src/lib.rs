//! The board: an LM3S6965 as QEMU has it.

#![no_std]

pub mod heap;
pub mod host;
pub mod stack;
mod systick;
pub mod timer;

pub use systick::start as start_clock;
