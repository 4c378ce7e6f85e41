//! What the workers of one map share.

use super::{
    outlet::{ItemResult, Outlet},
    roll::{Member, Roll},
    source::Source,
    worker::{Worker, WorkerTask},
};
use crate::{
    cancel::{CancelToken, Cancelled},
    context::Context as TaskContext,
    spawn::{Spawn, SpawnErrorKind},
    sync::{Arc, Lock},
    task::{JoinError, OnExit, Priority, Stoppable, Task},
    wait::{Attempt, List},
};
use core::{
    marker::PhantomData,
    num::NonZeroUsize,
    task::{Poll, Waker},
};

pub(super) struct Crew<I, F, O> {
    pub(super) source: Source<I>,
    pub(super) f: F,
    pub(super) outlet: O,
    pub(super) stop: CancelToken,
    pub(super) roll: Arc<Roll>,
    refused: Lock<Option<SpawnErrorKind>>,
    waiting: Lock<Waiting>,
}

/// Workers that wait for room.
struct Waiting {
    list: List,
    // One at a time: a worker whose items are ready at once uses all the room there is, and others
    // would be woken for nothing.
    waking: bool,
}

impl<I: Iterator, F, O> Crew<I, F, O> {
    pub(super) fn new(items: I, f: F, outlet: O, stop: CancelToken) -> Arc<Self> {
        Arc::new(Self {
            source: Source::new(items),
            f,
            outlet,
            stop,
            roll: Roll::new(),
            refused: Lock::new(None),
            waiting: Lock::new(Waiting { list: List::new(), waking: false }),
        })
    }

    /// Remembers why a worker could not be started.
    pub(super) fn refuse(&self, kind: SpawnErrorKind) {
        self.refused.with(|refused| *refused = Some(kind));
    }

    /// Wakes a worker that waits for room, since there is some, unless one is on its way.
    pub(super) fn room(&self) {
        let waker = self.waiting.with(|waiting| {
            if waiting.waking {
                return None;
            }
            let waker = waiting.list.pop_front();
            waiting.waking = waker.is_some();
            waker
        });
        waker.into_iter().for_each(Waker::wake);
    }

    /// A worker that waited is here, or will never be. To be called before it looks for room, and
    /// followed by [`room`](Self::room) if there is more than it takes.
    pub(super) fn awake(&self) {
        self.waiting.with(|waiting| waiting.waking = false);
    }

    /// The next item that nobody is left to work on, as the result it comes to.
    pub(super) fn left_over<T>(&self) -> Option<(usize, ItemResult<T>)> {
        let (index, item) = self.source.next()?;
        let result = match item {
            Err(panic) => JoinError::Panicked(panic),
            Ok(_) => match self.refused.with(|refused| *refused) {
                Some(kind) => JoinError::Refused(kind),
                None => JoinError::Abandoned,
            },
        };
        Some((index, Err(result)))
    }

    /// Stops the workers and gives up what was not taken.
    pub(super) fn abort(&self, reason: &'static str) {
        self.stop.cancel(reason);
        self.source.end();
    }
}

/// Starts up to `width` workers, no more than there are items.
pub(super) fn start<I, F, Fut, O, S>(
    crew: &Arc<Crew<I, F, O>>,
    spawner: &S,
    width: NonZeroUsize,
    context: &TaskContext,
) where
    I: Iterator,
    F: Fn(I::Item) -> Fut,
    Fut: Future,
    O: Outlet<Fut::Output>,
    S: Spawn<WorkerTask<I, F, Fut, O>>,
{
    let most = crew.source.size_hint().1.map_or(width.get(), |most| most.min(width.get()));
    let starting = Member::join(crew); // nobody is to be the last before all were started
    for _ in 0..most {
        // The workers started so far may have done everything.
        if crew.source.is_over() {
            break;
        }
        let member = Member::join(crew);
        let worker = Stoppable::new(Worker::new(crew.clone()), &crew.stop);
        let (context, leave) = (context.for_spawn(), Leave(member));
        let (task, handle) = Task::new("map", worker, None, context, Priority::Normal, leave);
        drop(handle); // the roll knows who is there
        if let Err(refused) = spawner.spawn(task) {
            crew.refuse(refused.kind);
            break;
        }
    }
    drop(starting);
}

/// Takes a worker off the count when its task has ended.
#[allow(missing_debug_implementations, reason = "never in the hands of a user")]
pub struct Leave<I: Iterator, F, O>(Member<I, F, O>);

impl<I: Iterator, F, O> OnExit<()> for Leave<I, F, O> {
    const STOPS: bool = true;

    type Last = ();

    fn exited(self, _: &Result<(), JoinError>) {
        drop(self.0);
    }

    fn stopped(&self) -> Option<Cancelled> {
        self.0.stopped()
    }
}

/// Room for one result.
pub(super) struct Room<I, F, O, T>(
    pub(super) Arc<Crew<I, F, O>>,
    pub(super) PhantomData<fn() -> T>,
);

impl<I: Iterator, F, O: Outlet<T>, T> Attempt for Room<I, F, O, T> {
    type Output = ();

    fn attempt(&mut self) -> Poll<()> {
        if self.0.outlet.keep_room() { Poll::Ready(()) } else { Poll::Pending }
    }

    fn with_list<R>(&self, f: impl FnOnce(&mut List, bool) -> R) -> R {
        self.0.waiting.with(|waiting| f(&mut waiting.list, self.0.outlet.has_room()))
    }
}

/// A consumer's hold on its workers: dropping it stops them.
pub(super) struct Leader<I: Iterator, F, O>(pub(super) Arc<Crew<I, F, O>>);

impl<I: Iterator, F, O> Drop for Leader<I, F, O> {
    fn drop(&mut self) {
        if !self.0.roll.is_empty() {
            self.0.abort("the results of the map are not wanted any more");
        }
    }
}
