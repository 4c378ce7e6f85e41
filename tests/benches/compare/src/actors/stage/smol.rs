//! smol's `Executor` on the calling thread, and on two.

use super::{Stage, Threads};
use crate::run::pin;
use smol::{Executor, future};
use std::{
    marker::PhantomData,
    sync::{Arc, OnceLock},
    thread,
};

/// For handles that are made from the executor.
pub struct OnSmol<H>(PhantomData<H>);

impl<H> Stage for OnSmol<H>
where
    H: for<'a> From<&'a Arc<Executor<'static>>> + AsRef<Arc<Executor<'static>>>,
{
    type Handle = H;

    fn run<T, D, F>(threads: Threads, driver: D) -> T
    where
        T: Send + 'static,
        D: FnOnce(H) -> F,
        F: Future<Output = T> + Send + 'static,
    {
        match threads {
            Threads::Root => {
                let executor = Arc::new(Executor::new());
                future::block_on(executor.run(driver(H::from(&executor))))
            }
            Threads::One => {
                let executor = Arc::new(Executor::new());
                let driver = executor.spawn(driver(H::from(&executor)));
                future::block_on(executor.run(driver))
            }
            Threads::Two => {
                let executor = two();
                future::block_on(executor.spawn(driver(H::from(executor))))
            }
        }
    }

    fn spawn(handle: &H, task: impl Future<Output = ()> + Send + 'static) {
        handle.as_ref().spawn(task).detach();
    }
}

fn two() -> &'static Arc<Executor<'static>> {
    static EXECUTOR: OnceLock<Arc<Executor<'static>>> = OnceLock::new();
    EXECUTOR.get_or_init(|| {
        let executor = Arc::new(Executor::new());
        for core in 0..2 {
            let executor = executor.clone();
            thread::spawn(move || {
                pin::to_core(core);
                future::block_on(executor.run(future::pending::<()>()));
            });
        }
        executor
    })
}
