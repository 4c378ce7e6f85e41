//! Many items by few tasks.
//!
//! A map starts up to `width` workers, each a task, over one shared iterator: a worker takes an item,
//! runs it to its end, puts the result where the consumer finds it, and takes the next. So an item
//! costs no task and no allocation, and no more items are taken than are being worked on.
//!
//! - `source.rs` is where items come from, `outlet.rs` says where results go: `collect.rs` keeps
//!   them in their places until all are there, `buffer.rs` holds a few for a stream.
//! - `crew.rs` is all that the workers of one map share, `roll.rs` counts them, `worker.rs` is one.
//! - `whole.rs`, `fallible.rs`, `stream.rs` and `cpu.rs` are what a user gets.

mod buffer;
mod collect;
mod cpu;
mod crew;
mod fallible;
#[cfg(all(test, loom))]
mod loom_tests;
mod outlet;
mod plan;
mod roll;
mod source;
mod stream;
mod whole;
mod worker;

pub(super) use buffer::Order;
pub use cpu::MapCpu;
pub use fallible::{TryMap, TryMapError};
pub use stream::{Imap, Next};
pub use whole::Map;
pub use worker::{Worker, WorkerTask};
