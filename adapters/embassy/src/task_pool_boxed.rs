//! Pools for futures that have no name.

use crate::Pool;
use klaw::{BoxFuture, LocalBoxFuture};

/// Room for `N` tasks that run any future that is `Send`; spawn them by [`Boxed`](klaw::Boxed).
pub type BoxPool<const N: usize> = Pool<BoxFuture, N>;

/// Room for `N` tasks that run any future; spawn them by [`LocalBoxed`](klaw::LocalBoxed).
///
/// # Examples
///
/// ```no_run
/// use klaw_embassy::{EmbassyClock, LocalBoxPool, LocalBoxed, Pool, Runtime};
///
/// static POOL: LocalBoxPool<8> = Pool::new();
///
/// fn start(spawner: embassy_executor::Spawner) {
///     let rt = Runtime::new(LocalBoxed(POOL.local(spawner)), EmbassyClock);
///     let task = rt.submit(async { 6 * 7 }).unwrap();
///     rt.spawn(async move { assert_eq!(task.await.unwrap(), 42) }).unwrap();
/// }
/// ```
pub type LocalBoxPool<const N: usize> = Pool<LocalBoxFuture, N>;
