//! Where tasks run.

pub mod hand;
pub mod pin;
mod pool;

pub use pool::{HANGS, Pool, Running, smol2};

use crate::{cells::Threads, clock};
use std::{pin::Pin, time::Duration};

/// A task that may move between threads. Boxed once, so that cells are compiled once for all
/// executors; polling through the box costs every peer the same.
pub type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A task that stays on its thread.
pub type LocalTask = Pin<Box<dyn Future<Output = ()>>>;

pub enum Tasks {
    Shared(Vec<Task>),
    Local(Vec<LocalTask>),
}

impl Tasks {
    pub fn into_local(self) -> Vec<LocalTask> {
        match self {
            Self::Shared(tasks) => tasks.into_iter().map(|task| task as LocalTask).collect(),
            Self::Local(tasks) => tasks,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// smol's `LocalExecutor` on the calling thread, by its processor time.
    Local,
    /// smol's `Executor` on two threads, by the wall clock.
    Smol2,
    /// tokio with two workers, by the wall clock.
    Tokio2,
    /// smol's `Executor` on eight threads, by the wall clock.
    Smol8,
}

impl Place {
    /// Where bounded queues are compared.
    pub const USUAL: [Self; 3] = [Self::Local, Self::Smol2, Self::Tokio2];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Smol2 => "smol2",
            Self::Tokio2 => "tokio2",
            Self::Smol8 => "smol8",
        }
    }

    pub const fn threads(self) -> Threads {
        match self {
            Self::Local => Threads::One,
            Self::Smol2 | Self::Tokio2 => Threads::Two,
            Self::Smol8 => Threads::Many,
        }
    }

    pub const fn is_local(self) -> bool {
        matches!(self, Self::Local)
    }

    /// Runs all tasks to their end.
    pub fn run(self, tasks: Tasks) -> Duration {
        let pool = match self {
            Self::Local => return local(tasks.into_local()),
            Self::Smol2 => pool::smol2(),
            Self::Tokio2 => pool::tokio2(),
            Self::Smol8 => pool::smol8(),
        };
        let Tasks::Shared(tasks) = tasks else { panic!("these tasks stay on one thread") };
        Running::start(pool, tasks).wait()
    }
}

fn local(tasks: Vec<LocalTask>) -> Duration {
    let executor = smol::LocalExecutor::new();
    let start = clock::thread();
    let handles: Vec<_> = tasks.into_iter().map(|task| executor.spawn(task)).collect();
    smol::future::block_on(executor.run(async {
        for handle in handles {
            handle.await;
        }
    }));
    clock::thread() - start
}
