//! What holds on every executor and clock, written once.
//!
//! These files are compiled into one test binary for each executor, a *runner*: see
//! `tests/conformance_*.rs`. They are not generic, since whether a future must be `Send` is decided where
//! it meets an executor: with the runner's types they are checked by what that executor asks for. At its
//! root a runner has
//!
//! - `Rt`, its [`Runtime`](klaw::Runtime); `AnyScope` and `AnyFuture`, which name what recursion needs;
//! - `Children`, any child that may be added to a supervisor there;
//! - `VIRTUAL_TIME`: whether time goes on only when nobody has anything to do;
//! - `Pool` and `pool`, where jobs may block;
//! - `run`, which runs a scenario to its end, and `run_few`, which a simulator does under fewer seeds;
//! - the module `threads`: the file `threads.rs`, or `threads_none.rs`, which says why not.
//!
//! Scenarios wait for what they expect; none waits for time to pass in the hope that something has
//! happened by then. Those about timers take milliseconds where time is real. `cargo run -p klaw-tests
//! --example conformance` prints what came of each scenario on each executor.

#![allow(clippy::clone_on_copy, reason = "the clock of another executor is none")]

mod actor;
mod actor_ask;
mod actor_inputs;
mod actor_timers;
mod blocking;
mod broadcast;
mod cancel;
mod channel;
mod clock;
mod context;
mod counter;
mod map;
mod oneshot;
mod pool;
mod probe;
mod registry;
mod retry;
mod scope;
mod select;
mod supervise;
mod supervise_open;
mod supervise_tree;
mod task;
mod watch;
mod witness;

use crate::{AnyFuture, AnyScope, Rt, pool, run, run_few};
