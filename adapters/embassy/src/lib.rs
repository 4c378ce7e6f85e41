#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]
#![warn(clippy::alloc_instead_of_core, clippy::std_instead_of_alloc, clippy::std_instead_of_core)]

mod clock;
#[cfg(feature = "flash")]
pub mod flash;
mod task_pool;
#[cfg(feature = "alloc")]
mod task_pool_boxed;
mod ticks;

#[doc(no_inline)]
pub use klaw;
#[doc(no_inline)]
pub use klaw::*;

pub use clock::{EmbassyClock, EmbassySleep};
pub use task_pool::{LocalPoolExecutor, Pool, PoolExecutor};
#[cfg(feature = "alloc")]
pub use task_pool_boxed::{BoxPool, LocalBoxPool};
