//! On smol's single-thread executor.

use async_executor as smol;
use core::num::NonZeroUsize;
use klaw_smol::{LocalExecutor, SmolClock};
use std::rc::Rc;

type Rt = klaw::Runtime<LocalExecutor, SmolClock>;
type AnyScope = klaw::Scope<LocalExecutor, SmolClock>;
type AnyFuture = klaw::LocalBoxFuture;
type Children = dyn klaw::supervise::AnyChild;
type Pool = klaw_std::CpuPool;

const VIRTUAL_TIME: bool = false;

fn run(scenario: impl AsyncFn(Rt) + 'static) {
    let executor = Rc::new(smol::LocalExecutor::new());
    let runtime = Rt::new(LocalExecutor::from(&executor), SmolClock);
    async_io::block_on(executor.run(scenario(runtime)));
}

fn run_few(scenario: impl AsyncFn(Rt) + 'static) {
    run(scenario);
}

fn pool(_: &Rt) -> Pool {
    Pool::new(NonZeroUsize::MIN).unwrap()
}

#[path = "../scenarios/mod.rs"]
mod scenarios;
#[path = "../scenarios/threads.rs"]
mod threads;
