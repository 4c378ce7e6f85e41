//! Starting an actor whose state outlives a crash.

use super::ActorBuilder;
use crate::{
    actor::{ActorRef, Exit, Serve},
    checkpoint::Checkpointer,
    durable::{Checkpoint, CheckpointError, Checkpointed, Restore, serve_checkpointed},
    supervise::{Incarnation, Incarnations},
    time::Clock,
};
use alloc::vec;
use core::{fmt, time::Duration};

impl<'a, S, C: Clock, M: 'static, F, O, D> ActorBuilder<'a, S, C, M, F, O, D> {
    /// Saves the actor to `store` under its name, every `every`, and begins with what was saved last.
    ///
    /// It is restored at every restart and at every start of the process. See
    /// [`durable`](crate::durable) for when else it is saved, and what a crash loses. A checkpoint that is
    /// damaged or newer than this release ends the incarnation before the actor is made: a failure, of which
    /// the observer hears, and never the initial state. The incarnations are those of
    /// [`restore`](crate::durable::restore); each takes a clone of `store`, a
    /// [`SharedStore`](crate::checkpoint::SharedStore) or another handle.
    ///
    /// # Panics
    ///
    /// If no [`name`](Self::name) was given before. No two actors may be saved to one store under one name.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::{fmt::Debug, time::Duration};
    /// use klaw::{Actor, ActorRef, Checkpointer, Clock, Ctx, Runtime, Spawn, SpawnErrorKind, SpawnError};
    /// use klaw::checkpoint::{Persist, PersistError, SharedStore, Writer, key_hash};
    /// use klaw::durable::{CheckpointError, Checkpointed, restore};
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
    /// # struct Dropping;
    /// # impl<F: Future<Output = ()>> Spawn<F> for Dropping {
    /// #     fn spawn(&self, _: F) -> Result<(), SpawnError<F>> { Ok(()) }
    /// # }
    /// fn start<S: Checkpointer>(
    ///     # rt: &Runtime<Dropping, impl Clock>, /*
    ///     rt: &Runtime<..>,
    ///     # */
    ///     store: SharedStore<S>,
    /// ) -> Result<ActorRef<u64>, SpawnErrorKind> {
    ///     let restored = |saved: Option<Count>| Counter { count: saved.unwrap_or_default() };
    ///     rt.spawn_actor(move |me| restore(restored, me))
    ///         .name("counter")
    ///         .checkpoint(store, Duration::from_secs(1))
    ///         .start()
    /// }
    /// ```
    #[allow(clippy::type_complexity, reason = "an alias would hide what has no name")]
    pub fn checkpoint<A, Make, St>(
        self,
        store: St,
        every: Duration,
    ) -> ActorBuilder<
        'a,
        S,
        C,
        M,
        FromCheckpoint<
            F,
            St,
            C,
            M,
            Serve<M, impl Future<Output = Exit<A::Error>> + use<A, Make, St, C, M, S, F, O, D>>,
        >,
        O,
        D,
    >
    where
        F: FnMut(ActorRef<M>) -> Restore<M, Make>,
        Make: FnOnce(Option<A::State>) -> A,
        A: Checkpointed<Msg = M, Error: From<CheckpointError<St::Error>>>,
        St: Checkpointer + Clone,
    {
        self.with_incarnations(|restored, clock| {
            let place = Place { restored, store, clock: clock.clone(), every };
            FromCheckpoint { place, next: Place::next::<A, M, Make> }
        })
    }
}

/// Makes the incarnations of a checkpointed actor; made by [`ActorBuilder::checkpoint`].
// A closure would do, but its type could not be written down: it gives a future without a name.
pub struct FromCheckpoint<F, St, C, M: 'static, I> {
    place: Place<F, St, C>,
    next: fn(&mut Place<F, St, C>, ActorRef<M>) -> I,
}

/// What is made anew, and where and when it is saved.
struct Place<F, St, C> {
    restored: F,
    store: St,
    clock: C,
    every: Duration,
}

impl<F, St: Checkpointer + Clone, C: Clock> Place<F, St, C> {
    fn next<A, M, Make>(
        &mut self,
        me: ActorRef<M>,
    ) -> Serve<M, impl Future<Output = Exit<A::Error>> + use<A, M, Make, F, St, C>>
    where
        M: 'static,
        F: FnMut(ActorRef<M>) -> Restore<M, Make>,
        Make: FnOnce(Option<A::State>) -> A,
        A: Checkpointed<Msg = M, Error: From<CheckpointError<St::Error>>>,
    {
        let (make, me, room) = (self.restored)(me).into_parts();
        let (store, clock) = (self.store.clone(), self.clock.clone());
        let checkpoint = Checkpoint::new(store, me.name(), clock, vec![0; room]).every(self.every);
        serve_checkpointed(make, me, checkpoint)
    }
}

impl<F, St, C, M, I: Incarnation<Control = ActorRef<M>>> Incarnations<M>
    for FromCheckpoint<F, St, C, M, I>
{
    type Incarnation = I;

    fn next(&mut self, me: ActorRef<M>) -> I {
        (self.next)(&mut self.place, me)
    }
}

impl<F, St, C, M, I> fmt::Debug for FromCheckpoint<F, St, C, M, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FromCheckpoint").field("every", &self.place.every).finish_non_exhaustive()
    }
}
