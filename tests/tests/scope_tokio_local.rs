//! Scopes on tokio's `LocalSet`, under paused time.

use klaw_tokio::{LocalExecutor, TokioClock};
use std::rc::Rc;
use tokio::{runtime::Builder, task::LocalSet};

type Rt = klaw::Runtime<LocalExecutor, TokioClock>;
type AnyScope = klaw::Scope<LocalExecutor, TokioClock>;
type AnyFuture = klaw::LocalBoxFuture;

fn run(scenario: impl AsyncFn(Rt)) {
    let tokio = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let set = Rc::new(LocalSet::new());
    let runtime = Rt::new(LocalExecutor::from(&set), TokioClock::new(tokio.handle()));
    set.block_on(&tokio, scenario(runtime));
}

fn run_few(scenario: impl AsyncFn(Rt)) {
    run(scenario);
}

#[path = "../scenarios/scope/mod.rs"]
mod scope;
