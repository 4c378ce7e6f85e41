//! An executor with worker threads of its own.

use crate::{Executor, SmolClock};
use alloc::sync::Arc;
use async_executor as smol;
use core::{fmt, num::NonZeroUsize, ops::Deref};
use klaw::{CancelToken, Registry};
use std::{io, thread};

/// A multi-thread executor with worker threads of its own, and async-io's clock.
///
/// It dereferences to [`klaw::Runtime`], which has `spawn`, `spawn_actor`, `supervise`, `timeout`.
///
/// Dropping it stops the workers without waiting for them; tasks are then dropped where they
/// stand. [`shutdown`](Self::shutdown) waits for that.
///
/// # Examples
///
/// ```
/// let rt = klaw_smol::Runtime::new()?;
/// let (tx, rx) = klaw_smol::bounded(1);
/// rt.spawn(async move { tx.send(42).await.unwrap() })?;
/// assert_eq!(rt.block_on(rx.recv()), Ok(42));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Runtime {
    core: klaw::Runtime<Executor, SmolClock>,
    registry: Registry,
    executor: Arc<smol::Executor<'static>>,
    workers: Vec<thread::JoinHandle<()>>,
    stop: CancelToken,
}

/// How a [`Runtime`] is to be made.
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `build`"]
pub struct RuntimeBuilder {
    threads: Option<NonZeroUsize>,
    name: String,
}

impl Runtime {
    /// Makes a runtime with a worker thread for each core that the process may use.
    ///
    /// # Errors
    ///
    /// The operating system's error if a thread cannot be started.
    pub fn new() -> io::Result<Self> {
        Self::builder().build()
    }

    /// Makes a runtime to order.
    pub fn builder() -> RuntimeBuilder {
        RuntimeBuilder { threads: None, name: "klaw".into() }
    }

    /// Runs `future` on this thread to its end, and other tasks of the runtime while it waits.
    ///
    /// # Panics
    ///
    /// If `future` does. A panic in another task ends that task only.
    pub fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        async_io::block_on(self.executor.run(future))
    }

    /// The names of this runtime's actors; an actor has one once it was registered.
    ///
    /// # Examples
    ///
    /// ```
    /// # use klaw_smol::{Actor, Ctx, serve};
    /// # #[derive(Default)]
    /// # struct Meter;
    /// # impl Actor for Meter {
    /// #     type Msg = u16;
    /// #     type Error = &'static str;
    /// #     async fn handle(&mut self, _: u16, _: &mut Ctx<'_, u16>) -> Result<(), &'static str> {
    /// #         Ok(())
    /// #     }
    /// # }
    /// let rt = klaw_smol::Runtime::new()?;
    /// let meter = rt.spawn_actor(|me| serve(Meter::default(), me)).name("meter").start()?;
    /// rt.registry().register("meter", &meter)?;
    /// // elsewhere
    /// rt.block_on(rt.registry().get_actor::<u16>("meter")?.tell(7))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn registry(&self) -> &Registry {
        &self.registry
    }

    /// How many worker threads it has.
    pub fn threads(&self) -> usize {
        self.workers.len()
    }

    /// Stops the workers, waits for them, and drops every task that is left.
    ///
    /// It waits for polls that are under way, not for tasks: stop those first, for example by
    /// [`Tree::stop`](klaw::Tree::stop).
    ///
    /// # Panics
    ///
    /// If called from one of its own worker threads, which cannot wait for itself.
    pub fn shutdown(mut self) {
        self.stop.cancel("the runtime is shut down");
        for worker in self.workers.drain(..) {
            assert_ne!(
                worker.thread().id(),
                thread::current().id(),
                "a worker thread of the runtime cannot wait for itself to stop"
            );
            // A worker catches what tasks raise, so there is no panic to pass on.
            drop(worker.join());
        }
    }
}

impl RuntimeBuilder {
    /// How many worker threads; one for each core that the process may use unless given.
    pub const fn threads(mut self, threads: NonZeroUsize) -> Self {
        self.threads = Some(threads);
        self
    }

    /// The worker threads' name, to which their number is added; `klaw` unless given.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Makes the runtime.
    ///
    /// # Errors
    ///
    /// The operating system's error if a thread cannot be started.
    pub fn build(self) -> io::Result<Runtime> {
        let threads = match self.threads {
            Some(threads) => threads,
            None => thread::available_parallelism()?,
        };
        let executor = Arc::new(smol::Executor::new());
        let mut runtime = Runtime {
            core: klaw::Runtime::new(Executor::from(&executor), SmolClock),
            registry: Registry::new(),
            executor,
            workers: Vec::with_capacity(threads.get()),
            stop: CancelToken::new(),
        };
        for number in 0..threads.get() {
            let (executor, stop) = (runtime.executor.clone(), runtime.stop.clone());
            let worker = thread::Builder::new()
                .name(format!("{}-{number}", self.name))
                .spawn(move || work(&executor, &stop))?;
            runtime.workers.push(worker);
        }
        Ok(runtime)
    }
}

fn work(executor: &smol::Executor<'static>, stop: &CancelToken) {
    while !stop.is_cancelled() {
        // async-executor keeps a task's panic within the task; this guards against one in a waker
        // or a destructor, which must not cost the runtime a thread.
        let run = || async_io::block_on(executor.run(stop.cancelled()));
        drop(std::panic::catch_unwind(core::panic::AssertUnwindSafe(run)));
    }
}

impl Deref for Runtime {
    type Target = klaw::Runtime<Executor, SmolClock>;

    fn deref(&self) -> &Self::Target {
        &self.core
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        self.stop.cancel("the runtime was dropped");
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime").field("threads", &self.threads()).finish_non_exhaustive()
    }
}
