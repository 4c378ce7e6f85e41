//! On `futures::executor`, for which klaw has no adapter: two small traits are all that it takes.

mod thread_clock;

use core::num::NonZeroUsize;
use futures_executor::{ThreadPool, block_on};
use klaw::{Spawn, SpawnError};
use thread_clock::ThreadClock;

type Rt = klaw::Runtime<Executor, ThreadClock>;
type AnyScope = klaw::Scope<Executor, ThreadClock>;
type AnyFuture = klaw::BoxFuture;
type Children = dyn klaw::supervise::AnyChild + Send;
type Pool = klaw_std::CpuPool;

/// The pool of futures-executor, which takes what is `Send`, and refuses nothing.
#[derive(Clone, Debug)]
struct Executor(ThreadPool);

impl<F: Future<Output = ()> + Send + 'static> Spawn<F> for Executor {
    fn spawn(&self, future: F) -> Result<(), SpawnError<F>> {
        self.0.spawn_ok(future);
        Ok(())
    }
}

const VIRTUAL_TIME: bool = false;

fn run(scenario: impl AsyncFn(Rt) + 'static) {
    let pool = ThreadPool::builder().pool_size(2).create().unwrap();
    block_on(scenario(Rt::new(Executor(pool), ThreadClock::start())));
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
