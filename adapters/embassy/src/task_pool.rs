//! Tasks of one type, in a `static`.

use core::fmt;
use embassy_executor::{SendSpawner, Spawner, raw::TaskPool};
use klaw::{Spawn, SpawnError};

/// Room for `N` tasks that run futures of the type `F`.
///
/// Embassy's tasks are `static`, each of one type. Futures that have a name can be spawned without a
/// heap by a pool of that type, those that have none by a pool of boxes (feature `alloc`). Or write
/// a task of embassy's around them: `#[embassy_executor::task]`.
///
/// # Examples
///
/// ```no_run
/// use klaw_embassy::{Pool, Spawn};
/// use core::future::Ready;
///
/// static POOL: Pool<Ready<()>, 2> = Pool::new();
///
/// fn start(spawner: embassy_executor::Spawner) {
///     let executor = POOL.local(spawner);
///     executor.spawn(core::future::ready(())).unwrap();
/// }
/// ```
pub struct Pool<F: Future<Output = ()> + 'static, const N: usize>(TaskPool<F, N>);

/// Spawns tasks of one [`Pool`] on an executor of embassy, from any thread or interrupt.
pub struct PoolExecutor<F: Future<Output = ()> + 'static, const N: usize> {
    pool: &'static Pool<F, N>,
    spawner: SendSpawner,
}

/// Spawns tasks of one [`Pool`] on the executor of this thread; they need not be `Send`.
pub struct LocalPoolExecutor<F: Future<Output = ()> + 'static, const N: usize> {
    pool: &'static Pool<F, N>,
    spawner: Spawner,
}

impl<F: Future<Output = ()> + 'static, const N: usize> Pool<F, N> {
    /// A pool in which no task runs.
    #[must_use]
    pub const fn new() -> Self {
        Self(TaskPool::new())
    }

    /// Lets its tasks run where `spawner` belongs to.
    pub const fn on(&'static self, spawner: SendSpawner) -> PoolExecutor<F, N> {
        PoolExecutor { pool: self, spawner }
    }

    /// Lets its tasks run where `spawner` belongs to, which is this thread.
    pub const fn local(&'static self, spawner: Spawner) -> LocalPoolExecutor<F, N> {
        LocalPoolExecutor { pool: self, spawner }
    }
}

/// Puts `future` into a free task of the pool, or gives it back as an error.
macro_rules! spawn_in {
    ($pool:expr, $spawner:expr, $future:expr) => {{
        let mut place = Some($future);
        // Called at once, and only if there is a free task.
        let spawned = match $pool.0.spawn(|| place.take().expect("a task is made once")) {
            Ok(token) => {
                $spawner.spawn(token);
                true
            }
            Err(embassy_executor::SpawnError::Busy) => false,
        };
        if spawned { Ok(()) } else { Err(SpawnError::full(place)) }
    }};
}

impl<F: Future<Output = ()> + Send + 'static, const N: usize> Spawn<F> for PoolExecutor<F, N> {
    fn spawn(&self, future: F) -> Result<(), SpawnError<F>> {
        spawn_in!(self.pool, self.spawner, future)
    }
}

impl<F: Future<Output = ()> + 'static, const N: usize> Spawn<F> for LocalPoolExecutor<F, N> {
    fn spawn(&self, future: F) -> Result<(), SpawnError<F>> {
        spawn_in!(self.pool, self.spawner, future)
    }
}

impl<F: Future<Output = ()> + 'static, const N: usize> Clone for PoolExecutor<F, N> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F: Future<Output = ()> + 'static, const N: usize> Copy for PoolExecutor<F, N> {}

impl<F: Future<Output = ()> + 'static, const N: usize> Clone for LocalPoolExecutor<F, N> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F: Future<Output = ()> + 'static, const N: usize> Copy for LocalPoolExecutor<F, N> {}

impl<F: Future<Output = ()> + 'static, const N: usize> Default for Pool<F, N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<F: Future<Output = ()> + 'static, const N: usize> fmt::Debug for Pool<F, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("tasks", &N).finish_non_exhaustive()
    }
}

impl<F: Future<Output = ()> + 'static, const N: usize> fmt::Debug for PoolExecutor<F, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PoolExecutor").field("pool", self.pool).finish_non_exhaustive()
    }
}

impl<F: Future<Output = ()> + 'static, const N: usize> fmt::Debug for LocalPoolExecutor<F, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalPoolExecutor").field("pool", self.pool).finish_non_exhaustive()
    }
}
