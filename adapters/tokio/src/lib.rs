#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

extern crate alloc;

mod bridge;
mod clock;
mod executor;
mod local;
mod tokio_runtime;

#[doc(no_inline)]
pub use klaw;
#[doc(no_inline)]
pub use klaw::*;

pub use bridge::CancelBridge;
pub use clock::{TokioClock, TokioSleep};
pub use executor::Executor;
pub use local::{LocalExecutor, LocalExecutorRef};
pub use tokio_runtime::{Runtime, runtime};
