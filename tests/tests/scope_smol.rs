//! Scopes on smol's multi-thread executor.

use core::num::NonZeroUsize;
use klaw_smol::{Executor, SmolClock};

type Rt = klaw::Runtime<Executor, SmolClock>;
type AnyScope = klaw::Scope<Executor, SmolClock>;
type AnyFuture = klaw::BoxFuture;

fn run(scenario: impl AsyncFn(Rt)) {
    let runtime =
        klaw_smol::Runtime::builder().threads(NonZeroUsize::new(2).unwrap()).build().unwrap();
    runtime.block_on(scenario((*runtime).clone()));
}

fn run_few(scenario: impl AsyncFn(Rt)) {
    run(scenario);
}

#[path = "../scenarios/scope/mod.rs"]
mod scope;
