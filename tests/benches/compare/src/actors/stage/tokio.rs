//! tokio: its current-thread runtime, and its multi-thread one with two workers.

use super::{Stage, Threads};
use crate::run::pin;
use std::{
    marker::PhantomData,
    sync::{
        OnceLock,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};
use tokio::runtime::{Builder, Handle, Runtime};

static ONE_WORKER: AtomicBool = AtomicBool::new(false);

/// From now on one thread is a worker of tokio's multi-thread runtime.
pub fn with_one_worker() {
    ONE_WORKER.store(true, Ordering::Relaxed);
}

/// For handles that are made from the runtime's.
pub struct OnTokio<H>(PhantomData<H>);

impl<H: From<Handle> + AsRef<Handle>> Stage for OnTokio<H> {
    type Handle = H;

    fn run<T, D, F>(threads: Threads, driver: D) -> T
    where
        T: Send + 'static,
        D: FnOnce(H) -> F,
        F: Future<Output = T> + Send + 'static,
    {
        if threads == Threads::Root {
            let runtime = Builder::new_current_thread().enable_all().build();
            let runtime = runtime.expect("a runtime can be made");
            return runtime.block_on(async { driver(H::from(Handle::current())).await });
        }
        let run = |runtime: &Runtime| {
            let _entered = runtime.enter(); // some libraries spawn from where they are made
            let driver = runtime.spawn(driver(H::from(runtime.handle().clone())));
            runtime.block_on(driver).expect("a driver that panics ends the program")
        };
        match threads {
            Threads::One if ONE_WORKER.load(Ordering::Relaxed) => {
                run(&runtime(Builder::new_multi_thread().worker_threads(1)))
            }
            Threads::Root | Threads::One => run(&runtime(&mut Builder::new_current_thread())),
            Threads::Two => run(two()),
        }
    }

    fn spawn(handle: &H, task: impl Future<Output = ()> + Send + 'static) {
        drop(handle.as_ref().spawn(task));
    }
}

fn two() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        let started = AtomicUsize::new(0);
        let mut builder = Builder::new_multi_thread();
        builder.on_thread_start(move || pin::to_core(started.fetch_add(1, Ordering::Relaxed)));
        runtime(builder.worker_threads(2))
    })
}

fn runtime(builder: &mut Builder) -> Runtime {
    builder.enable_time().build().expect("a runtime can be made")
}
