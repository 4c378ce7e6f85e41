//! One of the tasks of a map.

use super::{
    crew::{Crew, Leave, Room},
    outlet::{ItemResult, Kept, Outlet},
};
use crate::{
    panic::catch,
    sync::Arc,
    task::{JoinError, Stoppable, Task, report::first_panic},
    wait::Until,
};
use alloc::vec::Vec;
use core::{
    fmt,
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll},
};
use pin_project_lite::pin_project;

/// The task of a worker: what a map asks a [`Spawn`](crate::Spawn) to run.
pub type WorkerTask<I, F, Fut, O> = Task<Stoppable<Worker<I, F, Fut, O>>, Leave<I, F, O>>;

/// How many items that are ready at once are done in one poll, before others get their turn.
const BUDGET: usize = 128;

pin_project! {
    /// Works on one item of a map after the other.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Worker<I, F, Fut, O>
    where
        I: Iterator,
        Fut: Future,
        O: Outlet<Fut::Output>,
    {
        crew: Arc<Crew<I, F, O>>,
        #[pin]
        room: Until<Room<I, F, O, Fut::Output>>,
        // Whether there is room kept for a result that is not there yet.
        has_room: bool,
        // Whether it was parked for want of room.
        waits: bool,
        #[pin]
        running: Option<Fut>,
        index: usize,
        kept: Kept<Fut::Output>,
    }

    impl<I, F, Fut, O> PinnedDrop for Worker<I, F, Fut, O>
    where
        I: Iterator,
        Fut: Future,
        O: Outlet<Fut::Output>,
    {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if this.running.as_mut().as_pin_mut().is_some() {
                let dropped = catch(|| this.running.set(None));
                let lost = first_panic(Err(JoinError::Abandoned), dropped);
                deliver(this.crew, this.kept, *this.index, lost, false);
            } else if *this.has_room {
                this.crew.outlet.give_up_room();
                this.crew.room();
            } else if *this.waits {
                // If it was the one on its way, another has to go.
                this.crew.awake();
                this.crew.room();
            }
            this.crew.outlet.hand_in(core::mem::take(this.kept));
        }
    }
}

/// Puts a result; true if room is kept for one `more`.
#[inline]
fn deliver<I: Iterator, F, T, O: Outlet<T>>(
    crew: &Crew<I, F, O>,
    kept: &mut Kept<T>,
    index: usize,
    result: ItemResult<T>,
    more: bool,
) -> bool {
    let put = crew.outlet.put(kept, index, result, more);
    if put.is_next {
        crew.roll.consumer.wake();
    }
    put.has_room
}

impl<I, F, Fut, O> Worker<I, F, Fut, O>
where
    I: Iterator,
    Fut: Future,
    O: Outlet<Fut::Output>,
{
    pub(super) fn new(crew: Arc<Crew<I, F, O>>) -> Self {
        let room = Until::new(Room(crew.clone(), PhantomData));
        Self {
            crew,
            room,
            has_room: false,
            waits: false,
            running: None,
            index: 0,
            kept: Vec::new(),
        }
    }
}

impl<I, F, Fut, O> Future for Worker<I, F, Fut, O>
where
    I: Iterator,
    F: Fn(I::Item) -> Fut,
    Fut: Future,
    O: Outlet<Fut::Output>,
{
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        for _ in 0..BUDGET {
            if let Some(running) = this.running.as_mut().as_pin_mut() {
                let result = match catch(|| running.poll(cx)) {
                    Ok(Poll::Pending) => return Poll::Pending,
                    Ok(Poll::Ready(value)) => Ok(value),
                    Err(panic) => Err(JoinError::Panicked(panic)),
                };
                let dropped = catch(|| this.running.set(None));
                let result = first_panic(result, dropped);
                *this.has_room = deliver(this.crew, this.kept, *this.index, result, true);
            }
            if this.crew.stop.is_cancelled() {
                return Poll::Ready(());
            }
            if !*this.has_room {
                if *this.waits {
                    this.crew.awake();
                }
                *this.has_room = this.room.as_mut().poll(cx).is_ready();
                let waited = core::mem::replace(this.waits, !*this.has_room);
                if waited && this.crew.outlet.has_room() {
                    this.crew.room();
                }
                if *this.waits {
                    return Poll::Pending;
                }
            }
            let Some((index, item)) = this.crew.source.next() else { return Poll::Ready(()) };
            *this.index = index;
            match item.and_then(|item| catch(|| (this.crew.f)(item))) {
                Ok(future) => this.running.set(Some(future)),
                Err(panic) => {
                    let result = Err(JoinError::Panicked(panic));
                    *this.has_room = deliver(this.crew, this.kept, index, result, true);
                }
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl<I, F, Fut, O> fmt::Debug for Worker<I, F, Fut, O>
where
    I: Iterator,
    Fut: Future,
    O: Outlet<Fut::Output>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker").field("index", &self.index).finish_non_exhaustive()
    }
}
