//! On embassy's executor, as it runs on a host, with a thread that sleeps until it is woken.

mod chip;

use chip::{Chip, TASKS};
use core::num::NonZeroUsize;
use klaw_embassy::{EmbassyClock, LocalBoxPool, LocalBoxed, LocalPoolExecutor, Pool as Tasks};
use std::{panic::resume_unwind, thread};

type Rt = klaw::Runtime<LocalBoxed<LocalPoolExecutor<AnyFuture, TASKS>>, EmbassyClock>;
type AnyScope = klaw::Scope<LocalBoxed<LocalPoolExecutor<AnyFuture, TASKS>>, EmbassyClock>;
type AnyFuture = klaw::LocalBoxFuture;
type Children = dyn klaw::supervise::AnyChild;
type Pool = klaw_std::CpuPool;

const VIRTUAL_TIME: bool = false;
const STACK: usize = 64 * 1024 * 1024;

fn run(scenario: impl AsyncFn(Rt) + Send + 'static) {
    let chip = move || {
        // Embassy's tasks live for ever, so this does as well.
        let tasks: &LocalBoxPool<TASKS> = Box::leak(Box::new(Tasks::new()));
        let scenario = Box::leak(Box::new(scenario));
        Chip::run(async move |spawner| {
            scenario(Rt::new(LocalBoxed(tasks.local(spawner)), EmbassyClock)).await;
        });
    };
    // A pool is a `static` on a chip; here it is made on the stack, which has to have room for it.
    let chip = thread::Builder::new().stack_size(STACK).spawn(chip).unwrap();
    chip.join().unwrap_or_else(|panic| resume_unwind(panic));
}

fn run_few(scenario: impl AsyncFn(Rt) + Send + 'static) {
    run(scenario);
}

fn pool(_: &Rt) -> Pool {
    Pool::new(NonZeroUsize::MIN).unwrap()
}

#[path = "../scenarios/mod.rs"]
mod scenarios;
#[path = "../scenarios/threads.rs"]
mod threads;
