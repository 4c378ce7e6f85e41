//! On tokio's runtimes: with threads, and with none under paused time.

use klaw_tokio::{Executor, TokioClock};
use tokio::runtime::{Builder, Runtime};

type Rt = klaw::Runtime<Executor, TokioClock>;
type AnyScope = klaw::Scope<Executor, TokioClock>;
type AnyFuture = klaw::BoxFuture;
type Children = dyn klaw::supervise::AnyChild + Send;
type Pool = Executor;

const VIRTUAL_TIME: bool = false;

fn run(scenario: impl AsyncFn(Rt) + 'static) {
    let run = |tokio: Runtime| tokio.block_on(scenario(klaw_tokio::runtime(tokio.handle())));
    run(Builder::new_multi_thread().worker_threads(2).enable_time().build().unwrap());
    run(Builder::new_current_thread().enable_time().start_paused(true).build().unwrap());
}

fn run_few(scenario: impl AsyncFn(Rt) + 'static) {
    run(scenario);
}

fn pool(rt: &Rt) -> Pool {
    rt.spawner().clone()
}

#[path = "../scenarios/mod.rs"]
mod scenarios;
#[path = "../scenarios/threads.rs"]
mod threads;
