//! What the tests of whole programs, of executors and the benchmarks share.

pub mod conformance;
pub mod counter;
mod numbers;
mod program;
mod tree;

pub use numbers::Numbers;
pub use program::{Program, Run};
pub use tree::generate;

/// The examples of the README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
