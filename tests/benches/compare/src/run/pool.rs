//! Executors with threads of their own, made when first used and kept.

use super::{Task, pin};
use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

pub trait Pool: Sync {
    fn spawn(&self, task: Task);
}

impl Pool for smol::Executor<'static> {
    fn spawn(&self, task: Task) {
        smol::Executor::spawn(self, task).detach();
    }
}

impl Pool for tokio::runtime::Runtime {
    fn spawn(&self, task: Task) {
        drop(tokio::runtime::Runtime::spawn(self, task));
    }
}

pub fn smol2() -> &'static dyn Pool {
    static POOL: OnceLock<smol::Executor<'_>> = OnceLock::new();
    smol(&POOL, 2)
}

pub fn smol8() -> &'static dyn Pool {
    static POOL: OnceLock<smol::Executor<'_>> = OnceLock::new();
    smol(&POOL, 8)
}

pub fn tokio2() -> &'static dyn Pool {
    static POOL: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
    POOL.get_or_init(|| {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        let started = AtomicUsize::new(0);
        builder.on_thread_start(move || pin::to_core(started.fetch_add(1, Ordering::Relaxed)));
        builder.worker_threads(2).build().expect("threads can be made")
    })
}

/// Its threads park without a reactor: nothing here does I/O.
fn smol(
    pool: &'static OnceLock<smol::Executor<'static>>,
    threads: usize,
) -> &'static smol::Executor<'static> {
    pool.get_or_init(|| {
        for number in 0..threads {
            let builder = thread::Builder::new().name(format!("smol{threads}-{number}"));
            let run = move || {
                // More threads than cores are for the scheduler to place.
                if threads == 2 {
                    pin::to_core(number);
                }
                smol::future::block_on(pool.wait().run(smol::future::pending::<()>()));
            };
            builder.spawn(run).expect("threads can be made");
        }
        smol::Executor::new()
    })
}

/// The time of what never ends.
pub const HANGS: Duration = Duration::MAX;

/// A hundred times what a sample takes.
const PATIENCE: Duration = Duration::from_secs(5);

/// Tasks on a pool, timed from the first spawn to the end of the last.
pub struct Running {
    end: Arc<End>,
}

struct End {
    left: AtomicUsize,
    nanos: AtomicU64,
    waiting: thread::Thread,
}

impl Running {
    pub fn start(pool: &dyn Pool, tasks: Vec<Task>) -> Self {
        let end = Arc::new(End {
            left: AtomicUsize::new(tasks.len()),
            nanos: AtomicU64::new(0),
            waiting: thread::current(),
        });
        let start = Instant::now();
        for task in tasks {
            let end = end.clone();
            pool.spawn(Box::pin(async move {
                task.await;
                if end.left.fetch_sub(1, Ordering::AcqRel) == 1 {
                    let taken = start.elapsed().as_nanos() as u64;
                    end.nanos.store(taken.max(1), Ordering::Release);
                    end.waiting.unpark();
                }
            }));
        }
        Self { end }
    }

    /// Waits on the thread that started it; gives `HANGS` if that takes too long. What hangs is
    /// left alone: nobody will wake it.
    pub fn wait(self) -> Duration {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.end.nanos.load(Ordering::Acquire) {
                0 if left.is_zero() => return HANGS,
                0 => thread::park_timeout(left),
                nanos => return Duration::from_nanos(nanos),
            }
        }
    }
}
