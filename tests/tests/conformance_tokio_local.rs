//! On tokio's `LocalSet`, under paused time.

use klaw_tokio::{Executor, LocalExecutor, TokioClock};
use std::rc::Rc;
use tokio::{
    runtime::{Builder, Handle},
    task::LocalSet,
};

type Rt = klaw::Runtime<LocalExecutor, TokioClock>;
type AnyScope = klaw::Scope<LocalExecutor, TokioClock>;
type AnyFuture = klaw::LocalBoxFuture;
type Children = dyn klaw::supervise::AnyChild;
type Pool = Executor;

const VIRTUAL_TIME: bool = true;

fn run(scenario: impl AsyncFn(Rt) + 'static) {
    let tokio = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let set = Rc::new(LocalSet::new());
    let runtime = Rt::new(LocalExecutor::from(&set), TokioClock::new(tokio.handle()));
    set.block_on(&tokio, scenario(runtime));
}

fn run_few(scenario: impl AsyncFn(Rt) + 'static) {
    run(scenario);
}

fn pool(_: &Rt) -> Pool {
    Executor::from(Handle::current())
}

#[path = "../scenarios/mod.rs"]
mod scenarios;
#[path = "../scenarios/threads.rs"]
mod threads;
