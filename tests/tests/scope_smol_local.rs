//! Scopes on smol's single-thread executor.

use async_executor as smol;
use klaw_smol::{LocalExecutor, SmolClock};
use std::rc::Rc;

type Rt = klaw::Runtime<LocalExecutor, SmolClock>;
type AnyScope = klaw::Scope<LocalExecutor, SmolClock>;
type AnyFuture = klaw::LocalBoxFuture;

fn run(scenario: impl AsyncFn(Rt)) {
    let executor = Rc::new(smol::LocalExecutor::new());
    let runtime = Rt::new(LocalExecutor::from(&executor), SmolClock);
    async_io::block_on(executor.run(scenario(runtime)));
}

fn run_few(scenario: impl AsyncFn(Rt)) {
    run(scenario);
}

#[path = "../scenarios/scope/mod.rs"]
mod scope;
