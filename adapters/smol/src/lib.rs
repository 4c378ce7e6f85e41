#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

extern crate alloc;

mod clock;
mod executor;
mod workers;

#[doc(no_inline)]
pub use klaw;
#[doc(no_inline)]
pub use klaw::*;

pub use clock::{SmolClock, SmolSleep};
pub use executor::{Executor, ExecutorRef, LocalExecutor, LocalExecutorRef};
pub use workers::{Runtime, RuntimeBuilder};
