//! Deterministic simulation: real code on a seeded executor under virtual time.
//!
//! A [`Sim`] is an executor of one thread and a clock in one. Which of the ready tasks is polled
//! next is drawn at random, and so is every fault that is [injected](Injection); all of it follows
//! from one seed, so a run that went wrong goes wrong again. Time is virtual: it stands still
//! while any task is ready, then jumps to the next deadline, so an hour costs as much as it has
//! timers. Nothing is mocked: tasks, channels, actors and supervisors are those that run elsewhere.
//!
//! # Rules
//!
//! Besides those of every [`Clock`](crate::Clock) (C1 to C6), these hold:
//!
//! - **C7** Time advances only when no task is ready, and then to the earliest deadline. Timers
//!   fire in the order of their deadlines, equal ones in the order in which they were armed.
//! - **C8** When nothing is ready, no timer is armed and the root is not done, [`Sim::run`] fails
//!   with [`RunError::Deadlock`], which names the parked tasks.
//! - **C9** The same seed gives the same schedule and the same faults. No decision depends on
//!   addresses, hash tables, real time or other threads, as long as the tasks do not.
//!
//! # Many seeds
//!
//! [`seeds`] runs a scenario under each of many seeds and names the first that fails:
//!
//! ```
//! use klaw::{bounded, sim::{self, Injection}};
//!
//! sim::seeds(0..100).run(async |sim| {
//!     sim.inject(Injection::cancel(0.1).on("sender"));
//!     let (tx, rx) = bounded(1);
//!     for n in 0..2 {
//!         let tx = tx.clone();
//!         sim.spawn_named("sender", async move { tx.send(n).await.unwrap() });
//!     }
//!     drop(tx);
//!     let mut received = vec![];
//!     while let Ok(n) = rx.recv().await {
//!         received.push(n);
//!     }
//!     received.sort();
//!     assert!(received.iter().all(|n| *n < 2) && received.len() <= 2);
//! });
//! ```

mod clock;
mod drive;
mod error;
mod executor;
mod faults;
mod inject;
mod random;
mod ready;
mod seeds;
mod simulation;
mod spawner;
mod task;
mod timers;
mod trace;

pub use clock::{VirtualClock, VirtualSleep};
pub use error::{Parked, RunError};
pub use inject::{Fault, FaultKind, Injection};
pub use random::Random;
pub use seeds::{Seeds, Verdict, seeds};
pub use simulation::Sim;
pub use spawner::Spawner;
pub use task::TaskId;
pub use trace::{Event, EventKind};
