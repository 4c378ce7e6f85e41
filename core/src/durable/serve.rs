//! One incarnation of a checkpointed actor.

use super::{Checkpoint, CheckpointError, Checkpointed, saving::Saving};
use crate::{
    actor::{ActorRef, Exit, Serve, run_between},
    checkpoint::{Checkpointer, Persist, open},
    time::Clock,
};

/// Runs one incarnation of the actor that `actor` makes of what was saved last, and saves it.
///
/// What `actor` gets is none if nothing was saved so far. The error of the actor has to be able to hold
/// a [`CheckpointError`]. Besides that, it is like [`serve`](crate::serve); see the
/// [module](super) for when it saves, and what a crash loses.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use klaw::{Actor, ActorRef, Checkpointer, Clock, Ctx, Restart, Strategy, Supervisor};
/// use klaw::checkpoint::{Persist, PersistError, SharedStore, Writer, key_hash};
/// use klaw::durable::{Checkpoint, CheckpointError, Checkpointed, serve_checkpointed};
///
/// #[derive(Default)]
/// struct Count(u64);
///
/// impl Persist for Count {
///     const TYPE: &'static str = "count";
///     const VERSION: u32 = 1;
///     const SCHEMA: u64 = key_hash(b"u64");
///
///     fn encode(&self, out: &mut Writer<'_>) -> Result<(), PersistError> {
///         out.write(&self.0.to_le_bytes());
///         Ok(())
///     }
///
///     fn decode(version: u32, bytes: &[u8]) -> Result<Self, PersistError> {
///         match version {
///             1 => Ok(Self(u64::from_le_bytes(bytes.try_into()?))),
///             found => Err(PersistError::TooOld { found }),
///         }
///     }
/// }
///
/// struct Counter { count: Count }
///
/// #[derive(Debug)]
/// struct NotKept;
///
/// impl<E> From<CheckpointError<E>> for NotKept {
///     fn from(_: CheckpointError<E>) -> Self { Self }
/// }
///
/// impl Actor for Counter {
///     type Msg = u64;
///     type Error = NotKept;
///
///     async fn handle(&mut self, n: u64, _: &mut Ctx<'_, u64>) -> Result<(), NotKept> {
///         self.count.0 += n;
///         Ok(())
///     }
/// }
///
/// impl Checkpointed for Counter {
///     type State = Count;
///
///     fn state(&self) -> &Count {
///         &self.count
///     }
/// }
///
/// async fn count<S: Checkpointer>(store: S, clock: &impl Clock, counter: ActorRef<u64>) {
///     let checkpoint = Checkpoint::new(SharedStore::new(store), "counter", clock.clone(), [0; 64])
///         .every(Duration::from_secs(1));
///     let supervisor = Supervisor::new(Strategy::OneForOne)
///         .actor(&counter, Restart::OnFailure, |me| {
///             let restored = |saved: Option<Count>| Counter { count: saved.unwrap_or_default() };
///             serve_checkpointed(restored, me, checkpoint.clone())
///         });
///     let ended = supervisor.run(clock).await;
/// #   let _ = ended;
/// }
/// ```
///
/// # Cancel safety
///
/// Dropping it kills the incarnation: the message in hand and what has changed since the last save are
/// lost. If it is dropped while it saves, the store has the state before or the new one.
pub fn serve_checkpointed<A, S, K, C, B>(
    actor: impl FnOnce(Option<A::State>) -> A,
    me: ActorRef<A::Msg>,
    checkpoint: Checkpoint<S, K, C, B>,
) -> Serve<A::Msg, impl Future<Output = Exit<A::Error>>>
where
    A: Checkpointed<Error: From<CheckpointError<S::Error>>>,
    S: Checkpointer,
    K: AsRef<[u8]>,
    C: Clock,
    B: AsMut<[u8]>,
{
    Serve::new(incarnation(actor, me.clone(), checkpoint), me)
}

async fn incarnation<A, S, K, C, B>(
    actor: impl FnOnce(Option<A::State>) -> A,
    me: ActorRef<A::Msg>,
    mut checkpoint: Checkpoint<S, K, C, B>,
) -> Exit<A::Error>
where
    A: Checkpointed<Error: From<CheckpointError<S::Error>>>,
    S: Checkpointer,
    K: AsRef<[u8]>,
    C: Clock,
    B: AsMut<[u8]>,
{
    let saved = match load(&mut checkpoint).await {
        Ok(saved) => saved,
        Err(error) => return Exit::Failed(error.into()),
    };
    run_between(actor(saved), me, Saving::new(checkpoint)).await
}

async fn load<T: Persist, S: Checkpointer, K: AsRef<[u8]>, C, B: AsMut<[u8]>>(
    checkpoint: &mut Checkpoint<S, K, C, B>,
) -> Result<Option<T>, CheckpointError<S::Error>> {
    let Checkpoint { store, key, buffer, .. } = checkpoint;
    let bytes = store.load(key.as_ref(), buffer.as_mut()).await.map_err(CheckpointError::Load)?;
    bytes.map(open).transpose().map_err(CheckpointError::Open)
}
