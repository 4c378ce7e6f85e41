//! A cache that loads what it lacks, once for everybody who asks.

mod async_lru;
mod error;
mod flight;
mod load;
#[cfg(all(test, loom))]
mod loom_tests;
mod lru;
mod shared;

pub use async_lru::AsyncLru;
pub use error::LoadError;
pub use load::Load;
