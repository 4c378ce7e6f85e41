//! One job: the closure on its way in, the result on its way out.

use super::{Inner, error::JobError, gate::Gate};
use alloc::sync::Arc;
use core::{
    fmt, mem,
    panic::AssertUnwindSafe,
    pin::Pin,
    task::{Context, Poll, Waker},
};
use event_listener::EventListener;
use klaw::{Context as Carried, Panic, SpawnErrorKind};
use std::{
    panic::catch_unwind,
    sync::{Mutex, MutexGuard, PoisonError},
    thread::Result as Caught,
};

/// A future of what a closure returns on a [`CpuPool`](super::CpuPool).
///
/// It gives [`JobError::Panicked`] if the closure panicked and [`JobError::Closed`] if the pool was
/// closed while the job waited for room.
///
/// # Cancel safety
///
/// A job that is dropped before a thread takes it is never run; its place in the queue becomes free
/// when its turn comes. Once it has started it runs on, and its result is dropped.
///
/// # Panics
///
/// If it is polled again after it gave its result.
#[must_use = "a job that is dropped before it starts is never run"]
pub struct Job<R> {
    cell: Arc<dyn Run<R>>,
    waiting: Option<Waiting>,
}

/// A job for which there was no room yet.
struct Waiting {
    pool: Arc<Inner>,
    room: Option<EventListener>,
}

/// A job as its handle and its thread see it, whatever the closure's type.
pub(super) trait Run<R>: Send + Sync {
    /// Runs the closure, unless the handle is gone.
    fn run(&self, gate: &Gate);

    /// Takes the result, or leaves the waker.
    fn poll(&self, cx: &mut Context<'_>) -> Poll<Caught<R>>;

    /// The handle is gone.
    fn abandon(&self);
}

/// What a job's handle and its thread share.
pub(super) struct Cell<F, R> {
    /// What the closure runs in, and closure and result are dropped in.
    context: Carried,
    state: Mutex<State<F, R>>,
}

enum State<F, R> {
    Queued(F, Option<Waker>),
    Running(Option<Waker>),
    Done(Caught<R>),
    /// The result was taken, or nobody wants it.
    Over,
}

/// Runs `work` and keeps its panic from the thread.
///
/// What the closure shares with others it leaves as a panic leaves it; the job's caller learns of
/// the panic, as after joining a thread.
pub(super) fn catch<R>(work: impl FnOnce() -> R) -> Caught<R> {
    catch_unwind(AssertUnwindSafe(work))
}

impl<F, R> Cell<F, R> {
    pub(super) fn new(work: F) -> Arc<Self> {
        let context = Carried::current().for_spawn();
        Arc::new(Self { context, state: Mutex::new(State::Queued(work, None)) })
    }

    /// The closure and the result are never used under this lock, so a poisoned one will do.
    fn lock(&self) -> MutexGuard<'_, State<F, R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn replace(&self, state: State<F, R>) -> State<F, R> {
        mem::replace(&mut *self.lock(), state)
    }
}

impl<F, R> Run<R> for Cell<F, R>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    fn run(&self, gate: &Gate) {
        gate.start();
        let work = {
            let mut state = self.lock();
            match mem::replace(&mut *state, State::Over) {
                State::Queued(work, waker) => {
                    *state = State::Running(waker);
                    work
                }
                _ => {
                    drop(state);
                    return gate.leave();
                }
            }
        };
        let result = self.context.enter(|| catch(work));
        gate.finish(result.is_err());
        let mut state = self.lock();
        match mem::replace(&mut *state, State::Over) {
            State::Running(waker) => {
                *state = State::Done(result);
                drop(state);
                if let Some(waker) = waker {
                    waker.wake();
                }
            }
            // The result's destructor is user code: not under the lock.
            _ => {
                drop(state);
                self.context.enter(|| drop(result));
            }
        }
    }

    fn poll(&self, cx: &mut Context<'_>) -> Poll<Caught<R>> {
        // A waker's clone and drop are foreign code: not under the lock.
        let waker = cx.waker().clone();
        let mut state = self.lock();
        let old = match &mut *state {
            State::Queued(_, place) | State::Running(place) => place.replace(waker),
            State::Done(_) => {
                let State::Done(result) = mem::replace(&mut *state, State::Over) else {
                    unreachable!("just seen under the same lock")
                };
                return Poll::Ready(result);
            }
            State::Over => panic!("a job was polled after it had given its result"),
        };
        drop(state);
        drop(old);
        Poll::Pending
    }

    fn abandon(&self) {
        // Bound to a name, so that what is dropped is dropped after the lock is free.
        let state = self.replace(State::Over);
        self.context.enter(|| drop(state));
    }
}

impl<R> Job<R> {
    pub(super) fn submitted(cell: Arc<dyn Run<R>>) -> Self {
        Self { cell, waiting: None }
    }

    pub(super) fn waiting(cell: Arc<dyn Run<R>>, pool: Arc<Inner>) -> Self {
        Self { cell, waiting: Some(Waiting { pool, room: None }) }
    }
}

impl<R: Send + 'static> Job<R> {
    /// Queues the job as soon as there is room.
    fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), JobError>> {
        while let Some(waiting) = &mut self.waiting {
            match waiting.pool.gate.enter() {
                Ok(()) => {
                    waiting.pool.submit(Arc::clone(&self.cell));
                    self.waiting = None;
                }
                Err(SpawnErrorKind::Full) => match &mut waiting.room {
                    // Listen first and look again: room may have come in between.
                    None => waiting.room = Some(waiting.pool.gate.room()),
                    Some(room) => {
                        core::task::ready!(Pin::new(room).poll(cx));
                        waiting.room = None;
                    }
                },
                Err(_) => {
                    self.waiting = None;
                    return Poll::Ready(Err(JobError::Closed));
                }
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<R: Send + 'static> Future for Job<R> {
    type Output = Result<R, JobError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        core::task::ready!(self.poll_room(cx))?;
        self.cell
            .poll(cx)
            .map(|result| result.map_err(|payload| JobError::Panicked(Panic::new(payload))))
    }
}

impl<R> Drop for Job<R> {
    fn drop(&mut self) {
        self.cell.abandon();
    }
}

impl<R> fmt::Debug for Job<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job").field("queued", &self.waiting.is_none()).finish_non_exhaustive()
    }
}
