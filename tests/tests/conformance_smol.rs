//! On smol's multi-thread executor.

use core::num::NonZeroUsize;
use klaw_smol::{Executor, SmolClock};

type Rt = klaw::Runtime<Executor, SmolClock>;
type AnyScope = klaw::Scope<Executor, SmolClock>;
type AnyFuture = klaw::BoxFuture;
type Children = dyn klaw::supervise::AnyChild + Send;
type Pool = klaw_std::CpuPool;

const VIRTUAL_TIME: bool = false;

fn run(scenario: impl AsyncFn(Rt) + 'static) {
    let runtime =
        klaw_smol::Runtime::builder().threads(NonZeroUsize::new(2).unwrap()).build().unwrap();
    runtime.block_on(scenario((*runtime).clone()));
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
