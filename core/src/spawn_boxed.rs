//! Spawning through one type of future, for code that is generic over the executor.

use crate::spawn::{Spawn, SpawnError};
use alloc::boxed::Box;
use core::pin::Pin;

/// Any future that may move between threads.
pub type BoxFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Any future.
pub type LocalBoxFuture = Pin<Box<dyn Future<Output = ()>>>;

/// Boxes every future for an executor that takes [`BoxFuture`].
///
/// A library cannot name the futures that its users' actors become, so it cannot ask an executor to
/// take them. It can ask for this one:
///
/// # Examples
///
/// ```
/// use klaw::{Actor, ActorRef, BoxFuture, Boxed, Clock, Ctx, Runtime, Spawn, SpawnErrorKind, serve};
///
/// struct Cache;
///
/// impl Actor for Cache {
///     type Msg = u32;
///     type Error = &'static str;
///     async fn handle(&mut self, _: u32, _: &mut Ctx<'_, u32>) -> Result<(), &'static str> {
///         Ok(())
///     }
/// }
///
/// fn start<S, C>(executor: S, clock: C) -> Result<ActorRef<u32>, SpawnErrorKind>
/// where
///     S: Spawn<BoxFuture>,
///     C: Clock<Sleep: Send> + Send + 'static,
/// {
///     let rt = Runtime::new(Boxed(executor), clock);
///     rt.spawn_actor(|me| serve(Cache, me)).name("cache").start()
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Boxed<S>(
    /// The executor.
    pub S,
);

/// Boxes every future for an executor that takes [`LocalBoxFuture`].
#[derive(Clone, Copy, Debug)]
pub struct LocalBoxed<S>(
    /// The executor.
    pub S,
);

impl<F: Future<Output = ()> + Send + 'static, S: Spawn<BoxFuture>> Spawn<F> for Boxed<S> {
    /// A refused future is not given back: it is in a box by then.
    fn spawn(&self, future: F) -> Result<(), SpawnError<F>> {
        let refused = |error: SpawnError<_>| SpawnError { kind: error.kind, refused: None };
        self.0.spawn(Box::pin(future)).map_err(refused)
    }
}

impl<F: Future<Output = ()> + 'static, S: Spawn<LocalBoxFuture>> Spawn<F> for LocalBoxed<S> {
    /// A refused future is not given back: it is in a box by then.
    fn spawn(&self, future: F) -> Result<(), SpawnError<F>> {
        let refused = |error: SpawnError<_>| SpawnError { kind: error.kind, refused: None };
        self.0.spawn(Box::pin(future)).map_err(refused)
    }
}

impl<F: Future<Output = ()>, S: Spawn<F> + ?Sized> Spawn<F> for Box<S> {
    fn spawn(&self, future: F) -> Result<(), SpawnError<F>> {
        (**self).spawn(future)
    }
}

impl<F: Future<Output = ()>, S: Spawn<F> + ?Sized> Spawn<F> for alloc::rc::Rc<S> {
    fn spawn(&self, future: F) -> Result<(), SpawnError<F>> {
        (**self).spawn(future)
    }
}

impl<F: Future<Output = ()>, S: Spawn<F> + ?Sized> Spawn<F> for crate::sync::Arc<S> {
    fn spawn(&self, future: F) -> Result<(), SpawnError<F>> {
        (**self).spawn(future)
    }
}
