//! When an actor is saved, and how.

use super::{Checkpoint, CheckpointError, Checkpointed};
use crate::{
    actor::{Between, Exit},
    checkpoint::{Checkpointer, seal},
    time::{Clock, Instant, Sleep},
};
use core::{
    pin::Pin,
    task::{Context, Poll},
};
use pin_project_lite::pin_project;

pin_project! {
    /// Saves the actor of one incarnation when it is time to.
    pub(super) struct Saving<S, K, C: Clock, B> {
        checkpoint: Checkpoint<S, K, C, B>,
        last: Instant,
        // Whether the actor has run since the last save.
        changed: bool,
        // What the timer stands at; it is armed while there is something to save and nothing to do.
        armed: Instant,
        #[pin]
        timer: C::Sleep,
    }
}

impl<S, K, C: Clock, B> Saving<S, K, C, B> {
    pub(super) fn new(checkpoint: Checkpoint<S, K, C, B>) -> Self {
        let last = checkpoint.clock.now();
        let armed = Instant::FAR_FUTURE;
        let timer = checkpoint.clock.sleep_until(armed);
        Self { checkpoint, last, changed: false, armed, timer }
    }
}

impl<S: Checkpointer, K: AsRef<[u8]>, C: Clock, B: AsMut<[u8]>> Saving<S, K, C, B> {
    /// When the next save is due.
    fn due(self: Pin<&mut Self>) -> Instant {
        let this = self.project();
        this.last.saturating_add(this.checkpoint.every)
    }

    async fn save<A>(self: Pin<&mut Self>, actor: &mut A) -> Result<(), A::Error>
    where
        A: Checkpointed<Error: From<CheckpointError<S::Error>>>,
    {
        let this = self.project();
        let Checkpoint { store, key, clock, buffer, .. } = this.checkpoint;
        let value = seal(actor.state(), buffer.as_mut()).map_err(CheckpointError::Seal)?;
        store.save(key.as_ref(), value).await.map_err(CheckpointError::Save)?;
        *this.last = clock.now();
        *this.changed = false;
        actor.saved();
        Ok(())
    }
}

impl<A, S, K, C, B> Between<A> for Saving<S, K, C, B>
where
    A: Checkpointed<Error: From<CheckpointError<S::Error>>>,
    S: Checkpointer,
    K: AsRef<[u8]>,
    C: Clock,
    B: AsMut<[u8]>,
{
    async fn work(mut self: Pin<&mut Self>, actor: &mut A) -> Result<(), A::Error> {
        let this = self.as_mut().project();
        *this.changed = true;
        let now = this.checkpoint.clock.now();
        if actor.save_now() || now >= self.as_mut().due() {
            self.save(actor).await?;
        }
        Ok(())
    }

    fn poll_due(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        // Without a change there is nothing to wake up for.
        let changed = *self.as_mut().project().changed;
        let due = if changed { self.as_mut().due() } else { Instant::FAR_FUTURE };
        let mut this = self.project();
        if *this.armed != due {
            *this.armed = due;
            this.timer.as_mut().reset(due);
        }
        if due == Instant::FAR_FUTURE { Poll::Pending } else { this.timer.poll(cx) }
    }

    async fn end(self: Pin<&mut Self>, actor: &mut A, why: Exit<A::Error>) -> Exit<A::Error> {
        match why {
            Exit::Normal | Exit::Stopped => match self.save(actor).await {
                Ok(()) => why,
                Err(error) => Exit::Failed(error),
            },
            failed => failed,
        }
    }
}
