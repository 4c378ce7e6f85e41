//! What the tests of whole programs and the benchmarks share: input to read, and the programs.

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
